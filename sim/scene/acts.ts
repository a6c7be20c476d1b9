// SPDX-License-Identifier: Apache-2.0

import { type Act, ScriptError } from "./act.js";
import { BREAK_ACTS } from "./acts/break.js";
import { DOOR_ACTS } from "./acts/door.js";
import { PHONE_ACTS } from "./acts/phones.js";
import { SITE_ACTS } from "./acts/site.js";
import { TIME_ACTS } from "./acts/time.js";

/** Everything that can be done in a scene: the page's controls, the terminal's keys, scripts, docs and specs go through it. */
export const ACTS: readonly Act[] = [...PHONE_ACTS, ...DOOR_ACTS, ...SITE_ACTS, ...BREAK_ACTS, ...TIME_ACTS];

export function actOf(name: string): Act {
	const act = ACTS.find((one) => one.name === name);
	if (act === undefined) throw new ScriptError(`there is no act ${name.slice(0, 40)}`);
	return act;
}
