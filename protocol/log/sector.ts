// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../crypto.js";
import { AT, BODY_SIZE, CHECKPOINT_SIZE, LINK_SIZE, MAGIC, RECORD_SIZE } from "./record.js";
import type { LogSource } from "./source.js";

/**
 * What a slot holds. `record`: the next record of the chain. `free`: nothing was written since the erase. `bad`: a write that a
 * power cut tore, or a record that was changed afterwards; the serial of the next good record tells which.
 */
export type Slot = "record" | "free" | "bad";

/**
 * Walks one sector of the log and checks each link. Recovery after a restart, reading for the site and verification all use
 * it, so they cannot disagree on what is in the log.
 */
export class SectorWalk {
	private readonly flash: LogSource;
	private readonly crypto: Crypto;
	/** The previous link, then the slot: the input of the slot's link, and the link that it holds. */
	private readonly block = new Uint8Array(LINK_SIZE + RECORD_SIZE);
	private readonly linked = this.block.subarray(0, LINK_SIZE + BODY_SIZE);
	private readonly view = new DataView(this.block.buffer);
	private readonly words = new Int32Array(this.block.buffer);
	/** The link stored in the last bad slot. The next record may continue from it: then only that slot's body was changed. */
	private readonly bypass = new Uint8Array(LINK_SIZE);
	private readonly lastGood = new Uint8Array(LINK_SIZE);
	private bad = 0;
	private badSerial = 0;
	private address = 0;
	private end = 0;
	/** Where slots are read into at once: those from `aheadAt` to `aheadEnd` are there. */
	private ahead: Uint8Array | undefined;
	private aheadAt = 0;
	private aheadEnd = 0;

	/** The 160 bytes of the sector that `open` read. */
	readonly checkpoint = new Uint8Array(CHECKPOINT_SIZE);
	readonly checkpointView = new DataView(this.checkpoint.buffer);
	/** The 32 bytes that `next` read; used again by the next `next`. */
	readonly record = this.block.subarray(LINK_SIZE);
	/** The serial that the next record must have. */
	expected = 0;

	constructor(flash: LogSource, crypto: Crypto) {
		this.flash = flash;
		this.crypto = crypto;
	}

	/** Reads the checkpoint of `sector`; false when it is not whole. */
	open(sector: number): boolean {
		const start = sector * this.flash.sectorSize;
		this.flash.read(start, this.checkpoint);
		if (this.checkpointView.getUint32(0) !== MAGIC) return false;
		const check = this.crypto.sha256(this.checkpoint.subarray(0, AT.check));
		for (let i = 0; i < LINK_SIZE; i++) if (check[i] !== this.checkpoint[AT.check + i]) return false;
		this.begin(start, this.checkpointView.getUint32(AT.first));
		return true;
	}

	/**
	 * Reads the records of a `sector` whose checkpoint was damaged after they were written: the first is linked to what
	 * is left of its check. False where no record with serial `first` is there, as in a sector that was only half erased
	 * or whose checkpoint was torn.
	 */
	adopt(sector: number, first: number): boolean {
		const start = sector * this.flash.sectorSize;
		this.flash.read(start, this.checkpoint);
		if (this.holds(start, first)) return true;
		// Second attempt: the check itself may be what was damaged.
		const check = this.crypto.sha256(this.checkpoint.subarray(0, AT.check));
		this.checkpoint.set(check.subarray(0, LINK_SIZE), AT.check);
		return this.holds(start, first);
	}

	private holds(start: number, first: number): boolean {
		this.begin(start, first);
		const found = this.next() === "record";
		this.begin(start, first);
		return found;
	}

	private begin(start: number, first: number): void {
		this.expected = first;
		this.lastGood.set(this.checkpoint.subarray(AT.check));
		this.bad = 0;
		this.address = start + CHECKPOINT_SIZE;
		this.end = start + this.flash.sectorSize;
	}

	/** Of the sector that `open` read: how many sectors were begun before it. */
	get sequence(): number {
		return this.checkpointView.getUint32(AT.sequence);
	}

	/** Number of the slot that `next` will look at, counted in records from the start of the sector. */
	get slot(): number {
		return (this.address % this.flash.sectorSize) / RECORD_SIZE;
	}

	get atEnd(): boolean {
		return this.address >= this.end;
	}

	/** Serial of the record that `next` found. */
	get serial(): number {
		return this.view.getUint32(LINK_SIZE);
	}

	/** Bad slots since the last record. */
	get badSlots(): number {
		return this.bad;
	}

	/** The link of the last good record, or the checkpoint's check before the first. */
	get link(): Uint8Array {
		return this.lastGood;
	}

	/** After a `record`: how many serials before it are not there, because their slots are bad. */
	missed = 0;

	/** From here on slots are read through this buffer, a multiple of their size, or singly; nothing is written meanwhile. */
	readAhead(buffer: Uint8Array | undefined): void {
		this.ahead = buffer;
		this.aheadEnd = 0;
	}

	private read(): void {
		const ahead = this.ahead;
		if (ahead === undefined) {
			this.flash.read(this.address, this.record);
			return;
		}
		if (this.address < this.aheadAt || this.address >= this.aheadEnd) {
			const count = Math.min(ahead.length, this.end - this.address);
			this.flash.read(this.address, ahead.subarray(0, count));
			this.aheadAt = this.address;
			this.aheadEnd = this.address + count;
		}
		const from = this.address - this.aheadAt;
		this.record.set(ahead.subarray(from, from + RECORD_SIZE));
	}

	/** The next slot. */
	next(): Slot {
		this.read();
		this.address += RECORD_SIZE;
		if (this.blank()) return "free";
		this.missed = 0;
		const serial = this.serial;
		if (serial === this.expected && this.follows(this.lastGood)) return this.good(serial);
		const ahead = serial - this.expected;
		if (ahead > 0 && ahead <= this.bad && this.follows(this.bypass)) {
			this.missed = ahead;
			return this.good(serial);
		}
		this.bad++;
		this.badSerial = serial;
		this.bypass.set(this.record.subarray(BODY_SIZE));
		return "bad";
	}

	/**
	 * After the last slot: how many bad slots at the end are changed records rather than torn writes. A torn write is
	 * repeated with the same serial, so bad slots whose serials count upwards were whole once. The walk then continues
	 * behind them: `expected` and `link` are those of the next record.
	 */
	resume(): number {
		const count = this.bad;
		if (count < 2 || this.badSerial !== this.expected + count - 1) return 0;
		this.expected += count;
		this.lastGood.set(this.bypass);
		this.bad = 0;
		return count;
	}

	private good(serial: number): Slot {
		this.expected = serial + 1;
		this.bad = 0;
		this.lastGood.set(this.record.subarray(BODY_SIZE));
		return "record";
	}

	private blank(): boolean {
		for (let i = LINK_SIZE / 4; i < this.words.length; i++) if (this.words[i] !== -1) return false;
		return true;
	}

	private follows(link: Uint8Array): boolean {
		this.block.set(link);
		const digest = this.crypto.sha256(this.linked);
		for (let i = 0; i < LINK_SIZE; i++) if (digest[i] !== this.record[BODY_SIZE + i]) return false;
		return true;
	}
}
