// SPDX-License-Identifier: Apache-2.0

import type { CborWriter } from "../../../protocol/cbor/writer.js";
import {
	acceptPhone,
	type ClaimedCredential,
	CredentialError,
	claimPhone,
} from "../../../protocol/credential/credential.js";
import type { KnownCredentials } from "../../../protocol/credential/known.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { EadItem } from "../../../protocol/edhoc/ead.js";
import type { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { EdhocError, errorMessage } from "../../../protocol/edhoc/errors.js";
import type { OwnCredential } from "../../../protocol/edhoc/id-cred.js";
import { resolveBy, type SitePeer } from "../../../protocol/edhoc/resolve.js";
import { Responder } from "../../../protocol/edhoc/responder.js";
import type { Resolve } from "../../../protocol/edhoc/session.js";
import { ACT, decodeIntent, EAD_INTENT } from "../../../protocol/link/intent.js";
import { encodeReceipt } from "../../../protocol/link/receipt.js";
import { VERSION } from "../../../protocol/link/version.js";
import type { Reason } from "../../../protocol/reasons.js";
import type { TrustSource } from "../../../protocol/trust/list.js";
import type { SchemeEvents } from "../scheme.js";

/** C_R: one byte on the wire (RFC 9528 3.3.2). Nothing is addressed by it, so every session may have the same. */
const CONNECTION_ID: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x00);

const KNOWN_EAD = Object.freeze([EAD_INTENT]);

const SCHEME = "edhoc";

// Where a transaction is.
const IDLE = 0;
const MESSAGE_1 = 1;
/** message_2 is under way, and not signed yet. */
const SIGNING = 2;
const MESSAGE_3 = 3;
const DECIDED = 4;
const REFUSED = 5;

export interface TransactionOptions {
	readonly crypto: Crypto;
	/** EDHOC suites by value, the preferred first. */
	readonly suites: readonly number[];
	/** The reader's own, one a signature algorithm. */
	readonly credentials: readonly OwnCredential[];
	readonly ephemerals: EphemeralPool;
	readonly site: TrustSource;
	/** Phones that were here before. */
	readonly known: KnownCredentials;
	readonly scratch: CborWriter;
	/** The door that phones ask for. */
	readonly door: string;
	readonly events: SchemeEvents;
	/** EAD_2: what the door wants. None over NFC, where the phone is in a hand. */
	readonly demand?: readonly EadItem[];
}

/** The reader's side of one transaction, the same over NFC and BLE: messages in, messages out. */
export class Transaction {
	private readonly options: TransactionOptions;
	private readonly resolve: Resolve<SitePeer<ClaimedCredential>>;
	private session: Responder | undefined;
	/** Of `ACT`: what was done to open, as the link has it. The phone has to sign the same. */
	act: number = ACT.nfc;
	private state = IDLE;
	#started = false;

	constructor(options: TransactionOptions) {
		this.options = options;
		this.resolve = resolveBy((cwt) => claimPhone(cwt, options.site.trust));
	}

	/** A new phone: forget everything of the last. */
	open(): void {
		this.abandon();
		this.state = MESSAGE_1;
		this.#started = false;
	}

	/** The phone has sent a message that is one of ours. */
	get started(): boolean {
		return this.#started;
	}

	/** Nothing more is expected from the phone: decided or refused. */
	get over(): boolean {
		return this.state >= DECIDED;
	}

	/** What `receive` gave last is an EDHOC error message. */
	get failed(): boolean {
		return this.state === REFUSED;
	}

	/** Number of the EDHOC message that `receive` gave last; 0 for an error. */
	get reply(): 0 | 2 | 4 {
		if (this.failed) return 0;
		return this.over ? 4 : 2;
	}

	/** Bytes of the message that `receive` gave last which may go out before `ahead` makes the rest; `undefined`: all. */
	get ready(): number | undefined {
		return this.state === SIGNING ? this.session!.unsigned : undefined;
	}

	/** While the phone is busy: begins a session, signs message_2 where that is still to be done, or derives the keys of message_3. */
	ahead(): void {
		if (this.state === SIGNING) {
			this.session!.finishMessage2();
			this.state = MESSAGE_3;
		} else if (this.state === MESSAGE_3) this.session!.prepareMessage3();
		else if (this.state === MESSAGE_1) this.begin();
	}

	/** A whole message from the phone; the message to send back, `undefined` for none. Never throws. */
	receive(message: Uint8Array): Uint8Array | undefined {
		try {
			if (this.state === MESSAGE_1) return this.receive1(message);
			if (this.state === MESSAGE_3) return this.receive3(message);
			throw new EdhocError("wrong-state");
		} catch (error) {
			return this.refuse(error);
		}
	}

	/** The phone speaks another version: the message that tells it. */
	refuseVersion(version: number): Uint8Array {
		const detail = `the phone speaks version ${version}, this reader ${VERSION}`;
		return this.refuse(new EdhocError("wrong-version", { detail }))!;
	}

	/** The phone has gone: wipe the secrets. */
	abandon(): void {
		this.session?.close();
		this.session = undefined;
		if (!this.over) this.state = IDLE;
	}

	private begin(): Responder {
		if (this.session !== undefined) return this.session;
		const { crypto, suites, credentials, ephemerals, scratch } = this.options;
		this.session = new Responder({
			crypto,
			suites,
			credentials,
			ephemerals,
			scratch,
			connectionId: CONNECTION_ID,
			knownEad: KNOWN_EAD,
		});
		return this.session;
	}

	private receive1(message: Uint8Array): Uint8Array {
		const session = this.begin();
		session.processMessage1(message);
		this.#started = true;
		const message2 = session.beginMessage2(this.options.demand);
		this.state = SIGNING;
		return message2;
	}

	private receive3(message: Uint8Array): Uint8Array {
		const session = this.session!;
		const { peer, ead } = session.processMessage3(message, this.resolve);
		const { crypto, door, events, known, site } = this.options;
		// After the phone's own signature: whoever has a copy of a credential alone cannot tell by the time whether its phone was here.
		const { id, notBefore, expires } = acceptPhone(peer.credential, site.trust, door, crypto, known);
		if (decodeIntent(ead) !== this.act)
			throw new EdhocError("wrong-intent", { detail: "what the phone signed is not what it showed" });
		// From here on the phone has its decision, whatever becomes of the receipt.
		this.state = DECIDED;
		const decision = events.onIdentity({
			scheme: SCHEME,
			id,
			notBefore,
			expires,
			acted: this.act !== ACT.none,
		});
		const message4 = session.message4(encodeReceipt(decision.reason, site.trust.version));
		session.close();
		this.session = undefined;
		return message4;
	}

	private refuse(error: unknown): Uint8Array | undefined {
		this.abandon();
		// A decision stands even where its receipt could not be made.
		if (this.state === DECIDED) throw error;
		this.state = REFUSED;
		this.options.events.onRefused(reasonFor(error), error instanceof Error ? error.message : String(error));
		return errorMessage(error);
	}
}

/** The administrator's word for what the transaction threw. */
function reasonFor(error: unknown): Reason {
	if (error instanceof CredentialError) return error.reason;
	if (error instanceof EdhocError) {
		if (error.reason === "bad-signature" || error.reason === "reflected") return "bad-signature";
		if (error.reason === "peer-error") return "transaction-incomplete";
		if (error.reason === "unknown-credential") return "unknown-credential";
		if (error.reason === "wrong-version" || error.reason === "wrong-intent") return error.reason;
		return "malformed";
	}
	// Not the phone's doing: it must come out as the defect that it is.
	throw error;
}
