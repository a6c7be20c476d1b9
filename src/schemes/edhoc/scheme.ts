// SPDX-License-Identifier: Apache-2.0

import { CborWriter } from "../../../protocol/cbor/writer.js";
import { KnownCredentials } from "../../../protocol/credential/known.js";
import type { Crypto, Random } from "../../../protocol/crypto.js";
import type { EadItem } from "../../../protocol/edhoc/ead.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import type { OwnCredential } from "../../../protocol/edhoc/id-cred.js";
import { SCRATCH } from "../../../protocol/edhoc/session.js";
import { suiteOf } from "../../../protocol/edhoc/suites.js";
import { DEMAND, encodeIntent } from "../../../protocol/link/intent.js";
import type { TrustSource } from "../../../protocol/trust/list.js";
import type { BleSession, Intent, NfcSession, Scheme, SchemeEvents } from "../scheme.js";
import { EdhocBle } from "./ble.js";
import { EdhocNfc } from "./nfc.js";
import { Transaction } from "./transaction.js";

export interface EdhocOptions {
	readonly crypto: Crypto;
	readonly random: Random;
	/** EDHOC suites by value, the preferred first. */
	readonly suites: readonly number[];
	/** The reader's own, one a signature algorithm. */
	readonly credentials: readonly OwnCredential[];
	readonly site: TrustSource;
	/** The door that phones ask for. */
	readonly door: string;
}

/** Lintel's own: EDHOC (RFC 9528) with credentials that the site signed, the same over NFC and BLE. */
export class Edhoc implements Scheme {
	private readonly options: EdhocOptions;
	private readonly ephemerals: EphemeralPool;
	private readonly known = new KnownCredentials();
	/** Of all sessions: a step of one is over before another's begins. */
	private readonly scratch = new CborWriter(SCRATCH);

	constructor(options: EdhocOptions) {
		this.options = options;
		this.ephemerals = new EphemeralPool(options.crypto, options.random);
	}

	prepare(): void {
		// The curve of the preferred suite: the first phone with another waits for its key, those after it do not.
		this.ephemerals.prepare(suiteOf(this.options.suites[0]!)!.curve);
	}

	nfc(events: SchemeEvents): NfcSession {
		return new EdhocNfc(this.transaction(events));
	}

	ble(events: SchemeEvents, intent: Intent): BleSession {
		const demand = demandOf(intent);
		return new EdhocBle(this.transaction(events, [encodeIntent(demand)]), demand);
	}

	private transaction(events: SchemeEvents, demand: readonly EadItem[] = []): Transaction {
		return new Transaction({
			...this.options,
			ephemerals: this.ephemerals,
			known: this.known,
			scratch: this.scratch,
			events,
			demand,
		});
	}
}

/** Bits of `DEMAND`. */
function demandOf({ near, tap, either }: Intent): number {
	return (near ? DEMAND.near : 0) | (tap ? DEMAND.tap : 0) | (either ? DEMAND.either : 0);
}
