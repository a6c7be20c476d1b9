// SPDX-License-Identifier: Apache-2.0

import type { Scene } from "./scene.js";

/** Who does it; the page has a place for each. */
export type Group = "phone" | "door" | "site" | "break" | "time";

interface Named {
	readonly name: string;
	/** Label of its control. */
	readonly title: string;
}

/** One value of an act: one of several words, a whole number within bounds, or a text. */
export type Parameter = Named &
	(
		| {
				readonly choices: readonly string[];
				/** How a control shows each, where the word alone does not say it. */
				readonly words?: readonly string[];
				readonly default: string;
		  }
		| { readonly min: number; readonly max: number; readonly unit: string; readonly default: number }
		| { readonly maxLength: number; readonly default: string }
	);

export type Value = string | number;
export type Values = Readonly<Record<string, Value>>;

/** A key that does an act with certain values. */
export interface Shortcut {
	readonly key: string;
	readonly title: string;
	readonly values?: Values;
}

/** One thing that can be done to the world. */
export interface Act {
	/** Lower-case letters, digits and hyphens; unique in `ACTS`. */
	readonly name: string;
	readonly group: Group;
	/** Label of its control. */
	readonly title: string;
	/** In the order in which a script has their values. */
	readonly parameters: readonly Parameter[];
	readonly keys?: readonly Shortcut[];
	/** Does it now; gives what to say of it. Has all values, checked. */
	readonly perform: (scene: Scene, values: Values) => string;
}

/** An act or script that is refused, with what would be right. */
export class ScriptError extends Error {
	override readonly name = "ScriptError";
}

/** All values of an act, checked, with its defaults for what is absent. */
export function checkValues({ name, parameters }: Act, given: Values): Values {
	const unknown = Object.keys(given).find((key) => !parameters.some((parameter) => parameter.name === key));
	if (unknown !== undefined) throw new ScriptError(`${name} takes no ${unknown}`);
	return Object.fromEntries(
		parameters.map((parameter) => {
			const value = given[parameter.name] ?? parameter.default;
			const wanted = unfit(parameter, value);
			if (wanted !== undefined) throw new ScriptError(`${parameter.name} of ${name} must be ${wanted}`);
			return [parameter.name, value];
		}),
	);
}

/** What a value has to be, where it is not. */
function unfit(parameter: Parameter, value: Value): string | undefined {
	if ("choices" in parameter)
		return parameter.choices.includes(value as string) ? undefined : `one of ${parameter.choices.join(", ")}`;
	if ("min" in parameter) {
		const fits =
			typeof value === "number" &&
			Number.isInteger(value) &&
			value >= parameter.min &&
			value <= parameter.max;
		return fits ? undefined : `a whole number from ${parameter.min} to ${parameter.max}`;
	}
	const fits = typeof value === "string" && value.length <= parameter.maxLength;
	return fits ? undefined : `text of at most ${parameter.maxLength} characters`;
}
