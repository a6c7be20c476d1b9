// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal, readUint16, readUint32, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import {
	MAX_ENVELOPE,
	PAGE,
	PAGE_CHECK,
	PAGE_CHECKED,
	PAGE_DATA,
	type PlanState,
} from "../../protocol/plan/format.js";
import { JOURNAL_SIZE, MARK, MARK_AT, SECTOR } from "../../protocol/plan/layout.js";
import { setCheck } from "../../protocol/plan/page.js";
import { readFrame, writeFrame } from "./frame.js";

export const MAGIC_HEADER = 0x4c505348;
export const MAGIC_MARK = 0x4c504333;
/** Before what the key of a body's pages is made from. */
const MAGIC_PAGES = 0x4c505047;

/** Where a page has the nonce of its seal: it ends with the page's number, so that no two pages of a body have the same. */
const NONCE_AT = PAGE_CHECKED - 12;
const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/**
 * One of the two places for a plan. In flash a page of the body has a seal by the device key in place of its check: the beginning of the tag
 * that ChaCha20-Poly1305 gives it (RFC 8439 2.8, no plaintext) under a key that is made from the body's signed hash, so that a page
 * holds for this reader and that signature alone.
 */
export class Slot {
	private readonly flash: Flash;
	private readonly crypto: Crypto;
	private readonly deviceKey: Uint8Array;
	readonly base: number;
	private pageKey: Uint8Array | undefined;

	constructor(flash: Flash, base: number, crypto: Crypto, deviceKey: Uint8Array) {
		this.flash = flash;
		this.crypto = crypto;
		this.deviceKey = deviceKey;
		this.base = base;
	}

	/** From here on its pages are those of the body that `state` has the hash of. */
	holdBody(state: PlanState): void {
		const of = new Uint8Array(4 + state.bodyHash.length);
		writeUint32(of, 0, MAGIC_PAGES);
		of.set(state.bodyHash, 4);
		this.pageKey = this.crypto.hmacSha256(this.deviceKey, of);
	}

	get journalAt(): number {
		return this.base + SECTOR;
	}

	get bodyAt(): number {
		return this.base + SECTOR + JOURNAL_SIZE;
	}

	/** Erases the header, before anything else in the slot changes. */
	invalidate(): void {
		this.flash.erase(this.base / SECTOR);
	}

	writeHeader(envelope: Uint8Array): void {
		writeFrame(this.flash, this.base, MAGIC_HEADER, envelope, this.crypto);
	}

	/** The signed envelope of the snapshot in the slot. */
	readHeader(): Uint8Array | undefined {
		return readFrame(this.flash, this.base, MAGIC_HEADER, MAX_ENVELOPE, this.crypto);
	}

	/** Whether the snapshot of this envelope was begun here and has not been committed. */
	isBegun(envelope: Uint8Array): boolean {
		const header = this.sequence() === 0 ? this.readHeader() : undefined;
		return header !== undefined && equal(header, envelope);
	}

	/** Whether something was written to the end of page `number` since its sector was erased. */
	isWritten(number: number): boolean {
		const end = new Uint8Array(4);
		this.flash.read(this.bodyAt + number * PAGE + PAGE_DATA, end);
		return readUint32(end, 0) !== 0xffff_ffff;
	}

	/** The one write by which the slot becomes current. */
	commit(sequence: number): void {
		this.flash.write(this.base + MARK_AT, this.mark(sequence));
	}

	/** Writes the mark a second time, beside the first, whose cells a power cut may have left half-way. */
	confirm(sequence: number): void {
		const at = this.base + MARK_AT - MARK;
		const there = new Uint8Array(MARK);
		this.flash.read(at, there);
		if (there.every((byte) => byte === 0xff)) this.flash.write(at, this.mark(sequence));
	}

	/** Number of the install that was committed here; 0 where none was. Later ones are higher. */
	sequence(): number {
		return this.sequenceAt(MARK_AT) || this.sequenceAt(MARK_AT - MARK);
	}

	private sequenceAt(at: number): number {
		const mark = new Uint8Array(MARK);
		this.flash.read(this.base + at, mark);
		if (readUint32(mark, 0) !== MAGIC_MARK) return 0;
		const sequence = readUint32(mark, 4);
		return equal(mark, this.mark(sequence)) ? sequence : 0;
	}

	/** Reads page `number` of the body; false when this reader did not seal it as that. */
	readPage(number: number, into: Uint8Array): boolean {
		this.flash.read(this.bodyAt + number * PAGE, into);
		if (readUint16(into, PAGE_DATA) > PAGE_DATA || readUint16(into, PAGE_DATA + 2) !== number) return false;
		return this.crypto.equal(this.seal(into), into.subarray(PAGE_CHECKED));
	}

	/** Writes page `number` without its seal. */
	writePage(number: number, page: Uint8Array): void {
		this.flash.write(this.bodyAt + number * PAGE, page.subarray(0, PAGE_CHECKED));
	}

	/** Reads back what `writePage` wrote, with the check that the site signed. */
	readUnsealed(number: number, into: Uint8Array): void {
		this.flash.read(this.bodyAt + number * PAGE, into);
		setCheck(into, this.crypto);
	}

	/** Seals page `number`, of a body that was verified whole; false where the flash does not hold it. `buffer`: of a page. */
	sealPage(number: number, buffer: Uint8Array): boolean {
		const at = this.bodyAt + number * PAGE;
		this.flash.read(at, buffer);
		this.flash.write(at + PAGE_CHECKED, this.seal(buffer));
		return this.readPage(number, buffer);
	}

	private seal(page: Uint8Array): Uint8Array {
		if (this.pageKey === undefined) throw new Error("the slot's body is not known");
		const nonce = page.subarray(NONCE_AT, PAGE_CHECKED);
		const covered = page.subarray(0, PAGE_CHECKED);
		return this.crypto.chacha20Poly1305Seal(this.pageKey, nonce, covered, NOTHING).subarray(0, PAGE_CHECK);
	}

	/** The commit mark, which holds for this header alone. */
	private mark(sequence: number): Uint8Array {
		const header = new Uint8Array(16);
		this.flash.read(this.base, header);
		const mark = new Uint8Array(MARK);
		writeUint32(mark, 0, MAGIC_MARK);
		writeUint32(mark, 4, sequence);
		mark.set(this.crypto.hash().update(mark.subarray(0, 8)).update(header).digest().subarray(0, 8), 8);
		return mark;
	}
}
