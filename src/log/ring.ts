// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import type { Crypto } from "../../protocol/crypto.js";
import { AT, CHECKPOINT_SIZE, MAGIC, RECORD_SIZE } from "../../protocol/log/record.js";
import { LogError } from "./error.js";

/** Bytes hashed at once for a sector's digest. */
const PAGE = 1024;
/** Sectors behind the newest that are looked at before it is believed to be that: one fewer may be erased side by side. */
const BEHIND = 3;

/** The log's partition as a ring: sector number `sequence` of all that were ever begun lies at `sequence % sectors`. */
export class SectorRing {
	readonly flash: Flash;
	readonly sectors: number;
	/** Records that would fit in a sector; its checkpoint takes the first slots. */
	readonly slots: number;
	/** Sequence number of the newest sector; -1 before the first. */
	newest = -1;
	private readonly crypto: Crypto;
	private readonly head = new Uint8Array(AT.oldest);
	private readonly headView = new DataView(this.head.buffer);

	constructor(flash: Flash, crypto: Crypto) {
		this.flash = flash;
		this.crypto = crypto;
		this.sectors = flash.size / flash.sectorSize;
		this.slots = flash.sectorSize / RECORD_SIZE;
		if (this.sectors < 3 || this.slots <= CHECKPOINT_SIZE / RECORD_SIZE + 1)
			throw new LogError("log-partition");
	}

	/** Sequence number of the oldest sector that can still be there; negative in the first lap. */
	get oldest(): number {
		return this.newest - this.sectors + 1;
	}

	placeOf(sequence: number): number {
		return sequence % this.sectors;
	}

	addressOf(sequence: number): number {
		return (sequence % this.sectors) * this.flash.sectorSize;
	}

	/** Sequence number that the checkpoint at this place has, whole or not; -1 where there is none. */
	sequenceAt(place: number): number {
		this.flash.read(place * this.flash.sectorSize, this.head);
		const sequence = this.headView.getUint32(AT.sequence);
		return this.headView.getUint32(0) === MAGIC && this.placeOf(sequence) === place ? sequence : -1;
	}

	/** After `sequenceAt` of a place: nothing was written there since its erase. */
	private get blank(): boolean {
		const view = this.headView;
		return (view.getInt32(0) & view.getInt32(4) & view.getInt32(8)) === -1;
	}

	/**
	 * Sequence number of the newest sector, found by halving: the places hold rising numbers up to the newest, then those of the
	 * lap before, or nothing. Reads some log N heads; -1 where there is no sector. `undefined` where a head fits no such ring, as
	 * after damage or a power cut: then all have to be looked at.
	 */
	newestByHalving(): number | undefined {
		const first = this.sequenceAt(0);
		if (first < 0) return this.isEmpty() ? -1 : undefined;
		let low = 0;
		let high = this.sectors;
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			const behind = this.isBehind(middle, first);
			if (behind === undefined) return undefined;
			if (behind) high = middle;
			else low = middle;
		}
		for (let place = low + 1; place < Math.min(low + 1 + BEHIND, this.sectors); place++)
			if (this.isBehind(place, first) !== true) return undefined;
		return first + low;
	}

	/** A log begins at place 0; once round, the place before that is never the erased one when 0 is. */
	private isEmpty(): boolean {
		for (let place = 0; place <= BEHIND; place++)
			if (place < this.sectors && (this.sequenceAt(place) >= 0 || !this.blank)) return false;
		return this.sequenceAt(this.sectors - 1) < 0 && this.blank;
	}

	/** Whether a place is behind the newest sector, where place 0 has the sequence number `first`; `undefined`: it is damaged. */
	private isBehind(place: number, first: number): boolean | undefined {
		const sequence = this.sequenceAt(place);
		if (sequence === first + place) return false;
		return sequence === first + place - this.sectors || (sequence < 0 && this.blank) ? true : undefined;
	}

	/** First serial of the sector with this sequence number; `undefined` when it is not there. */
	firstOf(sequence: number): number | undefined {
		if (sequence < 0 || this.sequenceAt(this.placeOf(sequence)) !== sequence) return undefined;
		return this.headView.getUint32(AT.first);
	}

	/** Serial of the first record in the sectors from `sequence` on; `undefined` where none is there. */
	oldestFrom(sequence: number): number | undefined {
		for (let s = Math.max(0, sequence); s <= this.newest; s++) {
			const first = this.firstOf(s);
			if (first !== undefined) return first;
		}
		return undefined;
	}

	/** Number of the sector that holds `serial`, the newest where it is still to come. */
	sectorOf(serial: number): number {
		let low = Math.max(0, this.oldest);
		let high = this.newest;
		while (low < high) {
			let middle = (low + high + 1) >> 1;
			let first = this.firstOf(middle);
			// A damaged checkpoint: the nearest whole one before it decides.
			while (first === undefined && middle > low) first = this.firstOf(--middle);
			if (first === undefined || first <= serial) {
				if (middle === low) break;
				low = middle;
			} else high = middle - 1;
		}
		return low;
	}

	/** SHA-256 of a sector as it lies in flash. */
	digest(sequence: number): Uint8Array {
		const { sectorSize } = this.flash;
		const hash = this.crypto.hash();
		const page = new Uint8Array(Math.min(PAGE, sectorSize));
		const start = this.addressOf(sequence);
		for (let at = 0; at < sectorSize; at += page.length) {
			this.flash.read(start + at, page);
			hash.update(page);
		}
		return hash.digest();
	}
}
