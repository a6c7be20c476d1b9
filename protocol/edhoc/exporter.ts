// SPDX-License-Identifier: Apache-2.0

import { CborWriter } from "../cbor/writer.js";
import type { Crypto } from "../crypto.js";
import { HASH_LENGTH, kdf, LABEL } from "./kdf.js";

const MAX_LABEL = 65535;

/** Keys for the application from PRK_out (RFC 9528 4.2, appendix H). */
export class Exporter {
	private readonly crypto: Crypto;
	private readonly writer = new CborWriter(96);
	private prkOut: Uint8Array;
	private prkExporter: Uint8Array;

	/** Takes `prkOut` as its own and wipes it at the end. */
	constructor(crypto: Crypto, prkOut: Uint8Array) {
		this.crypto = crypto;
		this.prkOut = prkOut;
		this.prkExporter = this.derivePrkExporter();
	}

	/**
	 * EDHOC_Exporter. `label`: 0 to 65535, of the registry (32768 and up are for private use); `length`: 1 to 8160
	 * bytes. RangeError beyond.
	 */
	export(label: number, context: Uint8Array, length: number): Uint8Array {
		if (!(Number.isInteger(label) && label >= 0 && label <= MAX_LABEL)) throw new RangeError("label");
		if (!(Number.isInteger(length) && length > 0)) throw new RangeError("length");
		return kdf(this.crypto, this.writer, this.prkExporter, label, context, length);
	}

	/** EDHOC_KeyUpdate: both sides call it with the same context; keys derived before cannot be derived again. */
	update(context: Uint8Array): void {
		const next = kdf(this.crypto, this.writer, this.prkOut, LABEL.keyUpdate, context, HASH_LENGTH);
		this.crypto.wipe(this.prkOut);
		this.crypto.wipe(this.prkExporter);
		this.prkOut = next;
		this.prkExporter = this.derivePrkExporter();
	}

	wipe(): void {
		this.crypto.wipe(this.prkOut);
		this.crypto.wipe(this.prkExporter);
		this.writer.wipe(this.crypto);
	}

	private derivePrkExporter(): Uint8Array {
		const none = new Uint8Array(0);
		return kdf(this.crypto, this.writer, this.prkOut, LABEL.prkExporter, none, HASH_LENGTH);
	}
}
