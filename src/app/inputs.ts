// SPDX-License-Identifier: Apache-2.0

import { Contact } from "../../drivers/input/debounce.js";
import { SupervisedContact } from "../../drivers/input/supervised.js";
import type { InputUse } from "../../hal/contracts/platform.js";
import type { Clock } from "../../hal/contracts/time.js";
import type { ConfigProblem } from "../../protocol/config/document.js";
import type { DoorConfig, InputWiring } from "../../protocol/config/door.js";
import type { DoorInput } from "../../protocol/events.js";
import type { DoorController, DoorLevels } from "../door/controller.js";

/** Which setting says how each input is wired. */
const WIRED = Object.freeze([
	Object.freeze(["doorPosition", "position"] as const),
	Object.freeze(["rex", "requestToExit"] as const),
	Object.freeze(["tamper", "tamper"] as const),
	Object.freeze(["fire", "fireInput"] as const),
	Object.freeze(["lockdown", "lockdownInput"] as const),
]);

/** A contact, dry or supervised, as it is now. */
export interface Input {
	readonly active: boolean;
	/** The line has a fault, so that `active` is not known. */
	readonly faulty?: boolean;
	/** Of a supervised line: its voltage now, thousandths of the supply. */
	readonly level?: number;
	close(): void;
}

/** The inputs that are wired at this door and that the platform has. */
export type Inputs = Partial<Record<DoorInput, Input>>;

/** The pins that a platform has for inputs. */
export type InputUses = Partial<Record<DoorInput, InputUse>>;

function isSupervised(wiring: InputWiring): boolean {
	return wiring.startsWith("supervised-");
}

/** Whether the reader can measure or read what is wired so. */
function has(use: InputUse | undefined, wiring: InputWiring): boolean {
	if (wiring === "none") return true;
	return (isSupervised(wiring) ? use?.analog : use?.digital) !== undefined;
}

/**
 * Connects the contacts of a door as its configuration says they are wired. `absent`: what the configuration names and the platform
 * lacks; the door has to tell it as a fault, since a door without its switch looks like a closed one.
 */
export function connectInputs(
	config: DoorConfig,
	uses: InputUses,
	clock: Clock,
	door: () => DoorController,
): { readonly inputs: Inputs; readonly absent: readonly DoorInput[] } {
	const inputs: Inputs = {};
	const absent: DoorInput[] = [];
	for (const [name, setting] of WIRED) {
		const wiring = config[setting];
		if (wiring === "none") continue;
		if (!has(uses[name], wiring)) {
			absent.push(name);
			continue;
		}
		const { digital, analog, ...pin } = uses[name]!;
		const normally = wiring.endsWith("normally-closed") ? "closed" : "open";
		const onChange = (active: boolean): void => door().input(name, active);
		if (isSupervised(wiring)) {
			const onFault = (fault: "none" | "short" | "cut" | "foreign"): void => door().inputFault(name, fault);
			inputs[name] = new SupervisedContact({ ...pin, io: analog!, clock, normally, onChange, onFault });
		} else inputs[name] = new Contact({ ...pin, io: digital!, clock, normally, onChange });
	}
	return { inputs, absent };
}

/** The settings of a door that name inputs which the platform lacks. */
export function inputProblems(config: DoorConfig, uses: InputUses): ConfigProblem[] {
	const problems: ConfigProblem[] = [];
	for (const [name, setting] of WIRED) {
		const wiring = config[setting];
		if (has(uses[name], wiring)) continue;
		const dry = wiring.slice("supervised-".length) as InputWiring;
		const message =
			isSupervised(wiring) && has(uses[name], dry)
				? `this reader cannot measure that line: wire a dry contact and set ${dry}`
				: "this reader has no such input: set none";
		problems.push({ field: `door.${setting}`, reason: "not-on-this-reader", message });
	}
	return problems;
}

/** What the inputs say at start. */
export function levelsOf({ doorPosition, rex, tamper, fire, lockdown }: Inputs): DoorLevels {
	return {
		doorPosition: doorPosition?.active ?? false,
		rex: rex?.active ?? false,
		tamper: levelOf(tamper),
		fire: levelOf(fire),
		lockdown: levelOf(lockdown),
	};
}

function levelOf(input: Input | undefined): boolean | "unknown" {
	if (input?.faulty === true) return "unknown";
	return input?.active ?? false;
}
