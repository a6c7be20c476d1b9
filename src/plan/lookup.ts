// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { readUint16 } from "../../protocol/bytes.js";
import {
	ACCESS_MASK,
	ACCESS_OTHER_DOOR,
	ACCESS_REVOKED,
	ID,
	PAGE,
	PAGE_DATA,
	type PlanState,
	RECORD,
	recordPages,
	tablePages,
} from "../../protocol/plan/format.js";
import { readUint24 } from "../../protocol/plan/tables.js";
import type { PlanEntry } from "../access/plan-entry.js";
import type { Journal } from "./journal.js";
import type { Notices } from "./notices.js";
import { type Overlay, PUT, REVOKE } from "./overlay.js";
import type { Slot } from "./slot.js";

/** Distance of the second probe from the first guess, in pages; each further one is four times as far. */
const FIRST_STEP = 8;

/**
 * Finds a credential's record in flash. Notices come first, then the changes since the last install; then the page that would hold
 * it is found by the first ids of pages (a guess from the id's value, since ids are random, then binary search), read,
 * verified and searched. At most 19 reads at 240,000 credentials whatever the ids, about 7 where they are random.
 * Buffers: 1,040 bytes here, 960 in the overlay.
 */
export class Lookup {
	private readonly flash: Flash;
	/** Others may use it between lookups. */
	readonly page = new Uint8Array(PAGE);
	private readonly pageView = new DataView(this.page.buffer);
	/** The id that is looked for. */
	private readonly key = new Uint8Array(ID);
	private readonly keyView = new DataView(this.key.buffer);

	constructor(flash: Flash) {
		this.flash = flash;
	}

	/** Whether page `number` of the slot's body is what this reader sealed. */
	check(slot: Slot, number: number): boolean {
		return slot.readPage(number, this.page);
	}

	/** `id`: 8 bytes. */
	find(
		slot: Slot,
		state: PlanState,
		overlay: Overlay,
		journal: Journal,
		id: Uint8Array,
		into: PlanEntry,
		notices: Notices | undefined,
	): PlanEntry["kind"] {
		if (id.length !== ID) return "absent";
		this.key.set(id);
		const high = this.keyView.getUint32(0);
		const low = this.keyView.getUint32(4);
		if (notices !== undefined)
			for (let i = notices.find(id, notices.count); i >= 0; i = notices.find(id, i)) {
				notices.read(i, this.entryId);
				if (this.order(0, high, low) === 0) return "revoked";
			}
		for (let i = overlay.find(id, overlay.count); i >= 0; i = overlay.find(id, i)) {
			const kind = overlay.kind(i);
			const entry = kind === PUT ? this.entry : this.entryId;
			this.flash.read(journal.address(overlay.place(i)), entry);
			if (this.order(0, high, low) !== 0) continue;
			if (kind === PUT) return this.take(0, into);
			return kind === REVOKE ? "revoked" : "absent";
		}
		const pages = recordPages(state);
		if (pages === 0) return "absent";
		const tables = tablePages(state);
		const number = tables + this.pageOf(slot.bodyAt + tables * PAGE, pages, high, low);
		if (!this.check(slot, number)) return "damaged";
		let from = 0;
		let to = (readUint16(this.page, PAGE_DATA) / RECORD) | 0;
		while (from < to) {
			const middle = (from + to) >> 1;
			const order = this.order(middle * RECORD, high, low);
			if (order === 0) return this.take(middle * RECORD, into);
			if (order > 0) to = middle;
			else from = middle + 1;
		}
		return "absent";
	}

	private readonly entry = this.page.subarray(0, RECORD);
	private readonly entryId = this.page.subarray(0, ID);

	/** The last page whose first id is not above the one looked for; 0 when all are. */
	private pageOf(base: number, pages: number, high: number, low: number): number {
		let from = 0;
		let to = pages;
		let step = FIRST_STEP;
		let probe = Math.floor((high / 0x1_0000_0000) * pages);
		while (to - from > 1) {
			if (probe <= from) probe = from + 1;
			else if (probe >= to) probe = to - 1;
			this.flash.read(base + probe * PAGE, this.entryId);
			if (this.order(0, high, low) > 0) to = probe;
			else from = probe;
			if (step < pages && (from === 0 || to === pages)) {
				probe = from === 0 ? to - step : from + step;
				step *= 4;
			} else probe = (from + to) >> 1;
		}
		return from;
	}

	/** Order of the id at `at` in the page against the one looked for. */
	private order(at: number, high: number, low: number): number {
		const first = this.pageView.getUint32(at);
		if (first !== high) return first < high ? -1 : 1;
		const second = this.pageView.getUint32(at + 4);
		return second === low ? 0 : second < low ? -1 : 1;
	}

	private take(at: number, into: PlanEntry): PlanEntry["kind"] {
		const word = readUint16(this.page, at + ID);
		const access = word & ACCESS_MASK;
		into.access = access;
		into.flags = word >> 11;
		into.from = readUint24(this.page, at + ID + 2);
		into.until = readUint24(this.page, at + ID + 5);
		return access === ACCESS_REVOKED ? "revoked" : access === ACCESS_OTHER_DOOR ? "other-door" : "listed";
	}
}
