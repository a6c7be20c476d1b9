// SPDX-License-Identifier: Apache-2.0

/** The GATT service of a Lintel reader: what phones look for and talk to. */

export const SERVICE_UUID = "6c696e74-656c-4001-a000-646f6f720001";
/** Write, with or without response: frames from the phone. */
export const UUID_FROM_PHONE = "6c696e74-656c-4001-a000-646f6f720002";
/** Notify: frames to the phone. */
export const UUID_TO_PHONE = "6c696e74-656c-4001-a000-646f6f720003";
/** Read: version of the transaction and the site's intent flags. */
export const UUID_VERSION = "6c696e74-656c-4001-a000-646f6f720004";

/**
 * Advertising data (Core 5.4 Vol 3 Part C 11; Supplement Part A 1): flags "general discoverable, no BR/EDR", complete
 * list of 128-bit service UUIDs. In the advertisement itself: an iOS app in the background scans for nothing else.
 */
export function advertisement(uuid = SERVICE_UUID): Uint8Array {
	const bytes = new Uint8Array(21);
	bytes.set([0x02, 0x01, 0x06, 0x11, 0x07]);
	const digits = uuid.split("-").join("");
	// On the air a UUID is little-endian.
	for (let i = 0; i < 16; i++) bytes[5 + i] = Number.parseInt(digits.slice(30 - 2 * i, 32 - 2 * i), 16);
	return bytes;
}
