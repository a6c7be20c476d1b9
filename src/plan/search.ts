// SPDX-License-Identifier: Apache-2.0

import { ID } from "../../protocol/plan/format.js";

/** Ids in ascending order, in flash. */
export interface IdRow {
	readId(index: number, into: Uint8Array): void;
}

/** Distance of the second probe from the first guess; each further one is four times as far. */
const FIRST_STEP = 8;

/**
 * Finds ids in rows of ids: a guess from the id's value, since ids are random, then binary search. About 5 reads of 8 bytes where they
 * are, at most 18 of 4,000 rows whatever the ids.
 */
export class IdSearch {
	private readonly id = new Uint8Array(ID);
	private readonly view = new DataView(this.id.buffer);
	/** The halves of the id that is sought. */
	high = 0;
	low = 0;

	/** From here on this id is sought, 8 bytes. */
	seek(id: Uint8Array): void {
		this.id.set(id);
		this.high = this.view.getUint32(0);
		this.low = this.view.getUint32(4);
	}

	/** The last of the first `count` of a row that is not above the id; 0 when all are. */
	last(row: IdRow, count: number): number {
		const { high } = this;
		let from = 0;
		let to = count;
		let step = FIRST_STEP;
		let probe = Math.floor((high / 0x1_0000_0000) * count);
		while (to - from > 1) {
			if (probe <= from) probe = from + 1;
			else if (probe >= to) probe = to - 1;
			row.readId(probe, this.id);
			const first = this.view.getUint32(0);
			if (first > high || (first === high && this.orderIn(this.view, 0) > 0)) to = probe;
			else from = probe;
			if (step < count && (from === 0 || to === count)) {
				probe = from === 0 ? to - step : from + step;
				step *= 4;
			} else probe = (from + to) >> 1;
		}
		return from;
	}

	/** Order of the id at `index` of a row against the one sought. */
	order(row: IdRow, index: number): number {
		row.readId(index, this.id);
		return this.orderIn(this.view, 0);
	}

	/** The same of the id at `at` in bytes. */
	orderIn(bytes: DataView, at: number): number {
		const first = bytes.getUint32(at);
		if (first !== this.high) return first < this.high ? -1 : 1;
		const second = bytes.getUint32(at + 4);
		return second === this.low ? 0 : second < this.low ? -1 : 1;
	}
}
