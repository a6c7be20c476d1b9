// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import { CborError } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import { type SignatureAlgorithm, verify } from "../credential/cose.js";
import { CwtError } from "../credential/cwt.js";
import type { Crypto } from "../crypto.js";
import { type EadItem, writeEad } from "./ead.js";
import type { Ephemeral, EphemeralSource } from "./ephemeral.js";
import { decodeErrorMessage, EdhocError, isErrorMessage } from "./errors.js";
import { Exporter } from "./exporter.js";
import type { IdCred, OwnCredential, PeerCredential } from "./id-cred.js";
import { MAX_IDENTIFIER } from "./identifier.js";
import type { Plaintext } from "./plaintext.js";
import type { Schedule } from "./schedule.js";
import { SUITE_IDS, type Suite, suiteOf } from "./suites.js";

export interface SessionOptions {
	readonly crypto: Crypto;
	/** Supported suites by value, all in `SUITES`; the initiator's in order of preference. */
	readonly suites: readonly number[];
	/** One a signature algorithm, for the suites above. */
	readonly credentials: readonly OwnCredential[];
	/** C_I or C_R: how the peer would name this session, up to 16 bytes. */
	readonly connectionId: Uint8Array;
	readonly ephemerals: EphemeralSource;
	/** Labels of EAD items that the application understands; none by default. */
	readonly knownEad?: readonly number[];
	/** Where messages are put together, for sessions of which no step falls into another's; a session has its own by default. */
	readonly scratch?: CborWriter;
}

/** Finds the credential that a peer's ID_CRED names or carries, or throws: `EdhocError` "unknown-credential", or its own. */
export type Resolve<P extends PeerCredential> = (idCred: IdCred) => P;

/** An authenticated peer, and the EAD that it sent. */
export interface Authenticated<P extends PeerCredential> {
	readonly peer: P;
	readonly ead: readonly EadItem[];
}

export type SessionState =
	| "start"
	| "message-1"
	/** message_2 has begun, and is not signed yet. */
	| "signing"
	| "message-2"
	| "message-3"
	/** Authenticated; message_4 is still to come, or to go. */
	| "authenticated"
	| "completed"
	/** Failed or closed: every secret is wiped. */
	| "ended";

// The states as constants: a literal is copied into RAM whenever it is met.
export const START = "start";
export const MESSAGE_1 = "message-1";
export const SIGNING = "signing";
export const MESSAGE_2 = "message-2";
export const MESSAGE_3 = "message-3";
export const AUTHENTICATED = "authenticated";
export const COMPLETED = "completed";
const ENDED = "ended";

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/** Bytes of scratch: the longest input with suite 4 and Lintel's own credentials. It grows for others. */
export const SCRATCH = 640;

/**
 * What both roles share: a state that only moves forward. A step that fails or comes out of turn ends the session, wipes its
 * secrets and throws to the caller.
 */
export abstract class Session {
	protected readonly options: SessionOptions;
	protected readonly crypto: Crypto;
	protected readonly scratch: CborWriter;
	protected readonly knownEad: readonly number[];
	protected schedule: Schedule | undefined;
	protected ephemeral: Ephemeral | undefined;
	#state: SessionState = START;
	private exporter: Exporter | undefined;
	private closed = false;

	constructor(options: SessionOptions) {
		if (options.connectionId.length > MAX_IDENTIFIER) throw new RangeError("connection identifier");
		const { suites } = options;
		for (let i = 0; suites !== SUITE_IDS && i < suites.length; i++)
			if (suiteOf(suites[i]!) === undefined) throw new RangeError(`cipher suite ${suites[i]}`);
		this.options = options;
		this.crypto = options.crypto;
		this.scratch = options.scratch ?? new CborWriter(SCRATCH);
		this.knownEad = options.knownEad ?? [];
	}

	get state(): SessionState {
		return this.#state;
	}

	/** EDHOC_Exporter (RFC 9528 4.2.1), in a completed session. See `Exporter.export`. */
	export(label: number, context: Uint8Array, length: number): Uint8Array {
		return this.keys().export(label, context, length);
	}

	/** EDHOC_KeyUpdate (appendix H), in a completed session. */
	keyUpdate(context: Uint8Array): void {
		this.keys().update(context);
	}

	/** Ends the session and wipes its secrets. May be called at any time, and again. */
	close(): void {
		this.closed = true;
		this.#state = ENDED;
		this.schedule?.wipe();
		this.ephemeral?.wipe();
		this.exporter?.wipe();
		this.scratch.wipe(this.crypto);
		this.schedule = undefined;
		this.ephemeral = undefined;
		this.exporter = undefined;
	}

	/**
	 * Runs one step with its arguments, from one state to the next; while it runs, the session counts as ended. `run` takes a
	 * method and its arguments because a closure would be made in RAM at each step.
	 */
	protected step<T, A, B>(
		from: SessionState,
		to: SessionState,
		run: (this: this, a: A, b: B) => T,
		a?: A,
		b?: B,
	): T {
		const state = this.#state;
		this.#state = ENDED;
		try {
			if (state !== from) throw new EdhocError("wrong-state", { detail: `${state}, not ${from}` });
			const result = run.call(this, a!, b!);
			// A resolver or a signer may have closed the session meanwhile.
			if (this.closed) throw new EdhocError("wrong-state", { detail: "closed" });
			this.#state = to;
			return result;
		} catch (error) {
			this.close();
			if (error instanceof CborError || error instanceof CwtError)
				throw new EdhocError("malformed", { detail: error.reason });
			throw error;
		}
	}

	/** Throws "peer-error" when the peer sent an error message in place of the one expected. */
	protected checkPeerError(message: Uint8Array): void {
		if (isErrorMessage(message)) throw new EdhocError("peer-error", { peer: decodeErrorMessage(message) });
	}

	protected credentialFor(suite: Suite): OwnCredential {
		const { credentials } = this.options;
		for (let i = 0; i < credentials.length; i++)
			if (credentials[i]!.algorithm === suite.signature) return credentials[i]!;
		throw new EdhocError("no-credential");
	}

	protected encodeEad(items: readonly EadItem[] | undefined): Uint8Array {
		if (items === undefined || items.length === 0) return NOTHING;
		const writer = new CborWriter(64);
		writeEad(writer, items);
		return writer.view();
	}

	/** Signature_or_MAC of one's own (RFC 9528 5.3.2, 5.4.2). `connectionId`: C_R as encoded, in message_2. */
	protected sign(
		schedule: Schedule,
		own: OwnCredential,
		connectionId: Uint8Array | undefined,
		ead: Uint8Array,
	): Uint8Array {
		return own.sign(schedule.toBeSigned(connectionId, own.idCred, own.cred, ead));
	}

	/** Resolves the peer's credential and verifies its Signature_or_MAC. */
	protected authenticate<P extends PeerCredential>(
		schedule: Schedule,
		plaintext: Plaintext,
		connectionId: Uint8Array | undefined,
		resolve: Resolve<P>,
	): P {
		const { idCred, names, signature, eadBytes } = plaintext;
		const peer = resolve(names);
		checkAlgorithm(peer.algorithm, schedule.suite);
		// Reflection (RFC 9528 9.1): the peer must not authenticate with the credential of this side.
		const { credentials } = this.options;
		for (let i = 0; i < credentials.length; i++)
			if (equal(credentials[i]!.cred, peer.cred)) throw new EdhocError("reflected");
		const message = schedule.toBeSigned(connectionId, idCred, peer.cred, eadBytes);
		if (!verify(signature, message, peer, this.crypto)) throw new EdhocError("bad-signature");
		return peer;
	}

	private keys(): Exporter {
		if (this.#state !== COMPLETED || this.schedule === undefined)
			throw new EdhocError("wrong-state", { detail: `export: ${this.#state}` });
		this.exporter ??= new Exporter(this.crypto, this.schedule.prkOut());
		return this.exporter;
	}
}

function checkAlgorithm(algorithm: SignatureAlgorithm, suite: Suite): void {
	if (algorithm !== suite.signature) throw new EdhocError("wrong-algorithm");
}
