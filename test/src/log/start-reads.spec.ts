// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { AT, MAGIC } from "../../../protocol/log/record.js";
import { SimFlash } from "../../../sim/flash.js";
import { SectorRing } from "../../../src/log/ring.js";
import { crypto, logWorld } from "./world.js";

const SECTOR = 1024;

/** A ring in flash whose newest sector is number `newest`; then what happens to places. */
function ringOf(sectors: number, newest: number, spoil: (flash: SimFlash) => void): SectorRing {
	const flash = new SimFlash({ size: sectors * SECTOR, sectorSize: SECTOR });
	for (let s = Math.max(0, newest - sectors + 1); s <= newest; s++) {
		const head = new Uint8Array(AT.oldest);
		const view = new DataView(head.buffer);
		view.setUint32(0, MAGIC);
		view.setUint32(AT.sequence, s);
		view.setUint32(AT.first, 1 + 27 * s);
		flash.write((s % sectors) * SECTOR, head);
	}
	spoil(flash);
	return new SectorRing(flash, crypto);
}

type Damage = "erased" | "torn" | "rotten";

function damage(flash: SimFlash, place: number, kind: Damage): void {
	const head = new Uint8Array(AT.oldest);
	flash.read(place * SECTOR, head);
	flash.erase(place);
	if (kind === "erased") return;
	if (kind === "torn") head.fill(0xff, 5);
	else head[1]! ^= 0x40;
	flash.write(place * SECTOR, head);
}

/** Reads of flash in `work`. */
function readsOf(flash: SimFlash, work: () => void): number {
	const read = flash.read.bind(flash);
	let reads = 0;
	flash.read = (address, into) => {
		reads++;
		read(address, into);
	};
	work();
	flash.read = read;
	return reads;
}

describe("the log's newest sector, found by halving", () => {
	it("is the newest, in every ring that no power cut or damage has disturbed, in log N reads", () => {
		for (const sectors of [3, 4, 5, 8, 31, 66, 320, 1024])
			for (const newest of [
				0,
				1,
				2,
				sectors - 2,
				sectors - 1,
				sectors,
				sectors + 1,
				2 * sectors + 1,
				5 * sectors - 1,
			]) {
				const ring = ringOf(sectors, newest, () => undefined);
				const reads = readsOf(ring.flash as SimFlash, () => assert.equal(ring.newestByHalving(), newest));
				assert.isAtMost(reads, 5 + Math.ceil(Math.log2(sectors)));
			}
	});

	it("is the newest also with the next sector erased for it, or leaves it to a look at all", () => {
		for (const sectors of [3, 8, 31])
			for (let newest = 0; newest < 3 * sectors; newest++) {
				const next = (newest + 1) % sectors;
				const ring = ringOf(sectors, newest, (flash) => damage(flash, next, "erased"));
				// Place 0 says where the lap begins.
				assert.equal(ring.newestByHalving(), next === 0 ? undefined : newest);
			}
	});

	it("of a ring that was never written is none, in a few reads", () => {
		for (const sectors of [3, 4, 66, 1024]) {
			const ring = ringOf(sectors, -1, () => undefined);
			const reads = readsOf(ring.flash as SimFlash, () => assert.equal(ring.newestByHalving(), -1));
			assert.isAtMost(reads, 6);
		}
	});

	it("never is another than the newest whole one, whatever two neighbours and one more have become", () => {
		const kind = fc.constantFrom<Damage>("erased", "torn", "rotten");
		fc.assert(
			fc.property(
				fc.integer({ min: 3, max: 70 }),
				fc.nat(200),
				fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 2 }), kind), { maxLength: 2 }),
				(sectors, newest, damages) => {
					const places = new Set<number>();
					const ring = ringOf(sectors, newest, (flash) => {
						for (const [at, count, what] of damages)
							for (let i = 0; i < count; i++) {
								const place = (at + i) % sectors;
								// Further apart than neighbours.
								if ([...places].some((other) => Math.abs(other - place) <= 2) && i === 0) break;
								places.add(place);
								damage(flash, place, what);
							}
					});
					const found = ring.newestByHalving();
					let whole = newest;
					while (places.has(whole % sectors)) whole--;
					// A damaged one is not opened, and all are looked at then.
					if (found !== undefined && !places.has(found % sectors)) assert.equal(found, whole);
				},
			),
			{ numRuns: 1000 },
		);
	});
});

describe("the start of the log", () => {
	for (const [name, sectors, sectorSize, events] of [
		["the first lap of the 8 MB board's", 320, 4096, 200],
		["a full ring", 66, 1024, 68 * 27],
	] as const)
		it(`reads ${name} in less than 40 reads, and finds all`, () => {
			const world = logWorld(sectors, sectorSize);
			const log = world.start();
			for (let n = log.last; n < events; n++) log.append(1, n & 0xffff, n);
			const { last } = log;
			let again: ReturnType<typeof world.start> | undefined;
			const reads = readsOf(world.flash, () => {
				again = world.start();
			});
			assert.equal(again!.last, last + 1, "the restart");
			assert.isAtMost(reads, 39);
		});
});
