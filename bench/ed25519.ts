// SPDX-License-Identifier: Apache-2.0

/** On XS: how long one Ed25519 verification takes, native and by tweetnacl-ts; prints one line of JSON. */
import { sign_detached_verify } from "tweetnacl-ts";
import { NativeCrypto } from "../hal/crypto/native/crypto.js";

declare const host: { microseconds(): number; print(line: string): void };

/** µs of one call, the best of `rounds`. */
function best(rounds: number, calls: number, work: () => boolean): number {
	let least = Number.POSITIVE_INFINITY;
	for (let round = 0; round < rounds; round++) {
		const start = host.microseconds();
		for (let i = 0; i < calls; i++) if (!work()) throw new Error("a good signature was refused");
		least = Math.min(least, (host.microseconds() - start) / calls);
	}
	return least;
}

const crypto = new NativeCrypto();
const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(7));
const message = new Uint8Array(100).fill(1);
const signature = crypto.ed25519Sign(message, pair.secretKey);
const native = best(5, 200, () => crypto.ed25519Verify(signature, message, pair.publicKey));
const portable = best(2, 1, () => sign_detached_verify(message, signature, pair.publicKey));
host.print(JSON.stringify({ native, portable }));
