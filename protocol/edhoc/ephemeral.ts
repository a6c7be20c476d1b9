// SPDX-License-Identifier: Apache-2.0

import type { Crypto, Random } from "../crypto.js";
import { EdhocError } from "./errors.js";
import type { Curve } from "./suites.js";

/** An ephemeral key pair: made ahead of the tap, used once, wiped. */
export class Ephemeral {
	readonly curve: Curve;
	/** G_X or G_Y, 32 bytes: the x coordinate. */
	readonly publicKey: Uint8Array;
	private readonly crypto: Crypto;
	private readonly secretKey: Uint8Array;
	private used = false;

	/** Takes `secretKey` (32 bytes) as its own. RangeError when it is none for P-256 (not in 1..n-1). */
	constructor(crypto: Crypto, curve: Curve, secretKey: Uint8Array) {
		this.crypto = crypto;
		this.curve = curve;
		this.secretKey = secretKey;
		if (curve === "x25519") this.publicKey = crypto.x25519KeyPair(secretKey).publicKey;
		else {
			const pair = crypto.p256KeyPair(secretKey);
			if (pair === undefined) throw new RangeError("not a P-256 secret key");
			this.publicKey = pair.publicKey.slice(1, 33);
		}
	}

	/**
	 * G_XY with the peer's x coordinate. The secret is wiped by the first call, also by one that fails. Throws `EdhocError`
	 * "invalid-key" when the peer's key is not on the curve or of small order (RFC 9528 9.2), "wrong-state" when it was
	 * called before.
	 */
	agree(peer: Uint8Array): Uint8Array {
		if (this.used) throw new EdhocError("wrong-state", { detail: "ephemeral key used again" });
		this.used = true;
		const shared =
			this.curve === "x25519"
				? this.crypto.x25519(this.secretKey, peer)
				: this.crypto.p256SharedSecret(this.secretKey, compressed(peer));
		this.crypto.wipe(this.secretKey);
		if (shared === undefined) throw new EdhocError("invalid-key");
		return shared;
	}

	wipe(): void {
		this.used = true;
		this.crypto.wipe(this.secretKey);
	}
}

/** One of the two points with this x coordinate: both give the same x of the product (RFC 9528 appendix B). */
function compressed(x: Uint8Array): Uint8Array {
	const point = new Uint8Array(33);
	point[0] = 2;
	point.set(x, 1);
	return point;
}

/** Where sessions take their ephemeral keys from. */
export interface EphemeralSource {
	/** A key pair that was never given out before. */
	take(curve: Curve): Ephemeral;
}

/** A random 32-byte string is no P-256 secret key once in 2^32. */
const MAX_TRIES = 4;

/**
 * Keeps one key pair ready: `prepare` between taps, `take` in one. Of a curve that was asked for though it was not prepared a second one
 * is ready from then on: where no phone with such a suite comes, its memory and time are not spent.
 */
export class EphemeralPool implements EphemeralSource {
	private readonly crypto: Crypto;
	private readonly random: Random;
	private readonly ready = new Map<Curve, Ephemeral>();
	/** Asked for when it was not ready. */
	private missed: Curve | undefined;

	constructor(crypto: Crypto, random: Random) {
		this.crypto = crypto;
		this.random = random;
	}

	/** Makes a key, and one of the curve that was missed, unless they are ready. */
	prepare(curve: Curve): void {
		this.keep(curve);
		if (this.missed !== undefined) this.keep(this.missed);
	}

	/** The key pair that `prepare` made, else one made now. */
	take(curve: Curve): Ephemeral {
		const ready = this.ready.get(curve);
		if (ready === undefined) {
			this.missed = curve;
			return this.make(curve);
		}
		this.ready.delete(curve);
		return ready;
	}

	private keep(curve: Curve): void {
		if (!this.ready.has(curve)) this.ready.set(curve, this.make(curve));
	}

	private make(curve: Curve): Ephemeral {
		for (let tries = 0; ; tries++) {
			const secretKey = new Uint8Array(32);
			this.random.fill(secretKey);
			try {
				return new Ephemeral(this.crypto, curve, secretKey);
			} catch (error) {
				if (!(error instanceof RangeError) || tries === MAX_TRIES) throw error;
			}
		}
	}
}
