// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import { CborError, CborReader } from "../cbor/reader.js";
import { type EadItem, readEad } from "./ead.js";
import { EdhocError } from "./errors.js";
import type { OwnCredential, PeerCredential } from "./id-cred.js";
import { encodeIdentifier } from "./identifier.js";
import { METHOD_SIGNATURES, writeMessage1 } from "./message-1.js";
import { decodePlaintext2, writePlaintext } from "./plaintext.js";
import { Schedule } from "./schedule.js";
import { type Authenticated, type Resolve, Session, type SessionOptions } from "./session.js";
import { PUBLIC_LENGTH, type Suite, suiteOf } from "./suites.js";

export interface InitiatorOptions extends SessionOptions {
	/** The suite to use, of `suites`; the first by default. After "wrong-suite" of the peer: see `selectSuite`. */
	readonly selected?: number;
}

/**
 * The phone's side of EDHOC (RFC 9528), one session: `message1`, `processMessage2`, `message3`, `processMessage4`.
 * Every method throws `EdhocError` (or what `resolve` threw), and the session is over: `errorMessage` makes of it what
 * may be sent.
 */
export class Initiator extends Session {
	readonly suite: Suite;
	private readonly suitesI: readonly number[];
	private readonly own: OwnCredential;
	private hashOfMessage1: Uint8Array | undefined;
	#peerConnectionId: Uint8Array | undefined;

	constructor(options: InitiatorOptions) {
		super(options);
		const selected = options.selected ?? options.suites[0]!;
		const at = options.suites.indexOf(selected);
		const suite = suiteOf(selected);
		if (at < 0 || suite === undefined) throw new RangeError(`cipher suite ${selected}`);
		this.suite = suite;
		this.suitesI = options.suites.slice(0, at + 1);
		this.own = this.credentialFor(suite);
	}

	/** C_R, once message_2 is processed. */
	get peerConnectionId(): Uint8Array | undefined {
		return this.#peerConnectionId;
	}

	/** message_1 */
	message1(ead1?: readonly EadItem[]): Uint8Array {
		return this.step("start", "message-1", () => {
			this.ephemeral = this.options.ephemerals.take(this.suite.curve);
			this.scratch.reset();
			writeMessage1(this.scratch, {
				method: METHOD_SIGNATURES,
				suites: this.suitesI,
				gX: this.ephemeral.publicKey,
				connectionId: this.options.connectionId,
				ead: ead1 ?? [],
			});
			const message = this.scratch.take();
			this.hashOfMessage1 = this.crypto.sha256(message);
			return message;
		});
	}

	/**
	 * Decrypts message_2 and authenticates the responder. `resolve` finds the credential that ID_CRED_R names or
	 * carries; an error that it throws ends the session and comes out of here as it is. Returns the peer and EAD_2.
	 */
	processMessage2<P extends PeerCredential>(message: Uint8Array, resolve: Resolve<P>): Authenticated<P> {
		return this.step("message-1", "message-2", () => {
			this.checkPeerError(message);
			const reader = new CborReader(message);
			const both = reader.bytes();
			reader.end();
			if (both.length <= PUBLIC_LENGTH) throw new CborError("out-of-range");
			const gY = both.subarray(0, PUBLIC_LENGTH);
			const ephemeral = this.ephemeral!;
			if (equal(gY, ephemeral.publicKey)) throw new EdhocError("reflected");
			const gXY = ephemeral.agree(gY);
			const schedule = new Schedule(this.crypto, this.suite, this.scratch, gXY, gY, this.hashOfMessage1!);
			this.schedule = schedule;
			const plaintext = schedule.cipher2(both.subarray(PUBLIC_LENGTH));
			const fields = decodePlaintext2(plaintext, this.knownEad);
			const peer = this.authenticate(schedule, fields, encodeIdentifier(fields.connectionId), resolve);
			this.#peerConnectionId = fields.connectionId;
			schedule.advance(plaintext, peer.cred);
			return { peer, ead: fields.ead };
		});
	}

	/**
	 * The input of the signature in message_3 (RFC 9528 5.4.2), for keys that cannot sign at once; the signature then goes
	 * to `message3`.
	 */
	toBeSigned3(ead3?: readonly EadItem[]): Uint8Array {
		return this.step("message-2", "message-2", () => {
			const schedule = this.schedule!;
			const { idCred, cred } = this.own;
			const ead = this.encodeEad(ead3);
			return schedule.toBeSigned(undefined, idCred, cred, ead).slice();
		});
	}

	/** message_3. `signed`: the signature over `toBeSigned3`, 64 bytes; without it the credential's own signer is called. */
	message3(ead3?: readonly EadItem[], signed?: Uint8Array): Uint8Array {
		return this.step("message-2", "message-3", () => {
			const schedule = this.schedule!;
			const ead = this.encodeEad(ead3);
			const signature = signed ?? this.sign(schedule, this.own, undefined, ead);
			this.scratch.reset();
			writePlaintext(this.scratch, undefined, this.own.idCred, signature, ead);
			const plaintext = this.scratch.take();
			const sealed = schedule.seal3(plaintext);
			schedule.advance(plaintext, this.own.cred);
			return this.scratch.reset().bytes(sealed).take();
		});
	}

	/** Verifies message_4, which completes the session: the responder has the same keys. Returns EAD_4. */
	processMessage4(message: Uint8Array): readonly EadItem[] {
		return this.step("message-3", "completed", () => {
			this.checkPeerError(message);
			const reader = new CborReader(message);
			const ciphertext = reader.bytes();
			reader.end();
			const plaintext = this.schedule!.open4(ciphertext);
			if (plaintext === undefined) throw new EdhocError("decryption-failed");
			return readEad(new CborReader(plaintext), this.knownEad);
		});
	}
}
