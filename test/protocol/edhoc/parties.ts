// SPDX-License-Identifier: Apache-2.0

import { EDDSA, ES256, type SignatureAlgorithm, signer } from "../../../protocol/credential/cose.js";
import { verifyPhone, verifyReader } from "../../../protocol/credential/credential.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { byKcwt, type OwnCredential } from "../../../protocol/edhoc/id-cred.js";
import { Initiator, type InitiatorOptions } from "../../../protocol/edhoc/initiator.js";
import { resolveBy } from "../../../protocol/edhoc/resolve.js";
import { Responder } from "../../../protocol/edhoc/responder.js";
import type { SessionOptions } from "../../../protocol/edhoc/session.js";
import { type PracticeKeys, practiceKeys } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";

/** A site with its readers and phones, for specs: everything from one seed. */
export class Site {
	readonly crypto: Crypto;
	readonly random: SeededRandom;
	readonly keys: PracticeKeys;

	constructor(crypto: Crypto, seed = 1, name = "harbour1") {
		this.crypto = crypto;
		this.random = new SeededRandom(seed);
		const pair = crypto.ed25519KeyPair(this.random.bytes(32));
		this.keys = practiceKeys(name, pair, crypto);
	}

	/** A credential by value and its key; a reader's when `door` is given. */
	credential(algorithm: SignatureAlgorithm, door?: string): OwnCredential {
		const { crypto, random } = this;
		const seed = random.bytes(32);
		const pair = algorithm === EDDSA ? crypto.ed25519KeyPair(seed) : crypto.p256KeyPair(seed)!;
		const dates = { notBefore: 1_700_000_000, expires: 1_800_000_000 };
		const cwt = issueCredential(
			{
				issuer: this.keys.site,
				...(door === undefined ? dates : { subject: door }),
				id: random.bytes(8),
				key: { algorithm, publicKey: pair.publicKey },
			},
			this.keys.signing.signer,
			door === undefined ? { kid: this.keys.signing.kid } : undefined,
		);
		return { ...byKcwt(cwt), ...signer(crypto, algorithm, pair.secretKey) };
	}

	options(suites: readonly number[], credentials: readonly OwnCredential[], id: number): SessionOptions {
		return {
			crypto: this.crypto,
			suites,
			credentials,
			connectionId: Uint8Array.of(id),
			ephemerals: new EphemeralPool(this.crypto, this.random),
		};
	}

	phone(suites: readonly number[], more?: Partial<InitiatorOptions>): Initiator {
		const selected = more?.selected ?? suites[0]!;
		const algorithm = selected === 4 || selected === 0 ? EDDSA : ES256;
		const credentials = more?.credentials ?? [this.credential(algorithm)];
		return new Initiator({ ...this.options(suites, credentials, 0x0e), ...more });
	}

	reader(suites: readonly number[], more?: Partial<SessionOptions>): Responder {
		const credentials = more?.credentials ?? [
			this.credential(EDDSA, "door-007"),
			this.credential(ES256, "door-007"),
		];
		return new Responder({ ...this.options(suites, credentials, 0x27), ...more });
	}

	/** What the phone makes of the reader's credential. */
	get resolveReader() {
		return resolveBy((cwt) => verifyReader(cwt, this.keys.trust, this.crypto));
	}

	/** What the reader makes of the phone's. */
	get resolvePhone() {
		return resolveBy((cwt) => verifyPhone(cwt, this.keys.trust, "door-007", this.crypto));
	}
}

/** Runs both sides to the end; the messages on the way pass through `relay`. */
export function run(
	site: Site,
	phone: Initiator,
	reader: Responder,
	relay: (message: Uint8Array, number: number) => Uint8Array = (message) => message,
): readonly Uint8Array[] {
	const message1 = relay(phone.message1(), 1);
	reader.processMessage1(message1);
	const message2 = relay(reader.message2(), 2);
	phone.processMessage2(message2, site.resolveReader);
	const message3 = relay(phone.message3(), 3);
	reader.processMessage3(message3, site.resolvePhone);
	const message4 = relay(reader.message4(), 4);
	phone.processMessage4(message4);
	return [message1, message2, message3, message4];
}
