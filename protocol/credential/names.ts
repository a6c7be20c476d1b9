// SPDX-License-Identifier: Apache-2.0

/**
 * Identifiers of a site and of a door, as credentials, plans and configurations have them. With at most 8 characters
 * message_2 and message_3 of EDHOC fit into one short APDU.
 */

const SITE_ID = "^[!-~]{1,8}$";
/** Also for JSON schemas. No leading `+`: that is for roles, which a subject may also name. */
export const DOOR_ID = "^[A-Za-z0-9][A-Za-z0-9._-]{0,7}$";

export function isSiteId(value: unknown): value is string {
	return typeof value === "string" && new RegExp(SITE_ID).test(value);
}

export function isDoorId(value: unknown): value is string {
	return typeof value === "string" && new RegExp(DOOR_ID).test(value);
}

/** A site or door in 8 bytes: 1 to 8 printable ASCII characters, padded with NUL. `undefined` for others. */
export function readName(bytes: Uint8Array, at: number): string | undefined {
	let name = "";
	let end = false;
	for (let i = at; i < at + 8; i++) {
		const c = bytes[i]!;
		if (c === 0) end = true;
		else if (end || c < 0x21 || c > 0x7e) return undefined;
		else name += String.fromCharCode(c);
	}
	return name === "" ? undefined : name;
}

/** Whether the 8 bytes at `at` are this name, padded with NUL. */
export function isName(bytes: Uint8Array, at: number, name: string): boolean {
	for (let i = 0; i < 8; i++) if (bytes[at + i] !== (i < name.length ? name.charCodeAt(i) : 0)) return false;
	return name.length <= 8;
}
