// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import { CborReader } from "../cbor/reader.js";
import { SIGNATURE_LENGTH } from "../credential/cose.js";
import type { EadItem } from "./ead.js";
import { EdhocError } from "./errors.js";
import type { PeerCredential } from "./id-cred.js";
import { encodeIdentifier } from "./identifier.js";
import { decodeMessage1 } from "./message-1.js";
import { decodePlaintext3, writePlaintext } from "./plaintext.js";
import { Schedule } from "./schedule.js";
import {
	AUTHENTICATED,
	type Authenticated,
	COMPLETED,
	MESSAGE_1,
	MESSAGE_2,
	type Resolve,
	Session,
	SIGNING,
	START,
} from "./session.js";
import { type Suite, suiteOf } from "./suites.js";
import { isAcceptable } from "./suites-list.js";

/** Stands in PLAINTEXT_2 until it is signed. */
const NO_SIGNATURE: Uint8Array = /* @__PURE__ */ new Uint8Array(SIGNATURE_LENGTH);

/**
 * The reader's side of EDHOC (RFC 9528), one session: `processMessage1`, `message2`, `processMessage3`, `message4`.
 * Every method throws `EdhocError` (or what `resolve` threw), and the session is over: `errorMessage` makes of it what
 * may be sent.
 */
export class Responder extends Session {
	#suite: Suite | undefined;
	private gX: Uint8Array | undefined;
	private hashOfMessage1: Uint8Array | undefined;
	#peerConnectionId: Uint8Array | undefined;
	/** message_2 as far as it is made and the signature in it, until TH_3 is there; the encoded EAD_2. */
	private message: Uint8Array | undefined;
	private signature: Uint8Array | undefined;
	private ead: Uint8Array | undefined;

	/** The suite that was agreed, once message_1 is processed. */
	get suite(): Suite | undefined {
		return this.#suite;
	}

	/** C_I, once message_1 is processed. */
	get peerConnectionId(): Uint8Array | undefined {
		return this.#peerConnectionId;
	}

	/** Returns EAD_1. */
	processMessage1(message: Uint8Array): readonly EadItem[] {
		return this.step(START, MESSAGE_1, this.readMessage1, message);
	}

	/** message_2 */
	message2(ead2?: readonly EadItem[]): Uint8Array {
		const message = this.beginMessage2(ead2);
		this.finishMessage2();
		return message;
	}

	/** message_2 in its length, without the signature: its first `unsigned` bytes may be sent while `finishMessage2` makes the rest. */
	beginMessage2(ead2?: readonly EadItem[]): Uint8Array {
		return this.step(MESSAGE_1, SIGNING, this.startMessage2, ead2);
	}

	/** Bytes of message_2 before its signature. */
	get unsigned(): number {
		return this.message!.length - this.ead!.length - SIGNATURE_LENGTH;
	}

	/** Signs message_2, in the buffer that `beginMessage2` gave. */
	finishMessage2(): void {
		this.step(SIGNING, MESSAGE_2, this.signMessage2);
	}

	/** Derives what message_3 will be opened with; `processMessage3` does it where this was not called. */
	prepareMessage3(): void {
		this.step(MESSAGE_2, MESSAGE_2, this.deriveKeys3);
	}

	/**
	 * Decrypts message_3 and authenticates the initiator. `resolve` finds the credential that ID_CRED_I names or
	 * carries; an error that it throws ends the session and comes out of here as it is. Returns the peer and EAD_3; they
	 * are views of a buffer that is theirs alone.
	 */
	processMessage3<P extends PeerCredential>(message: Uint8Array, resolve: Resolve<P>): Authenticated<P> {
		return this.step(MESSAGE_2, AUTHENTICATED, this.readMessage3<P>, message, resolve);
	}

	/** message_4, which completes the session. `ead4`: items, or EAD_4 as it is sent. */
	message4(ead4?: readonly EadItem[] | Uint8Array): Uint8Array {
		return this.step(AUTHENTICATED, COMPLETED, this.makeMessage4, ead4);
	}

	private readMessage1(message: Uint8Array): readonly EadItem[] {
		const supported = this.options.suites;
		const message1 = decodeMessage1(message, checkSuites, this.knownEad, supported);
		this.#suite = suiteOf(message1.suites[message1.suites.length - 1]!)!;
		this.gX = message1.gX.slice();
		this.#peerConnectionId = message1.connectionId.slice();
		this.hashOfMessage1 = this.crypto.sha256(message);
		return message1.ead;
	}

	private startMessage2(ead2: readonly EadItem[] | undefined): Uint8Array {
		const suite = this.#suite!;
		const ephemeral = this.options.ephemerals.take(suite.curve);
		this.ephemeral = ephemeral;
		const gY = ephemeral.publicKey;
		if (equal(gY, this.gX!)) throw new EdhocError("reflected");
		const gXY = ephemeral.agree(this.gX!);
		const schedule = new Schedule(this.crypto, suite, this.scratch, gXY, gY, this.hashOfMessage1!);
		this.schedule = schedule;
		this.ead = this.encodeEad(ead2);
		schedule.beginMessage2();
		this.writePlaintext2(NO_SIGNATURE);
		this.message = schedule.endMessage2(gY);
		return this.message;
	}

	private writePlaintext2(signature: Uint8Array): void {
		const { connectionId } = this.options;
		writePlaintext(this.scratch, connectionId, this.credentialFor(this.#suite!).idCred, signature, this.ead!);
	}

	private signMessage2(): void {
		const message = this.message!;
		const connectionId = encodeIdentifier(this.options.connectionId);
		const signature = this.sign(this.schedule!, this.credentialFor(this.#suite!), connectionId, this.ead!);
		this.signature = signature;
		// Until now the keystream alone stood there.
		const at = this.unsigned;
		this.crypto.xor(message.subarray(at, at + SIGNATURE_LENGTH), signature);
	}

	private deriveKeys3(): void {
		const { schedule, signature } = this;
		if (signature === undefined) return;
		this.signature = undefined;
		this.message = undefined;
		schedule!.beginMessage2();
		this.writePlaintext2(signature);
		schedule!.endTranscript2(this.credentialFor(this.#suite!).cred);
	}

	private readMessage3<P extends PeerCredential>(message: Uint8Array, resolve: Resolve<P>): Authenticated<P> {
		this.checkPeerError(message);
		const reader = new CborReader(message);
		const ciphertext = reader.bytes();
		reader.end();
		this.deriveKeys3();
		const schedule = this.schedule!;
		const plaintext = schedule.open3(ciphertext);
		if (plaintext === undefined) throw new EdhocError("decryption-failed");
		const fields = decodePlaintext3(plaintext, this.knownEad);
		const peer = this.authenticate(schedule, fields, undefined, resolve);
		schedule.advance(plaintext, peer.cred);
		return { peer, ead: fields.ead };
	}

	private makeMessage4(ead4: readonly EadItem[] | Uint8Array | undefined): Uint8Array {
		const sealed = this.schedule!.seal4(ead4 instanceof Uint8Array ? ead4 : this.encodeEad(ead4));
		return this.scratch.reset().bytes(sealed).take();
	}
}

function checkSuites(suitesI: readonly number[], suites: readonly number[]): void {
	if (!isAcceptable(suitesI, suites)) throw new EdhocError("wrong-suite", { suites });
}
