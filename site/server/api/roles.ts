// SPDX-License-Identifier: Apache-2.0

/**
 * Roles of tokens, each with all that those before it may do. What permits (to open, to end a lockdown) is the owner's alone, and no
 * token that the API makes is the owner's: a token in a script or in another program never opens a door.
 */
export const TOKEN_ROLES = Object.freeze([
	/** How the server and its doors are; no people, no log. */
	"monitor",
	/** Reads all but keys: people, plans, the log. */
	"viewer",
	/** Changes people and plans; commands what forbids or is harmless. */
	"administrator",
	/** The token of the first start, or of `lintel site token`. */
	"owner",
] as const);
export type TokenRole = (typeof TOKEN_ROLES)[number];

export function mayAct(role: TokenRole, needed: TokenRole): boolean {
	return TOKEN_ROLES.indexOf(role) >= TOKEN_ROLES.indexOf(needed);
}

export function isTokenRole(text: string): text is TokenRole {
	return (TOKEN_ROLES as readonly string[]).includes(text);
}
