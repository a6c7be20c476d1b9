// SPDX-License-Identifier: Apache-2.0

import type { Crypto, Random } from "../crypto.js";
import type { EphemeralSource } from "../edhoc/ephemeral.js";
import type { OwnCredential } from "../edhoc/id-cred.js";
import { Initiator } from "../edhoc/initiator.js";
import type { TrustKey, TrustList } from "../trust/list.js";
import { SESSION_ID } from "./bounds.js";
import { FRAME, HANDSHAKE_HEAD, handshakeFrame, isNext } from "./frame.js";
import { syncRequest } from "./request.js";
import { resolveServer } from "./server-key.js";
import { SyncSession } from "./session.js";

export interface ReaderHandshakeOptions {
	readonly crypto: Crypto;
	readonly random: Random;
	readonly ephemerals: EphemeralSource;
	/** The reader's own, by value, Ed25519. */
	readonly credential: OwnCredential;
	readonly trust: TrustList;
	readonly door: string;
	/** Seconds since 1970; `undefined` where the clock is not set. */
	readonly now: number | undefined;
}

/**
 * The reader's side of one attempt at a session: it is EDHOC's Initiator here, with suite 4 alone. It sends nothing of its own before
 * message_4 has proved that the server has the same keys.
 */
export class ReaderHandshake {
	/** Of the session, and C_I: 8 random bytes. */
	readonly id = new Uint8Array(SESSION_ID);
	private readonly options: ReaderHandshakeOptions;
	private readonly edhoc: Initiator;
	#server: TrustKey | undefined;
	#session: SyncSession | undefined;

	constructor(options: ReaderHandshakeOptions) {
		const { credential, crypto, ephemerals, random } = options;
		this.options = options;
		random.fill(this.id);
		this.edhoc = new Initiator({
			...{ crypto, ephemerals, suites: [4], credentials: [credential], connectionId: this.id },
		});
	}

	/** The server's key in the trust list, once message_2 has come. */
	get server(): TrustKey | undefined {
		return this.#server;
	}

	/** There is one from message_4 on. */
	get session(): SyncSession | undefined {
		return this.#session;
	}

	/** The first frame. */
	begin(): Uint8Array {
		return handshakeFrame(FRAME.message1, this.id, this.edhoc.message1(syncRequest()));
	}

	/**
	 * Takes a frame of the server's. Returns what to send, or `undefined`; what is not the next of this attempt is passed over. Throws
	 * `EdhocError` or `CredentialError`, and the attempt is over.
	 */
	take(frame: Uint8Array): Uint8Array | undefined {
		const { crypto, door, now, trust } = this.options;
		const { edhoc, id } = this;
		if (edhoc.state === "message-1" && isNext(frame, FRAME.message2, id)) {
			const resolve = resolveServer(trust, door, now);
			const { peer } = edhoc.processMessage2(frame.subarray(HANDSHAKE_HEAD), resolve);
			this.#server = peer.key;
			return handshakeFrame(FRAME.message3, id, edhoc.message3());
		}
		if (edhoc.state === "message-3" && isNext(frame, FRAME.message4, id)) {
			edhoc.processMessage4(frame.subarray(HANDSHAKE_HEAD));
			this.#session = new SyncSession(crypto, edhoc, "reader", trust.site, door, id);
		}
		return undefined;
	}

	/** Gives the attempt up; a session that came of it stays. */
	close(): void {
		this.edhoc.close();
	}
}
