// SPDX-License-Identifier: Apache-2.0

import type { Caller } from "./caller.js";
import { Problem } from "./problem.js";

/** Whether all of these doors, of which there is one at least, are the caller's. */
export function mayOn({ doors }: Pick<Caller, "doors">, wanted: Iterable<string>): boolean {
	if (doors === undefined) return true;
	let some = false;
	for (const door of wanted) {
		if (!doors.has(door)) return false;
		some = true;
	}
	return some;
}

/** Throws `Problem` where one of these doors is not the caller's. */
export function checkDoors(caller: Pick<Caller, "doors">, wanted: Iterable<string>): void {
	if (!mayOn(caller, wanted))
		throw new Problem(403, "other-doors", "this is about doors that are not yours to manage");
}
