// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../protocol/crypto.js";
import { EVENTS } from "../protocol/events.js";
import type { LogReport } from "../protocol/log/findings.js";
import { decodeRecord, type LogEntry } from "../protocol/log/record.js";
import { verifyLog } from "../protocol/log/verify.js";
import { type Decision, REASONS, reasonOf } from "../protocol/reasons.js";
import type { SimFlash } from "./flash.js";

/** Reads a reader's log from its flash, beside the firmware. */
export class Auditor {
	readonly #flash: SimFlash;
	readonly #crypto: Crypto;
	/** The last record that `newEntries` gave, and the writes of the flash by then. */
	#told = { writes: -1, serial: 0 };

	constructor(flash: SimFlash, crypto: Crypto) {
		this.#flash = flash;
		this.#crypto = crypto;
	}

	/** All records, oldest first. */
	entries(): LogEntry[] {
		const entries: LogEntry[] = [];
		verifyLog(this.#flash, this.#crypto, {}, (record) => entries.push(decodeRecord(record)));
		return entries;
	}

	/** What a check of the log finds. */
	report(): LogReport {
		return verifyLog(this.#flash, this.#crypto, {});
	}

	/** Records that were written since this was last asked; reads the flash only when it was written to. */
	newEntries(): LogEntry[] {
		if (this.#flash.writes === this.#told.writes) return [];
		const entries = this.entries().filter(({ serial }) => serial > this.#told.serial);
		this.#told = { writes: this.#flash.writes, serial: entries.at(-1)?.serial ?? this.#told.serial };
		return entries;
	}

	/** The decisions in the log, oldest first. */
	decisions(): Decision[] {
		const codes = this.entries()
			.filter(({ kind }) => kind === EVENTS.decision)
			.map(({ detail }) => detail & 255);
		return codes.map((code) => ({ granted: code === REASONS.granted, reason: reasonOf(code)! }));
	}
}
