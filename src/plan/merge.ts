// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { compare, readUint16 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import {
	ACCESS_REVOKED,
	ID,
	MAX_CHANGES,
	NO_END,
	PAGE,
	PAGE_DATA,
	type PlanState,
	RECORD,
	recordPages,
	tablePages,
} from "../../protocol/plan/format.js";
import { closePage } from "../../protocol/plan/page.js";
import { type Overlay, PUT, REMOVE } from "./overlay.js";
import type { Slot } from "./slot.js";

export interface MergeSource {
	readonly slot: Slot;
	/** The plan of the slot itself. */
	readonly base: PlanState;
	/** The tables in force. */
	readonly tables: Uint8Array;
	readonly target: PlanState;
	readonly overlay: Overlay;
	/** The number of first entries of the overlay that belong to the target. */
	readonly changes: number;
	/** Flash address of a place in the journal. */
	address(place: number): number;
}

/**
 * Merges slot and changes, page by page, into exactly the bytes that the site would send as a snapshot of that version. The
 * last delta has their hash, so the site's signature covers the result.
 */
export class MergedPages {
	private readonly flash: Flash;
	private readonly crypto: Crypto;
	private readonly from: MergeSource;
	/** The changed records in the order of their ids. */
	private readonly changed = new Uint8Array(MAX_CHANGES * RECORD);
	private readonly kinds = new Uint8Array(MAX_CHANGES);
	private loaded = 0;
	private sorted = 0;
	#next = 0;
	private readonly source = new Uint8Array(PAGE);
	private sourcePage = 0;
	private sourceAt = 0;
	private sourceEnd = 0;
	private readonly page = new Uint8Array(PAGE);
	private made = 0;

	constructor(flash: Flash, crypto: Crypto, from: MergeSource) {
		this.flash = flash;
		this.crypto = crypto;
		this.from = from;
	}

	/** Takes one change. Returns true once all are taken. */
	prepare(): boolean {
		const { overlay, changes } = this.from;
		if (this.loaded >= changes) return true;
		const kind = overlay.kind(this.loaded);
		const record = new Uint8Array(RECORD);
		const read = kind === PUT ? record : record.subarray(0, ID);
		this.flash.read(this.from.address(overlay.place(this.loaded)), read);
		// A tombstone has the id alone.
		if (kind !== PUT)
			record.set([ACCESS_REVOKED >> 8, ACCESS_REVOKED & 255, 0, 0, 0, NO_END >> 16, 255, 255], ID);
		this.loaded++;
		this.insert(record, kind);
		return this.loaded >= changes;
	}

	private insert(record: Uint8Array, kind: number): void {
		let low = 0;
		let high = this.sorted;
		const id = record.subarray(0, ID);
		while (low < high) {
			const middle = (low + high) >> 1;
			const order = compare(id, this.changed.subarray(middle * RECORD, middle * RECORD + ID));
			if (order === 0) {
				this.changed.set(record, middle * RECORD);
				this.kinds[middle] = kind;
				return;
			}
			if (order < 0) high = middle;
			else low = middle + 1;
		}
		this.changed.copyWithin((low + 1) * RECORD, low * RECORD, this.sorted * RECORD);
		this.kinds.copyWithin(low + 1, low, this.sorted);
		this.changed.set(record, low * RECORD);
		this.kinds[low] = kind;
		this.sorted++;
	}

	/** Pages still to come. */
	get left(): number {
		return tablePages(this.from.target) + recordPages(this.from.target) - this.made;
	}

	/** The next page of the new body, good until the next call; `undefined` when a page of the old one is damaged. */
	next(): Uint8Array | undefined {
		const tables = tablePages(this.from.target);
		const number = this.made++;
		let used = 0;
		if (number < tables) {
			const part = this.from.tables.subarray(number * PAGE_DATA, (number + 1) * PAGE_DATA);
			this.page.set(part);
			used = part.length;
		} else {
			for (; used < PAGE_DATA; used += RECORD) {
				const more = this.record(used);
				if (more === undefined) return undefined;
				if (!more) break;
			}
		}
		closePage(number, used, this.page, this.crypto);
		return this.page;
	}

	/** Copies the next record to `at`. Returns false after the last one, `undefined` where a page is damaged. */
	private record(at: number): boolean | undefined {
		for (;;) {
			if (this.sourceAt >= this.sourceEnd && this.sourcePage < recordPages(this.from.base)) {
				const number = tablePages(this.from.base) + this.sourcePage++;
				if (!this.from.slot.readPage(number, this.source)) return undefined;
				this.sourceAt = 0;
				this.sourceEnd = readUint16(this.source, PAGE_DATA);
			}
			const old = this.sourceAt < this.sourceEnd;
			const fresh = this.#next < this.sorted;
			if (!old && !fresh) return false;
			let order = old ? -1 : 1;
			if (old && fresh) {
				order = compare(
					this.source.subarray(this.sourceAt, this.sourceAt + ID),
					this.changed.subarray(this.#next * RECORD, this.#next * RECORD + ID),
				);
			}
			if (order < 0) {
				this.page.set(this.source.subarray(this.sourceAt, this.sourceAt + RECORD), at);
				this.sourceAt += RECORD;
				return true;
			}
			if (order === 0) this.sourceAt += RECORD;
			const next = this.#next++;
			if (this.kinds[next] === REMOVE) continue;
			this.page.set(this.changed.subarray(next * RECORD, (next + 1) * RECORD), at);
			return true;
		}
	}
}
