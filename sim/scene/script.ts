// SPDX-License-Identifier: Apache-2.0

/** A script as the text of a link: `seed=1&do=0.tap.valid.nfc~3000.pull`. Hostile text is refused with a reason. */
import { checkValues, type Parameter, ScriptError, type Value, type Values } from "./act.js";
import { actOf } from "./acts.js";

/** How the reader is built; the first choice is what is there unless told otherwise. */
export const SETUP = {
	lock: ["strike", "magnet"],
	bus: ["spi", "i2c", "hsu"],
	suite: ["4", "2", "5", "0"],
	bluetooth: ["near-or-tap", "near", "tap", "near-and-tap", "off"],
} as const;
export type Setup = { readonly [K in keyof typeof SETUP]?: (typeof SETUP)[K][number] };

export interface Step {
	/** Milliseconds of the scene. */
	readonly at: number;
	readonly act: string;
	readonly values: Values;
}

export interface Script {
	readonly seed: number;
	/** The calendar when the scene begins, seconds since 1970; of `EPOCH` in `sim/site.ts` where absent. */
	readonly starts?: number;
	readonly setup?: Setup;
	/** In their order. */
	readonly steps: readonly Step[];
}

const MAX_TEXT = 16_384;
const MAX_STEPS = 500;
/** A day. */
const MAX_AT = 86_400_000;
const MAX_SEED = 999_999_999;
/** 2020 and 2100: what wall clocks of readers can be. */
const STARTS = { min: 1_577_836_800, max: 4_102_444_800 } as const;

export function formatScript({ seed, starts, setup = {}, steps }: Script): string {
	const parts = [`seed=${seed}`];
	if (starts !== undefined) parts.push(`starts=${starts}`);
	for (const [name, choices] of Object.entries(SETUP)) {
		const choice = setup[name as keyof Setup];
		if (choice !== undefined && choice !== choices[0]) parts.push(`${name}=${choice}`);
	}
	if (steps.length > 0) parts.push(`do=${steps.map(formatStep).join("~")}`);
	return parts.join("&");
}

/** Throws `ScriptError` with what is wrong. */
export function parseScript(text: string): Script {
	if (text.length > MAX_TEXT) throw new ScriptError(`the script is longer than ${MAX_TEXT} characters`);
	let seed = 1;
	let starts: number | undefined;
	let steps: readonly Step[] = [];
	const setup: Record<string, string> = {};
	for (const part of text.split("&").filter((one) => one !== "")) {
		const at = part.indexOf("=");
		const name = at < 0 ? part : part.slice(0, at);
		const value = at < 0 ? "" : part.slice(at + 1);
		if (name === "seed") seed = whole("seed", value, 0, MAX_SEED);
		else if (name === "starts") starts = whole("starts", value, STARTS.min, STARTS.max);
		else if (name === "do") steps = parseSteps(value);
		else if (Object.hasOwn(SETUP, name)) setup[name] = choice(name as keyof Setup, value);
		else throw new ScriptError(`a script has no ${name.slice(0, 40)}`);
	}
	return {
		seed,
		...(starts !== undefined && { starts }),
		...(Object.keys(setup).length > 0 && { setup: setup as Setup }),
		steps,
	};
}

/** Trailing values that are the defaults are left out. */
function formatStep({ at, act, values }: Step): string {
	const { parameters } = actOf(act);
	const given = parameters.map((parameter) => values[parameter.name] ?? parameter.default);
	while (given.length > 0 && given.at(-1) === parameters[given.length - 1]!.default) given.pop();
	return [String(at), act, ...given.map(formatValue)].join(".");
}

function parseSteps(text: string): Step[] {
	const parts = text === "" ? [] : text.split("~");
	if (parts.length > MAX_STEPS) throw new ScriptError(`the script has more than ${MAX_STEPS} steps`);
	let before = 0;
	return parts.map((part) => {
		const [when = "", name = "", ...given] = part.split(".");
		const at = whole("the instant of a step", when, 0, MAX_AT);
		if (at < before) throw new ScriptError(`the step at ${at} ms comes after one at ${before} ms`);
		before = at;
		const act = actOf(name);
		if (given.length > act.parameters.length)
			throw new ScriptError(`${name} takes ${act.parameters.length} values`);
		const values = given.map((value, i) => [act.parameters[i]!.name, readValue(act.parameters[i]!, value)]);
		return { at, act: name, values: checkValues(act, Object.fromEntries(values) as Values) };
	});
}

function readValue(parameter: Parameter, text: string): Value {
	if ("min" in parameter) return whole(parameter.name, text, parameter.min, parameter.max);
	try {
		return decodeURIComponent(text);
	} catch {
		throw new ScriptError(`${parameter.name} is not percent-encoded UTF-8`);
	}
}

/** Percent-encoded, with what separates values and steps. */
function formatValue(value: Value): string {
	return encodeURIComponent(value).replace(/[.~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function whole(name: string, text: string, min: number, max: number): number {
	const value = Number(text);
	if (!/^\d{1,10}$/.test(text) || value < min || value > max)
		throw new ScriptError(`${name} must be a whole number from ${min} to ${max}`);
	return value;
}

function choice(name: keyof Setup, text: string): string {
	const choices: readonly string[] = SETUP[name];
	if (!choices.includes(text)) throw new ScriptError(`${name} must be one of ${choices.join(", ")}`);
	return text;
}
