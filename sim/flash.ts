// SPDX-License-Identifier: Apache-2.0

import type { Flash, StateCell } from "../hal/contracts/flash.js";
import type { RollbackCounter } from "../src/plan/replay.js";
import { SeededRandom } from "./random.js";

/** The power went away in the middle of an operation. Everything in RAM is gone; what is in flash stays. */
export class PowerCut extends Error {
	override name = "PowerCut";
}

/**
 * What an interrupted operation leaves behind.
 * - `dropped`: nothing happened;
 * - `torn`: only its first `byte` bytes were written (of an erase: set to 0xFF);
 * - `partial`: of the bits to change, some did;
 * - `garbage`: anything that NOR flash can hold there: of a write, any bits of its range are clear; of an erase, any
 *   bytes in the sector;
 * - `done`: the operation ended, the power went right after it.
 */
export type CutKind = "dropped" | "torn" | "partial" | "garbage" | "done";

export interface Cut {
	/** The operation that is hit: writes, erases and raises are counted from 0, over everything on the same power. */
	readonly at: number;
	readonly kind: CutKind;
	/** For `torn`: how many bytes were done. */
	readonly byte?: number;
	/** For `partial` and `garbage`. */
	readonly seed?: number;
}

/** One supply for several memories, so that operations over all of them have one order and one cut ends them all. */
export class Power {
	/** Operations since the last `restore`. */
	operations = 0;
	/** Sizes of these operations in bytes, when they were asked for: how a harness learns where to tear. */
	trace: number[] | undefined;
	/** The power goes: called before what was interrupted throws. */
	onCut: (() => void) | undefined;
	#cut: Cut | undefined;
	#on = true;

	get on(): boolean {
		return this.#on;
	}

	/** Plans the next cut; `undefined` none. */
	plan(cut: Cut | undefined): void {
		this.#cut = cut;
	}

	/** Power is back: counts from 0 again, no cut planned. */
	restore(): void {
		this.#on = true;
		this.#cut = undefined;
		this.operations = 0;
	}

	/** Called by a memory that reads. */
	check(): void {
		if (!this.#on) throw new PowerCut("there is no power");
	}

	/** Called by a memory before an operation: the cut that hits it, if one does. */
	next(size: number): Cut | undefined {
		this.check();
		this.trace?.push(size);
		const n = this.operations++;
		return this.#cut !== undefined && this.#cut.at === n ? this.#cut : undefined;
	}

	/** Ends the world. */
	cut(): never {
		this.#on = false;
		this.onCut?.();
		throw new PowerCut(`power cut at operation ${this.operations - 1}`);
	}
}

export interface SimFlashOptions {
	/** Bytes, a multiple of the sector's. */
	size: number;
	sectorSize?: number;
	power?: Power;
}

/** A write, or the erase of the sector at `address`. */
export interface FlashChange {
	readonly address: number;
	readonly data?: Uint8Array;
}

/** NOR flash in memory: writes clear bits, erases set a sector, and it counts what it does. */
export class SimFlash implements Flash {
	readonly size: number;
	readonly sectorSize: number;
	readonly power: Power;
	/** The cells themselves: change them to let bits rot. */
	readonly bytes: Uint8Array;
	/** Erases of each sector. */
	readonly wear: Uint32Array;
	reads = 0;
	readBytes = 0;
	writes = 0;
	writtenBytes = 0;
	erases = 0;
	/** Writes that wanted a 1 where a 0 was: what was read back is not what was written. A defect in the caller. */
	mismatches = 0;
	/** Something was written or erased; not where the power went meanwhile. */
	onChange: ((change: FlashChange) => void) | undefined;

	constructor(options: SimFlashOptions) {
		this.sectorSize = options.sectorSize ?? 4096;
		this.size = options.size;
		if (this.size <= 0 || this.size % this.sectorSize !== 0) throw new RangeError("not whole sectors");
		this.power = options.power ?? new Power();
		this.bytes = new Uint8Array(this.size).fill(0xff);
		this.wear = new Uint32Array(this.size / this.sectorSize);
	}

	read(address: number, into: Uint8Array): void {
		this.power.check();
		this.#inside(address, into.length);
		this.reads++;
		this.readBytes += into.length;
		into.set(this.bytes.subarray(address, address + into.length));
	}

	write(address: number, data: Uint8Array): void {
		this.#inside(address, data.length);
		const cut = this.power.next(data.length);
		this.writes++;
		this.writtenBytes += data.length;
		const cells = this.bytes;
		if (cut !== undefined) {
			this.#tear(cut, address, data);
			this.power.cut();
		}
		let mismatch = false;
		for (let i = 0; i < data.length; i++) {
			const value = cells[address + i]! & data[i]!;
			if (value !== data[i]) mismatch = true;
			cells[address + i] = value;
		}
		if (mismatch) this.mismatches++;
		this.onChange?.({ address, data });
	}

	erase(sector: number): void {
		if (!Number.isInteger(sector) || sector < 0 || sector >= this.wear.length) {
			throw new RangeError("no such sector");
		}
		const cut = this.power.next(this.sectorSize);
		this.erases++;
		this.wear[sector]!++;
		const from = sector * this.sectorSize;
		const cells = this.bytes.subarray(from, from + this.sectorSize);
		if (cut === undefined || cut.kind === "done") cells.fill(0xff);
		else if (cut.kind === "torn") cells.fill(0xff, 0, cut.byte ?? 0);
		else if (cut.kind !== "dropped") {
			const random = new SeededRandom(cut.seed ?? 0);
			// An erase moves bits to 1: partially done, some have moved.
			if (cut.kind === "partial") for (let i = 0; i < cells.length; i++) cells[i]! |= random.uint32() >>> 24;
			else random.fill(cells);
		}
		if (cut !== undefined) this.power.cut();
		this.onChange?.({ address: from });
	}

	/** A copy of the contents. */
	snapshot(): Uint8Array {
		return this.bytes.slice();
	}

	/** Puts contents back, as a programmer with a clip on the chip could. Counts no wear. */
	restore(contents: Uint8Array): void {
		this.bytes.set(contents);
	}

	resetCounts(): void {
		this.reads = this.readBytes = this.writes = this.writtenBytes = this.erases = this.mismatches = 0;
	}

	#tear(cut: Cut, address: number, data: Uint8Array): void {
		const cells = this.bytes;
		const random = new SeededRandom(cut.seed ?? 0);
		const count = cut.kind === "torn" ? Math.min(cut.byte ?? 0, data.length) : data.length;
		if (cut.kind === "dropped") return;
		for (let i = 0; i < count; i++) {
			let mask = data[i]!;
			if (cut.kind === "partial") mask |= random.uint32() >>> 24;
			else if (cut.kind === "garbage") mask = random.uint32() >>> 24;
			cells[address + i]! &= mask;
		}
	}

	#inside(address: number, length: number): void {
		if (!Number.isInteger(address) || address < 0 || address + length > this.size) {
			throw new RangeError("outside the partition");
		}
	}
}

/** Something beside the flash, on the same power, that changes wholly or not at all, as a key in NVS does. */
class Atomic<T> {
	value: T;
	writes = 0;
	readonly #power: Power;

	constructor(value: T, power = new Power()) {
		this.value = value;
		this.#power = power;
	}

	protected get(): T {
		this.#power.check();
		return this.value;
	}

	protected put(value: T): void {
		const cut = this.#power.next(1);
		const done =
			cut === undefined || cut.kind === "done" || (cut.kind === "garbage" && ((cut.seed ?? 0) & 1) === 1);
		if (done) this.value = value;
		this.writes++;
		if (cut !== undefined) this.#power.cut();
	}
}

/** The cell of the sealed state. `value` is what lies there: change it as a stranger would. */
export class SimStateCell extends Atomic<Uint8Array | undefined> implements StateCell {
	constructor(power?: Power) {
		super(undefined, power);
	}

	read(): Uint8Array | undefined {
		return this.get()?.slice();
	}

	write(bytes: Uint8Array): void {
		this.put(bytes.slice());
	}
}

/** A plan's lowest version by itself, for those who have a plan and no whole reader. */
export class SimRollbackCounter extends Atomic<readonly number[]> implements RollbackCounter {
	constructor(power?: Power) {
		super([0], power);
	}

	get plan(): number {
		return this.get()[0]!;
	}

	get ahead(): readonly number[] {
		return this.get().slice(1);
	}

	raisePlan(version: number, ahead: readonly number[]): void {
		const next = [version, ...ahead];
		if (version > this.plan || (version === this.plan && next.join() !== this.get().join())) this.put(next);
	}
}
