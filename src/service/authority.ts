// SPDX-License-Identifier: Apache-2.0

import type { Clock, WallClock } from "../../hal/contracts/time.js";
import { equal } from "../../protocol/bytes.js";
import { EDDSA } from "../../protocol/credential/cose.js";
import { CredentialError, type Trust, verifyCredential } from "../../protocol/credential/credential.js";
import { SERVICE_SUBJECT } from "../../protocol/credential/names.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import { proofMessage } from "../../protocol/provisioning/proof.js";

/** Life of a challenge, ms. It is good for one proof. */
export const CHALLENGE_MS = 60_000;
/** Authority ends after this time without a request of its client, ms. */
export const IDLE_MS = 120_000;
/** Failed proofs before the first pause; each later one doubles the pause. */
const FREE_TRIES = 3;
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 900_000;
export interface AuthorityOptions {
	readonly clock: Clock;
	readonly wall: WallClock;
	readonly crypto: Crypto;
	readonly random: Random;
	/** Called for each proof that was admitted or refused. `unheard`: proofs since the last one that were refused unread. */
	readonly onProof: (admitted: boolean, key: Uint8Array, unheard: number) => void;
}

/**
 * Authority to change a commissioned reader. A client gets it by proving, on a fresh challenge, that it holds the site's key
 * or a key with a service credential of the site. One client has it at a time; a newer one takes over.
 */
export class Authority {
	readonly #options: AuthorityOptions;
	#challenge: { bytes: Uint8Array; client: Uint8Array; until: number } | undefined;
	#holder: Uint8Array | undefined;
	#holderUntil = 0;
	#failures = 0;
	#pausedUntil = 0;
	#unheard = 0;

	constructor(options: AuthorityOptions) {
		this.#options = options;
	}

	/** Whether `client` has authority. The call prolongs it. */
	has(client: Uint8Array): boolean {
		const now = this.#options.clock.now();
		if (this.#holder === undefined || !equal(this.#holder, client)) return false;
		if (now >= this.#holderUntil) {
			this.#holder = undefined;
			return false;
		}
		this.#holderUntil = now + IDLE_MS;
		return true;
	}

	/** Makes a challenge of 32 random bytes; the previous one is void. */
	challenge(client: Uint8Array): Uint8Array {
		this.#checkPause();
		const bytes = new Uint8Array(32);
		this.#options.random.fill(bytes);
		this.#challenge = { bytes, client: client.slice(), until: this.#options.clock.now() + CHALLENGE_MS };
		return bytes;
	}

	/** Checks a proof. Throws `ProvisioningError`: "try-later", "no-challenge", "not-allowed". `service`: the key's credential, if any. */
	prove(
		client: Uint8Array,
		key: Uint8Array,
		signature: Uint8Array,
		service: Uint8Array | undefined,
		trust: Trust,
		reader: Uint8Array,
	): void {
		this.#checkPause();
		const { clock, crypto } = this.#options;
		const challenge = this.#challenge;
		this.#challenge = undefined;
		const fresh = challenge !== undefined && equal(challenge.client, client) && clock.now() < challenge.until;
		const proven =
			fresh &&
			key.length === 32 &&
			this.#allowed(key, service, trust) &&
			crypto.ed25519Verify(signature, proofMessage(challenge.bytes, reader, client), key);
		this.#options.onProof(proven, key, this.#unheard);
		this.#unheard = 0;
		if (proven) {
			this.#failures = 0;
			this.#holder = client.slice();
			this.#holderUntil = clock.now() + IDLE_MS;
			return;
		}
		this.#failures++;
		if (this.#failures >= FREE_TRIES)
			this.#pausedUntil =
				clock.now() + Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(20, this.#failures - FREE_TRIES));
		throw fresh
			? new ProvisioningError("not-allowed", "this key may not work on this reader")
			: new ProvisioningError("no-challenge", "the challenge was used, has expired or is another client's");
	}

	leave(client: Uint8Array): void {
		if (this.#holder !== undefined && equal(this.#holder, client)) this.#holder = undefined;
	}

	#checkPause(): void {
		const left = this.#pausedUntil - this.#options.clock.now();
		if (left <= 0) return;
		this.#unheard++;
		throw new ProvisioningError("try-later", "too many wrong proofs", { retryAfter: left });
	}

	#allowed(key: Uint8Array, service: Uint8Array | undefined, trust: Trust): boolean {
		const { crypto, wall } = this.#options;
		if (trust.keys.some((trusted) => trusted.algorithm === EDDSA && equal(trusted.publicKey, key)))
			return true;
		if (service === undefined) return false;
		try {
			const credential = verifyCredential(service, trust, crypto);
			if (credential.subject !== SERVICE_SUBJECT || !equal(credential.key.publicKey, key)) return false;
			const { expires, notBefore } = credential;
			if (expires === undefined && notBefore === undefined) return true;
			// Without a clock that is set a service credential would never expire.
			if (wall.trust() === "unset") return false;
			const now = wall.now();
			return (notBefore === undefined || now >= notBefore) && (expires === undefined || now < expires);
		} catch (error) {
			if (error instanceof CredentialError) return false;
			throw error;
		}
	}
}
