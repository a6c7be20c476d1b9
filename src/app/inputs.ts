// SPDX-License-Identifier: Apache-2.0

import { Contact } from "../../drivers/input/debounce.js";
import { SupervisedContact } from "../../drivers/input/supervised.js";
import type { InputUse } from "../../hal/contracts/platform.js";
import type { Clock } from "../../hal/contracts/time.js";
import type { DoorConfig, InputWiring } from "../../protocol/config/door.js";
import type { DoorInput } from "../../protocol/events.js";
import type { DoorController, DoorLevels } from "../door/controller.js";

/** Which setting says how each input is wired. */
const WIRED: readonly (readonly [DoorInput, (config: DoorConfig) => InputWiring])[] = Object.freeze([
	Object.freeze(["doorPosition", (config: DoorConfig) => config.position] as const),
	Object.freeze(["rex", (config: DoorConfig) => config.requestToExit] as const),
	Object.freeze(["tamper", (config: DoorConfig) => config.tamper] as const),
	Object.freeze(["fire", (config: DoorConfig) => config.fireInput] as const),
	Object.freeze(["lockdown", (config: DoorConfig) => config.lockdownInput] as const),
]);

/** A contact, dry or supervised, as it is now. */
export interface Input {
	readonly active: boolean;
	close(): void;
}

/** The inputs that are wired at this door and that the platform has. */
export type Inputs = Partial<Record<DoorInput, Input>>;

/**
 * Connects the contacts of a door as its configuration says they are wired. What is configured and not there is told:
 * a door without its switch must not look like a closed one.
 */
export function connectInputs(
	config: DoorConfig,
	uses: Partial<Record<DoorInput, InputUse>>,
	clock: Clock,
	door: () => DoorController,
	missing: (input: DoorInput) => void,
): Inputs {
	const inputs: Inputs = {};
	for (const [name, wiringOf] of WIRED) {
		const wiring = wiringOf(config);
		if (wiring === "none") continue;
		const use = uses[name];
		const supervised = wiring.startsWith("supervised-");
		const normally = wiring.endsWith("normally-closed") ? "closed" : "open";
		const onChange = (active: boolean): void => door().input(name, active);
		if (supervised && use?.analog) {
			const onFault = (fault: "none" | "short" | "cut" | "foreign"): void => door().inputFault(name, fault);
			inputs[name] = new SupervisedContact({ ...use.analog, clock, normally, onChange, onFault });
		} else if (!supervised && use?.digital) {
			inputs[name] = new Contact({ ...use.digital, clock, normally, onChange });
		} else missing(name);
	}
	return inputs;
}

/** What the inputs say at start. */
export function levelsOf(inputs: Inputs): DoorLevels {
	return {
		doorPosition: inputs.doorPosition?.active ?? false,
		rex: inputs.rex?.active ?? false,
		tamper: inputs.tamper?.active ?? false,
		fire: inputs.fire?.active ?? false,
		lockdown: inputs.lockdown?.active ?? false,
	};
}
