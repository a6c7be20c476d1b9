/** Crypto over the firmware's bus (sim/engine/wire.ts): where a device has C beside the engine's memory, this has the world. */

import { concat } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";

/** Calls of the bus, above its own: (index in `OPERATIONS`, the number that some end with); arguments packed. */
export const CRYPTO = 128;
/** Answer: number of the hash. */
export const HASH_BEGIN = 129;
/** (hash); data. */
export const HASH_UPDATE = 130;
/** (hash). */
export const HASH_END = 131;
/** `undefined`, where bytes would be. */
export const NOTHING = -1;

export type Operation = Exclude<keyof Crypto, "name" | "hash" | "xor" | "wipe">;

export const OPERATIONS: readonly Operation[] = Object.freeze([
	"sha256",
	"hmacSha256",
	"hkdfExpand",
	"ed25519KeyPair",
	"ed25519Sign",
	"ed25519Verify",
	"x25519KeyPair",
	"x25519",
	"p256KeyPair",
	"p256SharedSecret",
	"p256Sign",
	"p256Verify",
	"aesCcmSeal",
	"aesCcmOpen",
	"chacha20Poly1305Seal",
	"chacha20Poly1305Open",
	"equal",
] as const);

/** Each argument behind its length (2 bytes, big-endian). */
export function pack(parts: readonly Uint8Array[]): Uint8Array {
	return concat(...parts.flatMap((part) => [Uint8Array.of(part.length >> 8, part.length & 255), part]));
}

export function unpack(bytes: Uint8Array): Uint8Array[] {
	const parts: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; ) {
		const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
		parts.push(bytes.slice(at + 2, end));
		at = end;
	}
	return parts;
}
