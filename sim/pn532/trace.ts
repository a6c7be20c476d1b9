// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../protocol/bytes.js";

/** Who spoke: the host or the chip on the bus, the reader or a card on the air; `pin`: reset, power, a fault. */
export type Speaker = "host" | "chip" | "reader" | "card" | "pin";

export interface TraceEntry {
	/** Microseconds since the world began, when the first byte started. */
	readonly at: number;
	readonly from: Speaker;
	readonly bytes: Uint8Array;
	/** Bits, where the last byte is not whole; a word, for a pin. */
	readonly note?: string;
}

/** The last things that happened on the bus and on the air: `limit` at least, twice as many at most. */
export class Trace {
	readonly entries: TraceEntry[] = [];
	/** Called with each entry, for a timeline that grows. */
	onEntry: ((entry: TraceEntry) => void) | undefined;
	readonly #limit: number;

	constructor(limit = 4096) {
		this.#limit = limit;
	}

	add(at: number, from: Speaker, bytes: Uint8Array, note?: string): void {
		const entry: TraceEntry = { at, from, bytes: bytes.slice(), ...(note ? { note } : {}) };
		this.entries.push(entry);
		// `splice` moves all that stay: at each entry it took half of a world's time.
		if (this.entries.length > 2 * this.#limit) this.entries.splice(0, this.#limit);
		this.onEntry?.(entry);
	}

	clear(): void {
		this.entries.length = 0;
	}

	/** A line an entry: milliseconds, speaker, bytes. */
	text(): string {
		return this.entries.map(formatEntry).join("\n");
	}
}

export function formatEntry({ at, from, bytes, note }: TraceEntry): string {
	return `${(at / 1000).toFixed(3).padStart(10)} ${from.padEnd(6)} ${toHex(bytes)}${note ? ` (${note})` : ""}`;
}
