// SPDX-License-Identifier: Apache-2.0

/**
 * The holder's side of one transaction, over any link: what a phone app does between the messages. It needs neither Node nor a DOM.
 * `docs/PROTOCOL.md` describes it; `hce.ts` uses it over NFC, `gatt.ts` over BLE.
 */

import type { SignatureAlgorithm } from "../protocol/credential/cose.js";
import { type ReaderCredential, verifyReader } from "../protocol/credential/credential.js";
import type { Crypto, Random } from "../protocol/crypto.js";
import type { EadItem } from "../protocol/edhoc/ead.js";
import { EphemeralPool } from "../protocol/edhoc/ephemeral.js";
import { EdhocError, errorMessage } from "../protocol/edhoc/errors.js";
import type { CredentialForm, IdCred, OwnCredential } from "../protocol/edhoc/id-cred.js";
import { Initiator } from "../protocol/edhoc/initiator.js";
import { resolveBy, type SitePeer } from "../protocol/edhoc/resolve.js";
import {
	ACT,
	type Act,
	decodeIntent,
	EAD_INTENT,
	encodeIntent,
	isActEnough,
} from "../protocol/link/intent.js";
import { decodeListVersion, decodeReceipt } from "../protocol/link/read-receipt.js";
import type { Decision } from "../protocol/reasons.js";
import type { TrustList } from "../protocol/trust/list.js";
import type { HolderSession } from "./hce.js";

/** C_I: one byte on the wire. */
const CONNECTION_ID = Object.freeze([0x01]);

/**
 * A credential whose key signs later: by WebCrypto, or by a secure element behind an app's bridge. The reader waits one second for
 * message_3, so the user must not be asked in between.
 */
export interface LaterCredential extends CredentialForm {
	readonly algorithm: SignatureAlgorithm;
	/** 64 bytes; ES256 as r and s. */
	signLater(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

export interface HolderOptions {
	readonly crypto: Crypto;
	readonly random: Random;
	/** The phone's credential and its key. */
	readonly credential: OwnCredential | LaterCredential;
	/** The EDHOC suite to use, by its number. */
	readonly suite: number;
	/** The site's list, by which readers are believed. */
	readonly trust: TrustList;
	/** Seconds since 1970, where the phone knows the time: readers' credentials may have an end. */
	readonly now?: () => number;
	/** Called once at most: with the reader's door and its decision, or with the reason why there is none. */
	readonly onResult?: (result: HolderResult) => void;
}

export type HolderResult =
	| {
			readonly kind: "decision";
			readonly decision: Decision | undefined;
			readonly door: string | undefined;
			/** Version of the trust list that the reader has: where the phone's is older, the app fetches what it lacks. */
			readonly listVersion: number | undefined;
	  }
	| { readonly kind: "failed"; readonly error: Error };

function notNow(): Uint8Array {
	throw new Error("the key signs later: receiveLater, receivedLater, processLater");
}

/** Makes one session for each tap. */
export class Holder {
	readonly #options: HolderOptions;
	readonly #ephemerals: EphemeralPool;

	constructor(options: HolderOptions) {
		this.#options = options;
		this.#ephemerals = new EphemeralPool(options.crypto, options.random);
	}

	session(): HolderSession {
		const options = this.#options;
		const { credential } = options;
		const later = "signLater" in credential ? credential : undefined;
		const initiator = new Initiator({
			crypto: options.crypto,
			suites: [options.suite],
			credentials: ["signLater" in credential ? { ...credential, sign: notNow } : credential],
			connectionId: Uint8Array.from(CONNECTION_ID),
			ephemerals: this.#ephemerals,
			knownEad: [EAD_INTENT],
		});
		let act: Act = "none";
		let door: string | undefined;
		let told = false;
		const tell = (result: HolderResult): void => {
			if (!told) options.onResult?.(result);
			told = true;
		};
		const fail = (error: unknown): void => tell({ kind: "failed", error: error as Error });
		const message2 = (message: Uint8Array): void => {
			const { peer, ead } = initiator.processMessage2(message, (idCred) => this.#reader(idCred));
			door = peer.credential.subject;
			checkDemand(decodeIntent(ead), act);
		};
		const refused = (error: unknown): Uint8Array => {
			fail(error);
			return errorMessage(error) ?? new Uint8Array(0);
		};
		const ead3 = (): EadItem[] => [encodeIntent(ACT[act])];
		return {
			begin: (done) => {
				act = done;
				return initiator.message1();
			},
			receive: (message) => {
				try {
					message2(message);
					return initiator.message3(ead3());
				} catch (error) {
					return refused(error);
				}
			},
			receiveLater: async (message) => {
				try {
					message2(message);
					if (later === undefined) return initiator.message3(ead3());
					const signature = await later.signLater(Uint8Array.from(initiator.toBeSigned3(ead3())));
					if (signature.length !== 64)
						throw new RangeError(`a signature of ${signature.length} bytes, not 64`);
					return initiator.message3(ead3(), signature);
				} catch (error) {
					return refused(error);
				}
			},
			finish: (message) => {
				try {
					const ead = initiator.processMessage4(message);
					const decision = decodeReceipt(ead);
					tell({ kind: "decision", decision, door, listVersion: decodeListVersion(ead) });
				} catch (error) {
					fail(error);
				}
				initiator.close();
			},
			abandon: () => initiator.close(),
		};
	}

	/** Checks that the peer is a reader of the phone's site. */
	#reader(idCred: IdCred): SitePeer<ReaderCredential> {
		const { trust, crypto, now } = this.#options;
		return resolveBy((cwt) => verifyReader(cwt, trust, crypto, now?.()))(idCred);
	}
}

/** Before the phone names itself: a reader over BLE says what its door wants, one over NFC says nothing. */
function checkDemand(demand: number | undefined, act: Act): void {
	if ((demand === undefined) !== (act === "nfc"))
		throw new EdhocError("wrong-intent", { detail: "the reader is on the other radio" });
	if (demand !== undefined && !isActEnough(demand, act))
		throw new EdhocError("wrong-intent", { detail: "this door wants a tap in the app" });
}
