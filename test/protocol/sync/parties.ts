// SPDX-License-Identifier: Apache-2.0

import { EDDSA, signer } from "../../../protocol/credential/cose.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import type { Crypto, KeyPair } from "../../../protocol/crypto.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { byKcwt, type OwnCredential } from "../../../protocol/edhoc/id-cred.js";
import { ReaderHandshake, type ReaderHandshakeOptions } from "../../../protocol/sync/reader-handshake.js";
import type { SyncSession } from "../../../protocol/sync/session.js";
import {
	SiteHandshake,
	type SiteHandshakeOptions,
	serverCredential,
	sessionIdIn,
} from "../../../protocol/sync/site-handshake.js";
import { type PracticeKeys, practiceKeys } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import type { KeyModel } from "../../../site/lib/trust/model.js";

const DAY = 86_400;
/** When the list of practice keys was issued. */
export const ISSUED = 1_577_836_800;
export const NOW = ISSUED + DAY;
export const DOOR = "door-007";

/** A site with a server and readers, for specs: everything from one seed. */
export class SyncSite {
	readonly crypto: Crypto;
	readonly random: SeededRandom;
	readonly keys: PracticeKeys;
	/** The server's key. */
	readonly server: KeyPair;

	/** `change`: of the server's key in the list. */
	constructor(crypto: Crypto, seed = 1, name = "harbour1", change: Partial<KeyModel> = {}) {
		this.crypto = crypto;
		this.random = new SeededRandom(seed);
		const office = this.pair();
		this.server = this.pair();
		const { publicKey } = this.server;
		this.keys = practiceKeys(name, office, crypto, [
			{ publicKey, roles: ["sync"], until: ISSUED + 90 * DAY, ...change },
		]);
	}

	pair(): KeyPair {
		return this.crypto.ed25519KeyPair(this.random.bytes(32));
	}

	/** The credential of a reader and its key. */
	reader(door = DOOR): OwnCredential & { readonly publicKey: Uint8Array } {
		const { publicKey, secretKey } = this.pair();
		const key = { algorithm: EDDSA, publicKey } as const;
		const claims = { issuer: this.keys.site, subject: door, id: this.random.bytes(8), key };
		const cwt = issueCredential(claims, this.keys.signing.signer);
		return { ...byKcwt(cwt), ...signer(this.crypto, EDDSA, secretKey), publicKey };
	}

	/** A reader's side of an attempt. */
	readerSide(credential: OwnCredential, more: Partial<ReaderHandshakeOptions> = {}): ReaderHandshake {
		const { crypto, keys, random } = this;
		const ephemerals = new EphemeralPool(crypto, random);
		const options = { crypto, random, ephemerals, credential, trust: keys.trust, door: DOOR, now: NOW };
		return new ReaderHandshake({ ...options, ...more });
	}

	/** The server's side of the attempt that `frame` begins, for a door whose reader has the key `registered`. */
	siteSide(
		frame: Uint8Array,
		registered: Uint8Array,
		more: Partial<SiteHandshakeOptions> = {},
		by: KeyPair = this.server,
	): SiteHandshake {
		const { crypto, keys, random } = this;
		const credential = serverCredential(
			more.trust?.site ?? keys.site,
			by.publicKey,
			signer(crypto, EDDSA, by.secretKey),
		);
		const options = { credential, trust: keys.trust, door: DOOR, registered, now: NOW };
		return new SiteHandshake(
			{ crypto, ephemerals: new EphemeralPool(crypto, random), ...options, ...more },
			sessionIdIn(frame)!,
		);
	}

	/** Two ends of a session. */
	session(door = DOOR): {
		readonly reader: SyncSession;
		readonly site: SyncSession;
		readonly frames: Uint8Array[];
	} {
		const credential = this.reader(door);
		const reader = this.readerSide(credential, { door });
		const one = reader.begin();
		const site = this.siteSide(one, credential.publicKey, { door });
		const two = site.take(one)!;
		const three = reader.take(two)!;
		const four = site.take(three)!;
		reader.take(four);
		return { reader: reader.session!, site: site.session!, frames: [one, two, three, four] };
	}
}
