// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal, readUint32, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import type { Revocation } from "../../protocol/notice/revocation.js";
import { ID, orderOf } from "../../protocol/plan/format.js";
import { NOTICE_BANK, NOTICES_SIZE, SECTOR } from "../../protocol/plan/layout.js";
import { AREA_HASH, type SealedNotices } from "../config/sealed-state.js";
import { tagOf } from "./overlay.js";

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
export class Notices {
	private readonly flash: Flash;
	private readonly sealed: NoticeSeal;
	private readonly crypto: Crypto;
	/** Room for what is read and written; a lookup has it at other times. */
	private readonly page: Uint8Array;
	/** The last 2 bytes of each id, in the order of the records. */
	private tags = NONE;
	#isLost = false;
	/** What lies behind the records was not touched by a write that a power cut ended. */
	private canAppend = false;

	constructor({ flash, sealed }: NoticesPlace, crypto: Crypto, page: Uint8Array) {
		if (flash.size < NOTICES_SIZE || flash.sectorSize !== SECTOR)
			throw new RangeError("partition too small for notices");
		this.flash = flash;
		this.sealed = sealed;
		this.crypto = crypto;
		this.page = page;
	}

	/** Reads what is there after a start. */
	open(): void {
		const { bank, count, hash } = this.sealed.notices;
		this.canAppend = false;
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

	/** Index of the last record before `before` that may be about `id`; -1 when there is none. */
	find(id: Uint8Array, before: number): number {
		return before <= 0 ? -1 : this.tags.lastIndexOf(tagOf(id, 0), before - 1);
	}

	/** Reads the id of record `index`. */
	read(index: number, into: Uint8Array): void {
		this.flash.read(this.address(this.sealed.notices.bank, index) + NOTICE_RECORD - ID, into);
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
		if ((isBehind && !this.canAppend) || before + more > MAX_IDS)
			if (!this.move(included)) return "flash-fault";
		const { bank, count, newest } = this.sealed.notices;
		if (count + more > MAX_IDS) return "notices-full";
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
		this.tags = NONE;
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
		let last = from;
		if (this.#isLost) return last;
		for (let before = -1; before !== last; ) {
			before = last;
			for (let at = 0; at < this.count; at += this.page.length / NOTICE_RECORD) {
				const part = this.part(at);
				for (let record = 0; record < part.length; record += NOTICE_RECORD)
					if (readUint32(part, record + 4) === last + 1 && readUint32(part, record) === epoch) last++;
			}
		}
		return last;
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
		if (!this.seal({ bank: 1 - bank, count: kept, newest, hash: moved })) return false;
		this.canAppend = true;
		this.index(0);
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
		const { count } = this;
		const room = Math.ceil(count / STEP) * STEP;
		if (this.tags.length !== room) {
			const tags = new Uint16Array(room);
			tags.set(this.tags.subarray(0, from));
			this.tags = tags;
		}
		for (let at = from; at < count; at += this.page.length / NOTICE_RECORD) {
			const part = this.part(at);
			for (let i = 0; i * NOTICE_RECORD < part.length; i++)
				this.tags[at + i] = tagOf(part, i * NOTICE_RECORD + NOTICE_RECORD - ID);
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
