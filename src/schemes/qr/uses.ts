// SPDX-License-Identifier: Apache-2.0

import type { StateCell } from "../../../hal/contracts/flash.js";
import { readUint16, readUint32, writeUint16, writeUint32 } from "../../../protocol/bytes.js";
import { ID_LENGTH } from "../../../protocol/credential/credential.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { Reason } from "../../../protocol/reasons.js";
import { ANCHOR, isSealed, putSeal, SEAL } from "../../config/sealed-state.js";

/** "LUS1" */
export const MAGIC = 0x4c555331;
/** Cells, each for the ids whose last byte says so. */
export const CELLS = 8;
/** Credentials with a count in one cell. */
export const PER_CELL = 16;
const HEADER = 4 + ANCHOR;
/** id (8), seconds since 1970 from which it counts for nothing (4), uses (2). */
const ENTRY = ID_LENGTH + 6;

export interface UsesOptions {
	/** The cell of each number below `CELLS`. */
	readonly cell: (index: number) => StateCell;
	readonly crypto: Crypto;
	readonly deviceKey: Uint8Array;
	/** The reader's site: what was counted for another one is nothing. */
	readonly anchor: Uint8Array;
}

/**
 * How often credentials with a count have opened, in cells beside the sealed state and sealed as that is: magic (4), anchor (8), entries,
 * seal. A use is there before the door opens, and a power cut between costs its holder one. What another device has sealed, or none, counts as
 * full: an attacker with a soldering iron takes entry away and gives none.
 */
export class Uses {
	private readonly options: UsesOptions;

	constructor(options: UsesOptions) {
		this.options = options;
	}

	/** Counts one use of `count`, before `expires`; the reason where it may not be, or cannot be kept. `now`: seconds since 1970. */
	spend(id: Uint8Array, count: number, expires: number, now: number): Reason | undefined {
		const cell = this.options.cell(id[ID_LENGTH - 1]! % CELLS);
		const kept = this.read(cell);
		if (kept === undefined) return "cannot-keep";
		const { bytes, at } = this.room(kept, id, now);
		if (at < 0) return "cannot-keep";
		const used = readUint16(bytes, at + ID_LENGTH + 4);
		if (used >= count) return "uses-spent";
		bytes.set(id, at);
		writeUint32(bytes, at + ID_LENGTH, Math.max(expires, readUint32(bytes, at + ID_LENGTH)));
		writeUint16(bytes, at + ID_LENGTH + 4, used + 1);
		try {
			cell.write(putSeal(this.options.crypto, this.options.deviceKey, bytes));
			return undefined;
		} catch {
			// The cell takes nothing.
			return "cannot-keep";
		}
	}

	/** Begins cells anew that cannot be read; with a reset, as its site has to make the reader one of it again. */
	mend(): void {
		const { cell, crypto, deviceKey } = this.options;
		for (let i = 0; i < CELLS; i++)
			if (this.read(cell(i)) === undefined) cell(i).write(putSeal(crypto, deviceKey, this.begin()));
	}

	/** An image of the cell's entries, none of another site's; `undefined` where it is not what this device has sealed. */
	private read(cell: StateCell): Uint8Array | undefined {
		const { anchor, crypto, deviceKey } = this.options;
		const bytes = cell.read();
		if (bytes === undefined) return this.begin();
		const entries = bytes.length - HEADER - SEAL;
		if (entries < 0 || entries % ENTRY !== 0 || entries > PER_CELL * ENTRY) return undefined;
		if (readUint32(bytes, 0) !== MAGIC || !isSealed(crypto, deviceKey, bytes)) return undefined;
		for (let i = 0; i < ANCHOR; i++) if (bytes[4 + i] !== anchor[i]) return this.begin();
		return bytes;
	}

	private begin(): Uint8Array {
		const bytes = new Uint8Array(HEADER + SEAL);
		writeUint32(bytes, 0, MAGIC);
		bytes.set(this.options.anchor, 4);
		return bytes;
	}

	/** An image with an entry of this id at `at`: its own, that of one that is over, or one more; -1 where there is no room. */
	private room(kept: Uint8Array, id: Uint8Array, now: number): { bytes: Uint8Array; at: number } {
		const end = kept.length - SEAL;
		let over = -1;
		for (let at = HEADER; at < end; at += ENTRY) {
			if (isId(kept, at, id)) return { bytes: kept, at };
			if (readUint32(kept, at + ID_LENGTH) <= now) over = at;
		}
		if (over >= 0) {
			kept.fill(0, over, over + ENTRY);
			return { bytes: kept, at: over };
		}
		if (end - HEADER === PER_CELL * ENTRY) return { bytes: kept, at: -1 };
		const bytes = new Uint8Array(kept.length + ENTRY);
		bytes.set(kept.subarray(0, end));
		return { bytes, at: end };
	}
}

function isId(bytes: Uint8Array, at: number, id: Uint8Array): boolean {
	for (let i = 0; i < ID_LENGTH; i++) if (bytes[at + i] !== id[i]) return false;
	return true;
}
