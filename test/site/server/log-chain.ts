// SPDX-License-Identifier: Apache-2.0

import { concat } from "../../../protocol/bytes.js";
import { AT, CHECKPOINT_SIZE, MAGIC } from "../../../protocol/log/record.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import { crypto } from "./site-bench.js";

/** A reader's log, made record by record as docs/log.md says; its checkpoint is from before the reader had a key. */
export class LogChain {
	readonly checkpoint = new Uint8Array(CHECKPOINT_SIZE);
	readonly records: Uint8Array[] = [];
	#link: Uint8Array;
	readonly #seed: number;

	constructor(seed: number) {
		this.#seed = seed;
		const view = new DataView(this.checkpoint.buffer);
		view.setUint32(0, MAGIC);
		view.setUint32(AT.first, 1);
		const check = crypto.sha256(this.checkpoint.subarray(0, AT.check)).subarray(0, 8);
		this.checkpoint.set(check, AT.check);
		this.#link = check;
	}

	/** The record of this serial, 1 the first, made as far as needed. */
	record(serial: number, subject?: Uint8Array): Uint8Array {
		while (this.records.length < serial) {
			const record = new Uint8Array(32);
			const view = new DataView(record.buffer);
			view.setUint32(0, this.records.length + 1);
			view.setUint32(4, 1_800_000_000 + this.records.length);
			record.set([16, 2, 0, 0], 8);
			view.setUint32(12, this.#seed);
			if (subject !== undefined) record.set(subject, 16);
			this.#link = crypto.sha256(concat(this.#link, record.subarray(0, 24))).subarray(0, 8);
			record.set(this.#link, 24);
			this.records.push(record);
		}
		return this.records[serial - 1]!;
	}

	begin(): MessageOf<"checkpoint"> {
		return { name: "checkpoint", id: 1, first: 1, checkpoint: this.checkpoint };
	}

	batch(first: number, count = 24): MessageOf<"log"> {
		const records = Array.from({ length: count }, (_, i) => this.record(first + i));
		return { name: "log", id: 2, first, records: concat(...records) };
	}
}
