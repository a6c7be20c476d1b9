// SPDX-License-Identifier: Apache-2.0

/** Roles of people and of tokens, each with all that those before it may do. */
export const ROLES = Object.freeze([
	/** How the server and its doors are; no people, no log. Of tokens alone. */
	"monitor",
	/** Reads all but keys: people, plans, the log. */
	"viewer",
	/** Changes people and commands doors, both where all doors are this person's. Of people alone. */
	"manager",
	/** Changes people, plans and doors; commands doors. */
	"administrator",
	/** All: administrators, tokens, the site itself. */
	"owner",
] as const);
export type Role = (typeof ROLES)[number];

/** The roles of people. */
export const PERSON_ROLES = Object.freeze(["viewer", "manager", "administrator", "owner"] as const);
export type PersonRole = (typeof PERSON_ROLES)[number];

export function mayAct(role: Role, needed: Role): boolean {
	return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

export function isRole(text: string): text is Role {
	return (ROLES as readonly string[]).includes(text);
}
