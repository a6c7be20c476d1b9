// SPDX-License-Identifier: Apache-2.0

/** A site for simulations: its key, a reader's identity and phones' credentials, all from one seed. */

import {
	ES256,
	type PublicKey,
	type SignatureAlgorithm,
	type Signer,
	signer,
} from "../protocol/credential/cose.js";
import { issueCredential } from "../protocol/credential/issue.js";
import type { Crypto, KeyPair } from "../protocol/crypto.js";
import { byKcwt, type OwnCredential } from "../protocol/edhoc/id-cred.js";
import { suiteOf } from "../protocol/edhoc/suites.js";
import type { TrustList } from "../protocol/trust/list.js";
import type { KeyModel } from "../site/lib/trust/model.js";
import { type PracticeKeys, practiceKeys } from "./practice-keys.js";
import type { SeededRandom } from "./random.js";

/** Monday, 2026-06-01, 10:00 in UTC: when simulated worlds begin unless told otherwise. */
export const EPOCH = Date.UTC(2026, 5, 1, 10) / 1000;
const DAY = 86_400;

export interface IssuedCredential {
	readonly id: Uint8Array;
	/** The signed CWT. */
	readonly cwt: Uint8Array;
	/** What the holder authenticates with. */
	readonly own: OwnCredential;
	readonly publicKey: PublicKey;
	readonly secretKey: Uint8Array;
}

export class SimSite {
	readonly id: string;
	/** When its world begins, seconds since 1970. */
	readonly epoch: number;
	readonly #crypto: Crypto;
	#renewals = 0;
	readonly #random: SeededRandom;
	readonly keys: PracticeKeys;
	readonly signer: Signer;

	/** `others`: keys of its list besides its own. `issued`: of that list, where it is not from long ago. `epoch`: what dates are around. */
	constructor(
		crypto: Crypto,
		random: SeededRandom,
		id = "ACME0001",
		others: readonly KeyModel[] = [],
		issued?: number,
		epoch = EPOCH,
	) {
		this.id = id;
		this.epoch = epoch;
		this.#crypto = crypto;
		this.#random = random;
		this.keys = practiceKeys(id, crypto.ed25519KeyPair(random.bytes(32)), crypto, others, 1, issued);
		this.signer = this.keys.signing.signer;
	}

	get trust(): TrustList {
		return this.keys.trust;
	}

	/** A reader's identity: its door is the subject. */
	reader(door: string, suite = 4): IssuedCredential {
		return this.#issue(suite, { subject: door });
	}

	/** A phone's credential, valid for a month around the site's epoch unless told otherwise. */
	phone(suite = 4, dates: { notBefore?: number; expires?: number } = {}): IssuedCredential {
		return this.#issue(suite, { ...this.month(), ...dates });
	}

	/** Dates of what is good now. */
	month(): { notBefore: number; expires: number } {
		return { notBefore: this.epoch - DAY, expires: this.epoch + 30 * DAY };
	}

	/** Dates of what is over. */
	past(): { notBefore: number; expires: number } {
		return { notBefore: this.epoch - 60 * DAY, expires: this.epoch - DAY };
	}

	/** The same id and key in a new CWT, as a phone gets it before the old one ends. */
	renewed(credential: IssuedCredential): IssuedCredential {
		const { notBefore, expires } = this.month();
		return this.#sign(credential, { notBefore, expires: expires + ++this.#renewals });
	}

	#issue(
		suite: number,
		claims: { subject?: string; notBefore?: number; expires?: number },
	): IssuedCredential {
		const algorithm = suiteOf(suite)!.signature;
		const { publicKey, secretKey } = this.#keyPair(algorithm);
		return this.#sign({ id: this.#random.bytes(8), publicKey: { algorithm, publicKey }, secretKey }, claims);
	}

	#sign(
		{ id, publicKey, secretKey }: Pick<IssuedCredential, "id" | "publicKey" | "secretKey">,
		claims: { subject?: string; notBefore?: number; expires?: number },
	): IssuedCredential {
		// A reader's names no key: message_2 has no room for it.
		const kid = claims.subject === undefined ? { kid: this.keys.signing.kid } : undefined;
		const cwt = issueCredential({ issuer: this.id, id, key: publicKey, ...claims }, this.signer, kid);
		const own: OwnCredential = { ...byKcwt(cwt), ...signer(this.#crypto, publicKey.algorithm, secretKey) };
		return { id, cwt, own, publicKey, secretKey };
	}

	#keyPair(algorithm: SignatureAlgorithm): KeyPair {
		for (;;) {
			const secret = this.#random.bytes(32);
			const pair =
				algorithm === ES256 ? this.#crypto.p256KeyPair(secret) : this.#crypto.ed25519KeyPair(secret);
			if (pair !== undefined) return pair;
		}
	}
}
