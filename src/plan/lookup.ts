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
import { type IdRow, IdSearch } from "./search.js";
import type { Slot } from "./slot.js";

/**
 * Finds a credential's record in flash. Notices come first, then the changes since the last install; then the page that would hold
 * it is found by the first ids of pages, read, verified and searched. At most 19 reads at 240,000 credentials whatever the ids, about 7
 * where they are random. Buffers: 1,032 bytes here, 960 in the overlay.
 */
export class Lookup implements IdRow {
	private readonly flash: Flash;
	/** Others may use it between lookups. */
	readonly search = new IdSearch();
	/** Flash address of the first page of records. */
	private records = 0;
	/** Others may use it between lookups. */
	readonly page = new Uint8Array(PAGE);
	private readonly pageView = new DataView(this.page.buffer);

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
		const { search } = this;
		search.seek(id);
		if (notices?.names(search)) return "revoked";
		for (let i = overlay.find(id, overlay.count); i >= 0; i = overlay.find(id, i)) {
			const kind = overlay.kind(i);
			const entry = kind === PUT ? this.entry : this.entryId;
			this.flash.read(journal.address(overlay.place(i)), entry);
			if (search.orderIn(this.pageView, 0) !== 0) continue;
			if (kind === PUT) return this.take(0, into);
			return kind === REVOKE ? "revoked" : "absent";
		}
		const pages = recordPages(state);
		if (pages === 0) return "absent";
		const tables = tablePages(state);
		this.records = slot.bodyAt + tables * PAGE;
		const number = tables + search.last(this, pages);
		if (!this.check(slot, number)) return "damaged";
		let from = 0;
		let to = (readUint16(this.page, PAGE_DATA) / RECORD) | 0;
		while (from < to) {
			const middle = (from + to) >> 1;
			const order = search.orderIn(this.pageView, middle * RECORD);
			if (order === 0) return this.take(middle * RECORD, into);
			if (order > 0) to = middle;
			else from = middle + 1;
		}
		return "absent";
	}

	private readonly entry = this.page.subarray(0, RECORD);
	private readonly entryId = this.page.subarray(0, ID);

	/** The first id of a page of records. */
	readId(page: number, into: Uint8Array): void {
		this.flash.read(this.records + page * PAGE, into);
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
