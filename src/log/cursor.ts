// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../protocol/crypto.js";
import { SectorWalk } from "../../protocol/log/sector.js";
import type { LogState } from "./recovery.js";
import type { SectorRing } from "./ring.js";

/** Reads records in their order, across sectors, past torn slots. */
export class LogCursor {
	private readonly ring: SectorRing;
	private readonly state: Readonly<LogState>;
	private readonly walk: SectorWalk;
	/** Sequence number of the sector being read; -1 before the first. */
	private sequence = -1;
	private from: number;
	/** No record of the sector has come yet. */
	private fresh = false;
	#begins = false;

	constructor(ring: SectorRing, state: Readonly<LogState>, crypto: Crypto, from: number, ahead?: Uint8Array) {
		this.ring = ring;
		this.state = state;
		this.walk = new SectorWalk(ring.flash, crypto);
		this.walk.readAhead(ahead);
		this.from = from;
	}

	/** The lowest serial that the next record can have. */
	get position(): number {
		return this.from;
	}

	/** The record that came last is the first that its sector has. */
	get begins(): boolean {
		return this.#begins;
	}

	/** Of the sector that is read, 160 bytes, valid until the next call of `next`. */
	get checkpoint(): Uint8Array {
		return this.walk.checkpoint;
	}

	/** Goes on from another serial. */
	seek(serial: number): void {
		this.from = serial;
		this.sequence = -1;
	}

	/** The next record, 32 bytes that are valid until the next call; `undefined` at the end, where more may come later. */
	next(): Uint8Array | undefined {
		const { oldest, serial } = this.state;
		if (this.from < oldest) {
			this.from = oldest;
			this.sequence = -1;
		}
		if (this.from >= serial) return undefined;
		if (this.sequence < 0) this.enter(this.ring.sectorOf(this.from));
		for (;;) {
			if (this.walk.atEnd && !this.enter(this.sequence + 1)) return undefined;
			if (this.walk.next() !== "record") continue;
			this.#begins = this.fresh;
			this.fresh = false;
			if (this.walk.serial < this.from) continue;
			this.from = this.walk.serial + 1;
			return this.walk.record;
		}
	}

	/** Goes to the sector `sequence`, or to the next whole one after it. */
	private enter(sequence: number): boolean {
		const ring = this.ring;
		for (let s = sequence; s <= ring.newest; s++) {
			if (!this.walk.open(ring.placeOf(s)) || this.walk.sequence !== s) continue;
			this.sequence = s;
			this.fresh = true;
			return true;
		}
		return false;
	}
}
