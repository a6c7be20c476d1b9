// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal, readUint32, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { MAX_ENVELOPE, PAGE } from "../../protocol/plan/format.js";
import { JOURNAL_SIZE, MARK, MARK_AT, SECTOR } from "../../protocol/plan/layout.js";
import { checkPage } from "../../protocol/plan/page.js";
import { readFrame, writeFrame } from "./frame.js";

export const MAGIC_HEADER = 0x4c505348;
export const MAGIC_MARK = 0x4c50434d;

/** One of the two places for a plan. It has no state in RAM. */
export class Slot {
	readonly #flash: Flash;
	readonly #crypto: Crypto;
	readonly base: number;

	constructor(flash: Flash, base: number, crypto: Crypto) {
		this.#flash = flash;
		this.#crypto = crypto;
		this.base = base;
	}

	get journalAt(): number {
		return this.base + SECTOR;
	}

	get bodyAt(): number {
		return this.base + SECTOR + JOURNAL_SIZE;
	}

	/** Erases the header, before anything else in the slot changes. */
	invalidate(): void {
		this.#flash.erase(this.base / SECTOR);
	}

	writeHeader(envelope: Uint8Array): void {
		writeFrame(this.#flash, this.base, MAGIC_HEADER, envelope, this.#crypto);
	}

	/** The signed envelope of the snapshot in the slot. */
	readHeader(): Uint8Array | undefined {
		return readFrame(this.#flash, this.base, MAGIC_HEADER, MAX_ENVELOPE, this.#crypto);
	}

	/** The one write by which the slot becomes current. */
	commit(sequence: number): void {
		this.#flash.write(this.base + MARK_AT, this.#mark(sequence));
	}

	/** Writes the mark a second time, beside the first, whose cells a power cut may have left half-way. */
	confirm(sequence: number): void {
		const at = this.base + MARK_AT - MARK;
		const there = new Uint8Array(MARK);
		this.#flash.read(at, there);
		if (there.every((byte) => byte === 0xff)) this.#flash.write(at, this.#mark(sequence));
	}

	/** Number of the install that was committed here; 0 where none was. Later ones are higher. */
	sequence(): number {
		return this.#sequenceAt(MARK_AT) || this.#sequenceAt(MARK_AT - MARK);
	}

	#sequenceAt(at: number): number {
		const mark = new Uint8Array(MARK);
		this.#flash.read(this.base + at, mark);
		if (readUint32(mark, 0) !== MAGIC_MARK) return 0;
		const sequence = readUint32(mark, 4);
		return equal(mark, this.#mark(sequence)) ? sequence : 0;
	}

	/** Reads page `number` of the body; false when it does not pass its check. */
	readPage(number: number, into: Uint8Array): boolean {
		this.#flash.read(this.bodyAt + number * PAGE, into);
		return checkPage(number, into, this.#crypto);
	}

	/** The commit mark, which holds for this header alone. */
	#mark(sequence: number): Uint8Array {
		const header = new Uint8Array(16);
		this.#flash.read(this.base, header);
		const mark = new Uint8Array(MARK);
		writeUint32(mark, 0, MAGIC_MARK);
		writeUint32(mark, 4, sequence);
		mark.set(this.#crypto.hash().update(mark.subarray(0, 8)).update(header).digest().subarray(0, 8), 8);
		return mark;
	}
}
