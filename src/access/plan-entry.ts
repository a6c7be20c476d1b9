// SPDX-License-Identifier: Apache-2.0

/** What a lookup found: one object, used again and again. */
export interface PlanEntry {
	/** `damaged`: the page where it would be does not pass its check. */
	kind: "absent" | "listed" | "revoked" | "other-door" | "damaged";
	/** Number of the access plan. */
	access: number;
	/** FLAG bits. */
	flags: number;
	/** Periods of 5 minutes since 2020; 0 no beginning. */
	from: number;
	/** Likewise; NO_END no end. */
	until: number;
}

export function emptyEntry(): PlanEntry {
	return { kind: "absent", access: 0, flags: 0, from: 0, until: 0 };
}
