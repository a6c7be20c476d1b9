// SPDX-License-Identifier: Apache-2.0

/** The configuration of a door. */
import { utf8Encode } from "../../../protocol/bytes.js";
import { checkDoorConfig, DEFAULT_DOOR } from "../../../protocol/config/door.js";
import { type FuzzTarget, latin1, never, target } from "../target.js";

export const CONFIG_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target("door-config", [utf8Encode(JSON.stringify(DEFAULT_DOOR))], never, (input) => {
		let value: unknown;
		try {
			value = JSON.parse(latin1(input));
		} catch {
			value = latin1(input);
		}
		checkDoorConfig(value);
	}),
]);
