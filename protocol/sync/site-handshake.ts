// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import { CborError, CborReader } from "../cbor/reader.js";
import type { Signer } from "../credential/cose.js";
import { type ReaderCredential, verifyReader } from "../credential/credential.js";
import type { Crypto } from "../crypto.js";
import type { EadItem } from "../edhoc/ead.js";
import type { EphemeralSource } from "../edhoc/ephemeral.js";
import { EdhocError } from "../edhoc/errors.js";
import { byKid, type OwnCredential } from "../edhoc/id-cred.js";
import { resolveBy } from "../edhoc/resolve.js";
import { Responder } from "../edhoc/responder.js";
import { KID, type TrustList } from "../trust/list.js";
import { VERSION } from "./bounds.js";
import { FRAME, HANDSHAKE_HEAD, handshakeFrame, isHandshake, isNext } from "./frame.js";
import { EAD_SYNC } from "./request.js";

import { claimsOf } from "./server-key.js";
import { SyncSession } from "./session.js";

export interface SiteHandshakeOptions {
	readonly crypto: Crypto;
	readonly ephemerals: EphemeralSource;
	/** As `serverCredential` makes it. */
	readonly credential: OwnCredential;
	readonly trust: TrustList;
	/** Of the topic that its frames come on. */
	readonly door: string;
	/** The reader's Ed25519 key, as it is registered for this door. */
	readonly registered: Uint8Array;
	/** Seconds since 1970. */
	readonly now: number;
}

/**
 * The site's side of one attempt at a session, from a frame with message_1 on. The door is the one that the reader's credential names;
 * the topic has to be that door's, and the key the one that is registered for it.
 */
export class SiteHandshake {
	/** Of the session: what stands in the first frame. */
	readonly id: Uint8Array;
	private readonly options: SiteHandshakeOptions;
	private readonly edhoc: Responder;
	#reader: ReaderCredential | undefined;
	#session: SyncSession | undefined;

	/** `id`: of the first frame, as `sessionIdIn` gives it. */
	constructor(options: SiteHandshakeOptions, id: Uint8Array) {
		const { credential, crypto, ephemerals } = options;
		this.options = options;
		this.id = id.slice();
		this.edhoc = new Responder({
			...{ crypto, ephemerals, suites: [4], credentials: [credential], knownEad: [EAD_SYNC] },
			connectionId: new Uint8Array(0),
		});
	}

	/** Who it is, from message_3 on. */
	get reader(): ReaderCredential | undefined {
		return this.#reader;
	}

	/** There is one from message_3 on; the frame with message_4 goes before its first record. */
	get session(): SyncSession | undefined {
		return this.#session;
	}

	/** As `ReaderHandshake.take`. What it throws may be told to the reader by `errorFrame`. */
	take(frame: Uint8Array): Uint8Array | undefined {
		const { edhoc, id } = this;
		const message = frame.subarray(HANDSHAKE_HEAD);
		try {
			if (edhoc.state === "start" && isNext(frame, FRAME.message1, id)) return this.answer(message);
			if (edhoc.state === "message-2" && isNext(frame, FRAME.message3, id)) return this.finish(message);
			return undefined;
		} catch (error) {
			edhoc.close();
			throw error;
		}
	}

	/** Gives the attempt up; a session that came of it stays. */
	close(): void {
		this.edhoc.close();
	}

	private answer(message1: Uint8Array): Uint8Array {
		const { edhoc, id } = this;
		checkRequest(edhoc.processMessage1(message1));
		if (!equal(edhoc.peerConnectionId!, id)) throw new EdhocError("malformed", { detail: "session id" });
		return handshakeFrame(FRAME.message2, id, edhoc.message2());
	}

	private finish(message3: Uint8Array): Uint8Array {
		const { crypto, door, now, registered, trust } = this.options;
		const { edhoc, id } = this;
		const resolve = resolveBy((cwt) => verifyReader(cwt, trust, crypto, now));
		const { peer } = edhoc.processMessage3(message3, resolve);
		const { credential } = peer;
		if (credential.subject !== door)
			throw new EdhocError("unsupported-credential", { detail: `of ${credential.subject}` });
		if (!equal(peer.publicKey, registered))
			throw new EdhocError("unsupported-credential", { detail: "not the registered key" });
		const frame = handshakeFrame(FRAME.message4, id, edhoc.message4());
		this.#reader = credential;
		this.#session = new SyncSession(crypto, edhoc, "site", trust.site, door, id);
		return frame;
	}
}

/** The session's id in a frame that begins an attempt; `undefined` where it is none. */
export function sessionIdIn(frame: Uint8Array): Uint8Array | undefined {
	return isHandshake(frame) && frame[0] === FRAME.message1 ? frame.subarray(1, HANDSHAKE_HEAD) : undefined;
}

/** What a server authenticates with. RangeError where `publicKey` is none of Ed25519. */
export function serverCredential(site: string, publicKey: Uint8Array, by: Signer): OwnCredential {
	return { ...byKid(publicKey.slice(0, KID), claimsOf(site, publicKey)), ...by };
}

/** Throws `EdhocError` "wrong-version" unless EAD_1 has this item, critical, once, and with our version. */
export function checkRequest(ead: readonly EadItem[]): void {
	const items = ead.filter(({ label }) => label === EAD_SYNC);
	const [item] = items;
	if (items.length !== 1 || !item!.critical || versionIn(item!) !== VERSION)
		throw new EdhocError("wrong-version", { detail: "sync" });
}

function versionIn({ value }: EadItem): number | undefined {
	if (value === undefined) return undefined;
	try {
		const reader = new CborReader(value);
		const version = reader.uint();
		reader.end();
		return version;
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
}
