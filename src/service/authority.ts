import type { Clock, WallClock } from "../../hal/contracts/time.js";
import { equal } from "../../protocol/bytes.js";
import { EDDSA } from "../../protocol/credential/cose.js";
import { CredentialError, type Trust, verifyCredential } from "../../protocol/credential/credential.js";
import { SERVICE_SUBJECT } from "../../protocol/credential/names.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import { proofMessage } from "../../protocol/provisioning/proof.js";

/** A challenge is good for one proof and this long, ms. */
export const CHALLENGE_MS = 60_000;
/** Authority ends after this long without a request of its client, ms. */
export const IDLE_MS = 120_000;
/** Failed proofs without a pause; each one after them doubles the pause. */
const FREE_TRIES = 3;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 900_000;
export interface AuthorityOptions {
	readonly clock: Clock;
	readonly wall: WallClock;
	readonly crypto: Crypto;
	readonly random: Random;
	/** Each proof that was taken or refused: the key, and how many were turned away unheard since the last. */
	readonly onProof: (admitted: boolean, key: Uint8Array, unheard: number) => void;
}

/**
 * Who may change a commissioned reader: whoever proves, by a fresh challenge, to hold the site's key or a key that the
 * site has given a service credential. One client at a time; the newer one takes over.
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

	/** Whether `client` has authority; that it asks keeps it. */
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

	/** 32 random bytes; the one before is void. */
	challenge(client: Uint8Array): Uint8Array {
		this.#checkPause();
		const bytes = new Uint8Array(32);
		this.#options.random.fill(bytes);
		this.#challenge = { bytes, client: client.slice(), until: this.#options.clock.now() + CHALLENGE_MS };
		return bytes;
	}

	/** Throws `ProvisioningError`: "try-later", "no-challenge", "not-allowed". `service`: the key's credential, if any. */
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
				clock.now() +
				Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(20, this.#failures - FREE_TRIES));
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
			// A service credential that ends needs a clock that is known to be right, or it would never end.
			if (wall.trust() === "unset") return false;
			const now = wall.now();
			return (notBefore === undefined || now >= notBefore) && (expires === undefined || now < expires);
		} catch (error) {
			if (error instanceof CredentialError) return false;
			throw error;
		}
	}
}
