// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../hal/contracts/time.js";
import { equal } from "../../protocol/bytes.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import type { ReceivedFrame } from "../../protocol/provisioning/frame.js";
import type { Proof, ReaderProof } from "../../protocol/provisioning/messages.js";
import { proofMessage, readerMessage, type Shares, sessionKey } from "../../protocol/provisioning/proof.js";
import { CableSession } from "../../protocol/provisioning/session.js";
import type { TrustList } from "../../protocol/trust/list.js";
import type { ReaderKey } from "../config/store.js";

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
	readonly crypto: Crypto;
	readonly random: Random;
	/** As `ProvisioningTarget.knownTime`. */
	readonly knownTime: () => number | undefined;
	/** Called for each proof that was admitted or refused. `unheard`: proofs since the last one that were refused unread. */
	readonly onProof: (admitted: boolean, key: Uint8Array, unheard: number) => void;
}

interface Challenge {
	readonly shares: Shares;
	/** Of X25519. */
	readonly secret: Uint8Array;
	readonly until: number;
}

/**
 * Authority to change a commissioned reader. A client gets it by proving, on a fresh challenge, that it holds a root of the site, or
 * a key to which the site's list gives the role `install` at this door. One client has it at a time, in a session; a newer one takes over.
 */
export class Authority {
	private readonly options: AuthorityOptions;
	#challenge: Challenge | undefined;
	private session: CableSession | undefined;
	/** By which it was proved. */
	private sessionKey: Uint8Array | undefined;
	private sessionUntil = 0;
	/** The end of the session's key, where the clock was not set and it could not be judged; 0: it was. */
	private unjudged = 0;
	/** The same of the key that is being proved. */
	private until = 0;
	private failures = 0;
	private pausedUntil = 0;
	private unheard = 0;

	constructor(options: AuthorityOptions) {
		this.options = options;
	}

	/** Whether `session` still has authority. The call prolongs it. */
	has(session: CableSession | undefined): session is CableSession {
		const now = this.options.clock.now();
		if (now >= this.sessionUntil) this.session = undefined;
		this.judge();
		if (session === undefined || session !== this.session) return false;
		this.sessionUntil = now + IDLE_MS;
		return true;
	}

	/** Whether the dates of the session's key can only be judged when the clock is set: it may set it, and do nothing else. */
	get awaitsTime(): boolean {
		return this.unjudged !== 0;
	}

	/**
	 * Throws "not-allowed" where the session's key `awaitsTime` and may not set the clock to `seconds`: before the newest time that the
	 * site has signed (`undefined`: not read yet), or when the key is not valid.
	 */
	checkTime(seconds: number, signed: number | undefined): void {
		if (!this.awaitsTime) return;
		if (signed === undefined || seconds < signed)
			throw new ProvisioningError(
				"not-allowed",
				"that is before the plan or the trust list that the site has signed",
			);
		if (seconds >= this.unjudged)
			throw new ProvisioningError("not-allowed", "this key has ended at that time");
	}

	/** The session that a sealed request belongs to; `undefined` where that is over, or the seal is not its. */
	sessionOf(request: ReceivedFrame): CableSession | undefined {
		const session = this.session;
		const own = session !== undefined && equal(session.client, request.client) && session.takes(request);
		return own && this.has(session) ? session : undefined;
	}

	/** Makes a challenge, over which the reader proves that it has `key`; the previous one is void. */
	challenge(client: Uint8Array, clientShare: Uint8Array, key: ReaderKey): ReaderProof {
		this.checkPause();
		const { clock, crypto, random } = this.options;
		const secret = new Uint8Array(32);
		random.fill(secret);
		const { publicKey: share } = crypto.x25519KeyPair(secret);
		const shares = {
			client: client.slice(),
			clientShare: clientShare.slice(),
			readerShare: share,
			reader: key.publicKey,
		};
		this.#challenge = { shares, secret, until: clock.now() + CHALLENGE_MS };
		const signature = crypto.ed25519Sign(readerMessage(shares), key.secretKey);
		return { share, key: key.publicKey, signature };
	}

	/** Checks a proof, with which the session begins. Throws `ProvisioningError`: "try-later", "no-challenge", "not-allowed". */
	prove(client: Uint8Array, { key, signature }: Proof, trust: TrustList, door: string): CableSession {
		this.checkPause();
		const { clock, crypto } = this.options;
		const challenge = this.#challenge;
		this.#challenge = undefined;
		const fresh =
			challenge !== undefined && equal(challenge.shares.client, client) && clock.now() < challenge.until;
		let refusal = key.length === 32 ? this.refusal(key, trust, door) : "unknown-key";
		if (fresh && refusal === undefined)
			if (!crypto.ed25519Verify(signature, proofMessage(challenge.shares), key)) refusal = "bad-signature";
		const shared =
			fresh && refusal === undefined
				? crypto.x25519(challenge.secret, challenge.shares.clientShare)
				: undefined;
		this.options.onProof(shared !== undefined, key, this.unheard);
		this.unheard = 0;
		if (shared !== undefined) {
			const { shares } = challenge!;
			this.failures = 0;
			this.unjudged = this.until;
			this.sessionKey = key;
			this.session = new CableSession(crypto, shares.client, sessionKey(crypto, shared, shares));
			this.sessionUntil = clock.now() + IDLE_MS;
			return this.session;
		}
		this.failures++;
		if (this.failures >= FREE_TRIES)
			this.pausedUntil =
				clock.now() + Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(20, this.failures - FREE_TRIES));
		throw fresh
			? new ProvisioningError(
					"not-allowed",
					`this key may not work on this reader: ${REFUSED[refusal ?? "bad-signature"]}`,
				)
			: new ProvisioningError("no-challenge", "the challenge was used, has expired or is another client's");
	}

	leave(session: CableSession | undefined): void {
		if (session === this.session) this.session = undefined;
	}

	/** Ends the session where a newer list no longer lets its key work here. */
	judgeBy(trust: TrustList, door: string): void {
		if (this.session === undefined) return;
		if (this.refusal(this.sessionKey!, trust, door) === undefined) this.unjudged = this.until;
		else this.session = undefined;
	}

	/** Judges what could not be judged, as soon as the clock is set. */
	private judge(): void {
		const until = this.unjudged;
		if (until === 0) return;
		const now = this.options.knownTime();
		if (now === undefined) return;
		this.unjudged = 0;
		if (now >= until) this.session = undefined;
	}

	private checkPause(): void {
		const left = this.pausedUntil - this.options.clock.now();
		if (left <= 0) return;
		this.unheard++;
		throw new ProvisioningError("try-later", "too many wrong proofs", { retryAfter: left });
	}

	/** Why a key may not work here. Leaves in `until` an end that it could not judge. */
	private refusal(publicKey: Uint8Array, trust: TrustList, door: string): keyof typeof REFUSED | undefined {
		this.until = 0;
		if (trust.isRoot(publicKey)) return undefined;
		const key = trust.findKey(publicKey);
		if (key === undefined) return "unknown-key";
		const now = this.options.knownTime();
		if (now !== undefined) return key.refusalAt("install", door, now);
		// Without a clock that counts the key would never end: all that it is good for is to set it.
		this.until = key.until;
		return key.refusal("install", door);
	}
}

/** What each refusal says of the key. */
const REFUSED = Object.freeze({
	"unknown-key": "it is not in the site's trust list",
	"wrong-role": 'it does not have the role "install"',
	"key-stolen": "the site has revoked it as stolen",
	"beyond-limits": "it is not for this door",
	"key-ended": "it has ended",
	"bad-signature": "it has not signed the proof",
} as const);
