/**
 * The holder's side of one transaction: what a phone app does between the messages, whatever carries them. It has no
 * Node and no DOM; `docs/PROTOCOL.md` describes it, `hce.ts` puts it behind NFC.
 */
import type { Crypto, Random } from "../../hal/contracts.js";
import type { Trust } from "../../src/credential/credential.js";
import { EphemeralPool } from "../../src/edhoc/ephemeral.js";
import { EdhocError, errorMessage } from "../../src/edhoc/errors.js";
import type { IdCred, OwnCredential } from "../../src/edhoc/id-cred.js";
import { Initiator } from "../../src/edhoc/initiator.js";
import { resolveBySite, type SitePeer } from "../../src/edhoc/resolve.js";
import { decodeReceipt } from "../../src/link/receipt.js";
import type { Decision } from "../../src/reasons.js";
import type { HolderSession } from "./hce.js";

/** C_I: one byte on the wire. */
const CONNECTION_ID = Object.freeze([0x01]);

export interface HolderOptions {
	readonly crypto: Crypto;
	readonly random: Random;
	/** The phone's credential and its key: `OwnCredential` over a secure element or over memory. */
	readonly credential: OwnCredential;
	/** EDHOC suite to use. */
	readonly suite: number;
	/** The site whose readers the phone talks to; it came with the credential. */
	readonly trust: Trust;
	/** What came of it: the reader's door and its decision, or why there is none. */
	readonly onResult?: (result: HolderResult) => void;
}

export type HolderResult =
	| { readonly kind: "decision"; readonly decision: Decision | undefined; readonly door: string | undefined }
	| { readonly kind: "failed"; readonly error: Error };

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
		const initiator = new Initiator({
			crypto: options.crypto,
			suites: [options.suite],
			credentials: [options.credential],
			connectionId: Uint8Array.from(CONNECTION_ID),
			ephemerals: this.#ephemerals,
		});
		let door: string | undefined;
		const fail = (error: unknown): void => options.onResult?.({ kind: "failed", error: error as Error });
		return {
			begin: () => initiator.message1(),
			receive: (message) => {
				try {
					const { peer } = initiator.processMessage2(message, (idCred) => this.#reader(idCred));
					door = peer.credential.subject;
					return initiator.message3();
				} catch (error) {
					fail(error);
					return errorMessage(error) ?? new Uint8Array(0);
				}
			},
			finish: (message) => {
				try {
					const decision = decodeReceipt(initiator.processMessage4(message));
					options.onResult?.({ kind: "decision", decision, door });
				} catch (error) {
					fail(error);
				}
				initiator.close();
			},
			abandon: () => initiator.close(),
		};
	}

	/** A reader of the phone's own site, and a reader: its credential names a door. */
	#reader(idCred: IdCred): SitePeer {
		const { trust, crypto } = this.#options;
		const peer = resolveBySite(trust, crypto)(idCred);
		if (peer.credential.subject === undefined)
			throw new EdhocError("unknown-credential", { detail: "not a reader" });
		return peer;
	}
}
