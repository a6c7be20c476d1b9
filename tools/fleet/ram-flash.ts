// SPDX-License-Identifier: Apache-2.0

import type { Flash, StateCell } from "../../hal/contracts/flash.js";

const SECTOR = 4096;
const ERASED = 0xff;

/** NOR flash in memory, of which an erased sector takes none. */
export class RamFlash implements Flash {
	readonly size: number;
	readonly sectorSize = SECTOR;
	readonly #sectors: (Uint8Array | undefined)[];

	constructor(size: number) {
		this.size = size;
		this.#sectors = new Array(size / SECTOR);
	}

	/** Bytes of sectors that are not erased. */
	get used(): number {
		return SECTOR * this.#sectors.filter((sector) => sector !== undefined).length;
	}

	read(address: number, into: Uint8Array): void {
		this.#each(address, into.length, (sector, at, done, count) => {
			const cells = this.#sectors[sector];
			if (cells === undefined) into.fill(ERASED, done, done + count);
			else into.set(cells.subarray(at, at + count), done);
		});
	}

	write(address: number, data: Uint8Array): void {
		this.#each(address, data.length, (sector, at, done, count) => {
			const cells = this.#sectors[sector] ?? new Uint8Array(SECTOR).fill(ERASED);
			this.#sectors[sector] = cells;
			for (let i = 0; i < count; i++) cells[at + i]! &= data[done + i]!;
		});
	}

	erase(sector: number): void {
		if (!(sector >= 0 && sector < this.#sectors.length)) throw new RangeError("no such sector");
		this.#sectors[sector] = undefined;
	}

	#each(
		address: number,
		length: number,
		part: (sector: number, at: number, done: number, count: number) => void,
	): void {
		if (!(address >= 0 && address + length <= this.size)) throw new RangeError("outside the partition");
		for (let done = 0; done < length; ) {
			const at = (address + done) % SECTOR;
			const count = Math.min(length - done, SECTOR - at);
			part((address + done - at) / SECTOR, at, done, count);
			done += count;
		}
	}
}

export class RamCell implements StateCell {
	#bytes: Uint8Array | undefined;

	read(): Uint8Array | undefined {
		return this.#bytes?.slice();
	}

	write(bytes: Uint8Array): void {
		this.#bytes = bytes.slice();
	}
}
