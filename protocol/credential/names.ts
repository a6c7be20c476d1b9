// SPDX-License-Identifier: Apache-2.0

/**
 * Identifiers of a site and of a door, as credentials, plans and configurations have them. With at most 8 characters
 * message_2 and message_3 of EDHOC fit into one short APDU.
 */

const SITE_ID = "^[!-~]{1,8}$";
/** Also for JSON schemas. No leading `+`: that is for roles, as `SERVICE_SUBJECT`. */
export const DOOR_ID = "^[A-Za-z0-9][A-Za-z0-9._-]{0,7}$";

/** Subject of the credential that a site gives an installer's key. No door has it. */
export const SERVICE_SUBJECT = "+service";

export function isSiteId(value: unknown): value is string {
	return typeof value === "string" && new RegExp(SITE_ID).test(value);
}

export function isDoorId(value: unknown): value is string {
	return typeof value === "string" && new RegExp(DOOR_ID).test(value);
}
