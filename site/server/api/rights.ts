// SPDX-License-Identifier: Apache-2.0

import type { PlanDocument, UserEntry } from "../../lib/plan/document.js";
import type { Caller } from "./caller.js";
import { Problem } from "./problem.js";

/**
 * What a route is about, so that a manager is kept to the doors that are this person's:
 * - `site`: neither doors nor people;
 * - `door`: the door in its path;
 * - `user`: the person in its path (`id`), and all doors that are the person's;
 * - `own`: its handler looks at the caller's doors by itself.
 *
 * A route that does not say it is none of a manager's.
 */
export type Scope = "site" | "door" | "user" | "own";

type Doors = Pick<Caller, "doors">;

/** Whether all of these doors, of which there is one at least, are the caller's. */
export function mayOn({ doors }: Doors, wanted: Iterable<string>): boolean {
	if (doors === undefined) return true;
	let some = false;
	for (const door of wanted) {
		if (!doors.has(door)) return false;
		some = true;
	}
	return some;
}

/** Whether a person is the caller's to see and to change: all of the person's doors are. A rule for every door is for those to come, too. */
export function mayOnUser(
	caller: Doors,
	{ accessPlans: plans }: Pick<PlanDocument, "accessPlans">,
	{ accessPlans }: Pick<UserEntry, "accessPlans">,
): boolean {
	if (caller.doors === undefined) return true;
	const rules = accessPlans.flatMap((name) => (Object.hasOwn(plans, name) ? plans[name]! : []));
	return (
		rules.every(({ doors }) => doors !== undefined) &&
		mayOn(
			caller,
			rules.flatMap(({ doors }) => doors ?? []),
		)
	);
}

/** What a caller sees of the plan file: a manager's doors, the access plans and people that are all theirs, and every schedule. */
export function planFor(caller: Doors, document: PlanDocument): PlanDocument {
	const { doors: own } = caller;
	if (own === undefined) return document;
	const { accessPlans, doors, users } = document;
	const entries = Object.entries(accessPlans).filter(([name]) =>
		mayOnUser(caller, document, { accessPlans: [name] }),
	);
	return {
		...document,
		accessPlans: Object.fromEntries(entries),
		doors: Object.fromEntries(Object.entries(doors).filter(([id]) => own.has(id))),
		users: users.filter((user) => mayOnUser(caller, document, user)),
	};
}

/** Throws `Problem` where one of these doors is not the caller's. */
export function checkDoors(caller: Doors, wanted: Iterable<string>): void {
	if (!mayOn(caller, wanted)) throw otherDoors();
}

/** Throws `Problem` where this person, as it is or would be, has a door that is not the caller's, or none. */
export function checkUser(caller: Doors, document: PlanDocument, user: Pick<UserEntry, "accessPlans">): void {
	if (!mayOnUser(caller, document, user)) throw otherDoors();
}

export function otherDoors(): Problem {
	return new Problem(403, "other-doors", "this is about doors that are not yours to manage");
}
