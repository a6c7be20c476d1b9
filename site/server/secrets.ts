// SPDX-License-Identifier: Apache-2.0

import { createHash, randomBytes } from "node:crypto";

/** A secret that is given away once: the store has its hash alone. */
export interface Secret {
	readonly text: string;
	readonly hash: Uint8Array;
	/** 16 hexadecimal digits, which tell nothing of the secret. */
	readonly id: string;
}

/** 32 random bytes as base64url: `SECRET_FORM`. */
export function newSecret(prefix = ""): Secret {
	const text = `${prefix}${randomBytes(32).toString("base64url")}`;
	const hash = hashOf(text);
	return { text, hash, id: idOf(hash) };
}

export const SECRET_FORM = "^[A-Za-z0-9_-]{43}$";

/** Secrets of 256 bits need no slow hash. */
export function hashOf(secret: string): Uint8Array {
	return createHash("sha256").update(secret).digest();
}

export function idOf(hash: Uint8Array): string {
	return Buffer.from(hash.subarray(0, 8)).toString("hex");
}
