// SPDX-License-Identifier: Apache-2.0

import { equal, readUint16, readUint32, toHex } from "../bytes.js";
import type { Crypto } from "../crypto.js";
import { AT, SIGNED, signedPart } from "./record.js";

/** Records from before the reader had the key, which its first signed checkpoint vouches for. */
export interface PreKeyRecords {
	/** Serials, inclusive. */
	readonly from: number;
	readonly to: number;
	/** Of the reader that its checkpoint names, 8 bytes in hexadecimal; absent where it is not signed. */
	readonly reader?: string;
	/** Serial of the first record after the checkpoint that vouches. */
	readonly vouchedBy: number;
	/** When that was signed, seconds since 1970; 0 where the reader did not know the time. */
	readonly vouchedAt: number;
}

export type SignatureProblem = "unsigned" | "other-reader" | "bad-signature";

interface Pending<P> {
	readonly problem: P;
	readonly first: number;
	readonly reader: string | undefined;
}

/**
 * Judges the signatures of a log's checkpoints, given in order. A checkpoint that the key did not sign is a problem, unless an
 * unbroken chain leads from it to the first one that the key signed: then it was made before the reader had this key. The
 * caller walks the chain and reports by `broken` where it is interrupted.
 */
export class CheckpointSignatures<P> {
	private readonly crypto: Crypto;
	private readonly publicKey: Uint8Array | undefined;
	private readonly reader: Uint8Array | undefined;
	private pending: Pending<P>[] = [];
	/** How many checkpoints are signed by the key; without a key, how many say that they are signed. */
	signed = 0;
	readonly earlier: PreKeyRecords[] = [];

	constructor(crypto: Crypto, publicKey: Uint8Array | undefined) {
		this.crypto = crypto;
		this.publicKey = publicKey;
		this.reader = publicKey && crypto.sha256(publicKey).slice(0, 8);
	}

	/** There is a key, and no checkpoint so far is signed by it. */
	get unsigned(): boolean {
		return this.publicKey !== undefined && this.signed === 0;
	}

	/** The problem of this checkpoint by itself; `undefined` where there is none, or no key to check by. */
	problemOf(checkpoint: Uint8Array): SignatureProblem | undefined {
		const publicKey = this.publicKey;
		if (publicKey === undefined) return undefined;
		if (!isSigned(checkpoint)) return "unsigned";
		if (!equal(this.reader!, checkpoint.subarray(AT.reader, AT.reader + 8))) return "other-reader";
		const signature = checkpoint.slice(AT.signature, AT.check);
		return this.crypto.ed25519Verify(signature, signedPart(checkpoint), publicKey)
			? undefined
			: "bad-signature";
	}

	/** The chain is interrupted here: no later checkpoint vouches for the earlier ones. */
	broken(): void {
		this.pending = [];
	}

	/** Keeps `problem`, of a checkpoint that the key did not sign, until a signed one vouches for it. */
	hold(checkpoint: Uint8Array, reason: SignatureProblem, problem: P): void {
		if (this.signed > 0 || reason === "bad-signature") {
			this.broken();
			return;
		}
		const reader = reason === "unsigned" ? undefined : toHex(checkpoint.subarray(AT.reader, AT.reader + 8));
		this.pending.push({ problem, first: readUint32(checkpoint, AT.first), reader });
	}

	/** Takes a checkpoint that the key signed; the problems that it settles. */
	vouch(checkpoint: Uint8Array): ReadonlySet<P> {
		const vouchedBy = readUint32(checkpoint, AT.first);
		const vouchedAt = readUint32(checkpoint, AT.time);
		this.signed++;
		const vouched = this.pending;
		this.pending = [];
		for (const [i, { first: from, reader }] of vouched.entries()) {
			const to = (vouched[i + 1]?.first ?? vouchedBy) - 1;
			const before = this.earlier.at(-1);
			// A sector may hold no record.
			if (to < from) continue;
			if (before !== undefined && before.reader === reader && before.to === from - 1)
				this.earlier[this.earlier.length - 1] = { ...before, to };
			else this.earlier.push({ from, to, ...(reader !== undefined && { reader }), vouchedBy, vouchedAt });
		}
		return new Set(vouched.map(({ problem }) => problem));
	}
}

export function isSigned(checkpoint: Uint8Array): boolean {
	return (readUint16(checkpoint, AT.flags) & SIGNED) !== 0;
}
