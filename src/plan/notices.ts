// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal, readUint32, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import type { Revocation } from "../../protocol/notice/revocation.js";
import { ID, orderOf } from "../../protocol/plan/format.js";
import { NOTICE_BANK, NOTICES_SIZE, SECTOR } from "../../protocol/plan/layout.js";
import { AREA_HASH, type SealedNotices } from "../config/sealed-state.js";
import type { Lookup } from "./lookup.js";
import type { IdRow, IdSearch } from "./search.js";

/** Revoked ids that the area keeps at most. More are refused, and a plan that includes them has to come. */
export const MAX_IDS = 1000;
/** One id in flash: epoch (4) and sequence (4) of its notice, the id (8). */
export const NOTICE_RECORD = 16;
const PER_SECTOR = SECTOR / NOTICE_RECORD;
/** The index grows by room for so many ids. */
const STEP = 64;

/** Why a notice that is good was not taken. */
export type NoticesRefusal =
	/** There is no room until a plan is in force that includes some of them. */
	| "notices-full"
	/** The area was erased or altered, or an older one was put there: a plan has to come that includes all that it had. */
	| "notices-lost"
	/** Reading back gave other bytes than were written, or the sealed state takes nothing. */
	| "flash-fault";

/** What the reader knows of the area for certain: a `SealedState`. */
export interface NoticeSeal {
	notices: SealedNotices;
}

/** Where the notices lie, and what seals them. */
export interface NoticesPlace {
	readonly flash: Flash;
	readonly sealed: NoticeSeal;
}

const NONE = /* @__PURE__ */ new Uint16Array(0);

/**
 * The ids of the revocation notices that the plan in force does not include yet. A record a id, appended; the sealed state says how many
 * count and has their hash, so that a power cut leaves a notice whole or not at all, and nothing that is erased, older or altered counts.
 * To make room, those that the plan does not include move to the other bank.
 */
export class Notices implements IdRow {
	private readonly flash: Flash;
	private readonly sealed: NoticeSeal;
	private readonly crypto: Crypto;
	/** Both are a lookup's at other times; the page is room for what is read and written. */
	private readonly page: Uint8Array;
	private readonly search: IdSearch;
	/** Numbers of the records, by their ids. */
	private ranks = NONE;
	/** Flash address of the first record's id. */
	private ids = 0;
	/** Records in the index. */
	private known = 0;
	#isLost = false;
	/** What lies behind the records was not touched by a write that a power cut ended. */
	private canAppend = false;

	constructor(
		{ flash, sealed }: NoticesPlace,
		crypto: Crypto,
		{ page, search }: Pick<Lookup, "page" | "search">,
	) {
		if (flash.size < NOTICES_SIZE || flash.sectorSize !== SECTOR)
			throw new RangeError("partition too small for notices");
		this.flash = flash;
		this.sealed = sealed;
		this.crypto = crypto;
		this.page = page;
		this.search = search;
	}

	/** Reads what is there after a start. */
	open(): void {
		const { bank, count, hash } = this.sealed.notices;
		this.canAppend = false;
		this.known = 0;
		this.#isLost = count > MAX_IDS || (count > 0 && !equal(this.hashOf(bank, count), hash));
		if (!this.#isLost) this.index(0);
	}

	/** Records that count. */
	get count(): number {
		return this.sealed.notices.count;
	}

	/** Whether the area is not the one that was sealed: who is revoked is not known then. */
	get isLost(): boolean {
		return this.#isLost;
	}

	/** Whether one of them has the id that is sought. */
	names(search: IdSearch): boolean {
		const { known } = this;
		return known > 0 && search.order(this, search.last(this, known)) === 0;
	}

	/** By the order of ids. */
	readId(rank: number, into: Uint8Array): void {
		this.flash.read(this.ids + this.ranks[rank]! * NOTICE_RECORD, into);
	}

	/**
	 * Takes a notice, which is in force and sealed on return. "known": it is there, or the plan has it. `included`: the newest notice that
	 * the plan in force includes, as `orderOf`.
	 */
	add(notice: Revocation, included: number): "taken" | "known" | NoticesRefusal {
		if (this.#isLost) return "notices-lost";
		const order = orderOf({ epoch: notice.epoch, version: notice.sequence });
		if (order <= included || this.has(order)) return "known";
		const more = notice.ids.length / ID;
		const { count: before } = this;
		const isBehind = before % PER_SECTOR !== 0;
		// Whoever has the broker can say it for ever: what does not fit costs the flash nothing.
		const isFull = before + more > MAX_IDS;
		if (isFull && this.later(included) + more > MAX_IDS) return "notices-full";
		if ((isBehind && !this.canAppend) || isFull) if (!this.move(included)) return "flash-fault";
		const { bank, count, newest } = this.sealed.notices;
		this.canAppend = false;
		const room = this.page.length / NOTICE_RECORD;
		for (let done = 0; done < more; done += room) {
			const part = this.page.subarray(0, Math.min(room, more - done) * NOTICE_RECORD);
			fill(part, notice, done);
			if (!this.put(bank, count + done, part)) return "flash-fault";
		}
		const hash = this.hashOf(bank, count + more);
		if (!this.seal({ bank, count: count + more, newest: Math.max(newest, order), hash }))
			return "flash-fault";
		this.canAppend = true;
		this.index(count);
		return "taken";
	}

	/** The plan in force includes the notices up to `included`: where these are all, none is kept. */
	settle(included: number): void {
		const { bank, count, newest } = this.sealed.notices;
		if (count === 0 || included < newest) return;
		if (!this.seal({ bank: 1 - bank, count: 0, newest, hash: new Uint8Array(AREA_HASH) })) return;
		this.#isLost = false;
		this.ranks = NONE;
		this.known = 0;
	}

	/** False where the cell takes nothing: all is as it was. */
	private seal(next: SealedNotices): boolean {
		try {
			this.sealed.notices = next;
			return true;
		} catch {
			return false;
		}
	}

	/** The sequence up to which all notices of `epoch` are there, where those up to `from` are elsewhere. */
	contiguous(epoch: number, from: number): number {
		if (this.#isLost) return from;
		// One look at each record, in whatever order they came: whoever has the broker chooses it.
		const there = new Uint8Array(this.count);
		for (let at = 0; at < this.count; at += this.page.length / NOTICE_RECORD) {
			const part = this.part(at);
			for (let record = 0; record < part.length; record += NOTICE_RECORD) {
				const behind = readUint32(part, record + 4) - from - 1;
				if (behind >= 0 && behind < there.length && readUint32(part, record) === epoch) there[behind] = 1;
			}
		}
		const gap = there.indexOf(0);
		return from + (gap < 0 ? there.length : gap);
	}

	/** Records of notices that the plan does not include. */
	private later(included: number): number {
		let later = 0;
		for (let at = 0; at < this.count; at += this.page.length / NOTICE_RECORD) {
			const part = this.part(at);
			for (let record = 0; record < part.length; record += NOTICE_RECORD)
				if (orderAt(part, record) > included) later++;
		}
		return later;
	}

	private has(order: number): boolean {
		if (order > this.sealed.notices.newest) return false;
		for (let at = 0; at < this.count; at += this.page.length / NOTICE_RECORD) {
			const part = this.part(at);
			for (let record = 0; record < part.length; record += NOTICE_RECORD)
				if (orderAt(part, record) === order) return true;
		}
		return false;
	}

	/** Leaves those behind that the plan includes. False where the flash does not hold the others. */
	private move(included: number): boolean {
		const { bank, newest } = this.sealed.notices;
		const hash = this.crypto.hash();
		let kept = 0;
		for (let at = 0; at < this.count; at += this.page.length / NOTICE_RECORD) {
			const part = this.part(at);
			let used = 0;
			for (let record = 0; record < part.length; record += NOTICE_RECORD) {
				if (orderAt(part, record) <= included) continue;
				part.copyWithin(used, record, record + NOTICE_RECORD);
				used += NOTICE_RECORD;
			}
			const keep = part.subarray(0, used);
			hash.update(keep);
			if (!this.put(1 - bank, kept, keep)) return false;
			kept += used / NOTICE_RECORD;
		}
		const moved = hash.digest().subarray(0, AREA_HASH);
		const { count } = this;
		if (!this.seal({ bank: 1 - bank, count: kept, newest, hash: moved })) return false;
		this.canAppend = true;
		this.index(kept < count ? 0 : count);
		return true;
	}

	/** Writes records, each sector erased as the first of them comes. False where the flash does not hold them. */
	private put(bank: number, index: number, records: Uint8Array): boolean {
		const address = this.address(bank, index);
		const end = address + records.length;
		for (let sector = Math.ceil(address / SECTOR); sector * SECTOR < end; sector++) this.flash.erase(sector);
		const wanted = this.crypto.sha256(records);
		this.flash.write(address, records);
		this.flash.read(address, records);
		return equal(this.crypto.sha256(records), wanted);
	}

	/** The next records from `at` on, as many as the page has room for. */
	private part(at: number, count = this.count, bank = this.sealed.notices.bank): Uint8Array {
		const part = this.page.subarray(0, Math.min((count - at) * NOTICE_RECORD, this.page.length));
		this.flash.read(this.address(bank, at), part);
		return part;
	}

	private hashOf(bank: number, count: number): Uint8Array {
		const hash = this.crypto.hash();
		for (let at = 0; at < count; at += this.page.length / NOTICE_RECORD)
			hash.update(this.part(at, count, bank));
		return hash.digest().subarray(0, AREA_HASH);
	}

	/** Brings the index up to the records from `from` on. */
	private index(from: number): void {
		const { count, search } = this;
		this.ids = this.address(this.sealed.notices.bank, 0) + NOTICE_RECORD - ID;
		this.known = count;
		const room = Math.ceil(count / STEP) * STEP;
		if (this.ranks.length !== room) {
			const ranks = new Uint16Array(room);
			ranks.set(this.ranks.subarray(0, from));
			this.ranks = ranks;
		}
		const { ranks } = this;
		const id = new Uint8Array(ID);
		for (let record = from; record < count; record++) {
			this.flash.read(this.ids + record * NOTICE_RECORD, id);
			search.seek(id);
			let rank = record === 0 ? 0 : search.last(this, record);
			if (rank < record && search.order(this, rank) < 0) rank++;
			ranks.copyWithin(rank + 1, rank, record);
			ranks[rank] = record;
		}
	}

	private address(bank: number, index: number): number {
		return bank * NOTICE_BANK + index * NOTICE_RECORD;
	}
}

function orderAt(records: Uint8Array, at: number): number {
	return orderOf({ epoch: readUint32(records, at), version: readUint32(records, at + 4) });
}

/** Makes records of the ids of a notice from number `from` on. */
function fill(records: Uint8Array, { epoch, sequence, ids }: Revocation, from: number): void {
	for (let at = 0, id = from * ID; at < records.length; at += NOTICE_RECORD, id += ID) {
		writeUint32(records, at, epoch);
		writeUint32(records, at + 4, sequence);
		records.set(ids.subarray(id, id + ID), at + 8);
	}
}
