// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { writeUint32 } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import type { LogReport } from "../../../protocol/log/findings.js";
import { CHECKPOINT_SIZE, KIND_AT, RECORD_SIZE } from "../../../protocol/log/record.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { crypto, logWorld, verify } from "../../src/log/world.js";
import { Forger } from "./forger.js";

const SECTOR = 1024;
const SLOTS = (SECTOR - CHECKPOINT_SIZE) / RECORD_SIZE;

/** Four and a bit of eight sectors, all of which verify. */
function written(sectors = 8, count = 4 * SLOTS + 5): ReturnType<typeof logWorld> {
	const world = logWorld(sectors, SECTOR);
	const log = world.start();
	for (let i = 1; i < count; i++) log.append(EVENTS.exit, i, 0, crypto.sha256(Uint8Array.of(i)).slice(0, 8));
	assert.isTrue(verify(world.flash).intact);
	return world;
}

/** Where the record with `serial` lies, in a log of its first lap without torn slots. */
function addressOf(serial: number): number {
	const sector = Math.floor((serial - 1) / SLOTS);
	return sector * SECTOR + CHECKPOINT_SIZE + ((serial - 1) % SLOTS) * RECORD_SIZE;
}

function firstBad(report: LogReport): number {
	return Math.min(...report.problems.map((problem) => problem.from));
}

describe("log verification", () => {
	it("finds any one changed bit of any record, and names the record", () => {
		const { flash } = written();
		const original = flash.snapshot();
		const last = 4 * SLOTS + 5;
		for (let serial = 1; serial < last; serial++) {
			for (let bit = 0; bit < 8 * RECORD_SIZE; bit += serial === 40 || serial > 109 ? 1 : 29) {
				flash.restore(original);
				flash.bytes[addressOf(serial) + (bit >> 3)]! ^= 1 << (bit & 7);
				const report = verifyLog(flash, crypto);
				assert.isFalse(report.intact, `serial ${serial} bit ${bit}`);
				// A change of the last record of a sector shows as missing; both name it.
				const named = report.problems.filter((problem) => problem.reason !== "changed-sector");
				assert.equal(Math.min(...named.map((problem) => problem.from)), serial, `bit ${bit}`);
			}
		}
	});

	it("says which records no signature covered when the reader was off", () => {
		const world = logWorld(8, SECTOR);
		world.start();
		assert.deepEqual(verify(world.flash).unsignedAtRestart, []);
		let log = world.start();
		assert.deepEqual(verify(world.flash).unsignedAtRestart, [{ from: 1, to: 1 }]);
		for (let i = 0; i < 4; i++) log.append(EVENTS.exit, i, 0);
		log = world.start();
		assert.deepEqual(verify(world.flash).unsignedAtRestart, [{ from: 1, to: 6 }], "it has grown");
		// Beyond the next checkpoint, whose signature covers whatever was there.
		while (log.newestSector === 0) log.append(EVENTS.exit, 0, 0);
		const last = log.last;
		world.start();
		assert.deepEqual(verify(world.flash).unsignedAtRestart, [
			{ from: 1, to: 6 },
			{ from: SLOTS + 1, to: last },
		]);
	});

	it("says that of a full sector too, which the start signs before its restart is written", () => {
		const world = logWorld(8, SECTOR);
		const log = world.start();
		while (log.last < SLOTS) log.append(EVENTS.exit, 0, 0);
		assert.equal(log.newestSector, 0);
		const forger = new Forger(world.flash.bytes, SECTOR);
		forger.sector(0)[addressOf(SLOTS) + KIND_AT] = EVENTS.fire;
		forger.relink(0);
		const next = world.start();
		assert.equal(next.newestSector, 1);
		assert.isTrue(verify(world.flash).intact);
		assert.deepEqual(verify(world.flash).unsignedAtRestart, [{ from: 1, to: SLOTS }]);
		// What a running reader signs was never in flash without it.
		while (next.newestSector === 1) next.append(EVENTS.exit, 0, 0);
		assert.deepEqual(verify(world.flash).unsignedAtRestart, [{ from: 1, to: SLOTS }]);
	});

	it("says that of a full sector whose next was cut off before the restart, whatever stands there then", () => {
		const world = logWorld(8, SECTOR);
		const log = world.start();
		while (log.last < SLOTS) log.append(EVENTS.exit, 0, 0);
		const write = world.flash.write.bind(world.flash);
		world.flash.write = (address, data) => {
			if (data.length === RECORD_SIZE) throw new Error("power cut");
			write(address, data);
		};
		assert.throws(() => world.start(), "power cut");
		world.flash.write = write;
		const forger = new Forger(world.flash.bytes, SECTOR);
		writeUint32(world.flash.bytes, addressOf(SLOTS + 1), SLOTS + 1);
		world.flash.bytes.fill(0, addressOf(SLOTS + 1) + 4, addressOf(SLOTS + 2));
		world.flash.bytes[addressOf(SLOTS + 1) + KIND_AT] = EVENTS.exit;
		forger.relink(1);
		world.start();
		assert.isTrue(verify(world.flash).intact);
		assert.deepEqual(verify(world.flash).unsignedAtRestart, [
			{ from: 1, to: SLOTS },
			{ from: SLOTS + 1, to: SLOTS + 1 },
		]);
	});

	it("finds a change of the very last record by the site's cursor alone", () => {
		const { flash } = written();
		const last = 4 * SLOTS + 5;
		const link = flash.bytes.slice(addressOf(last) + 24, addressOf(last) + 32);
		flash.bytes[addressOf(last) + 12]! ^= 1;
		assert.isTrue(verify(flash).intact, "by construction: it looks like a write that a power cut tore");
		assert.equal(verify(flash).torn, 1);
		assert.deepInclude(verify(flash, { serial: last, link }).problems[0], {
			reason: "behind-site",
			from: last,
			to: last,
		});
	});

	it("finds any one changed bit of any checkpoint", () => {
		const { flash } = written();
		const original = flash.snapshot();
		for (let sector = 0; sector < 5; sector++) {
			for (let bit = 0; bit < 8 * CHECKPOINT_SIZE; bit += sector === 4 ? 1 : 31) {
				flash.restore(original);
				flash.bytes[sector * SECTOR + (bit >> 3)]! ^= 1 << (bit & 7);
				assert.isFalse(verifyLog(flash, crypto).intact, `sector ${sector} bit ${bit}`);
			}
		}
	});

	it("finds records dropped, duplicated and exchanged", () => {
		const { flash } = written();
		const original = flash.snapshot();
		const at = (serial: number): Uint8Array =>
			original.slice(addressOf(serial), addressOf(serial) + RECORD_SIZE);
		const put = (serial: number, record: Uint8Array): void => flash.bytes.set(record, addressOf(serial));
		for (let serial = 1; serial < 3 * SLOTS; serial++) {
			flash.restore(original);
			put(serial, new Uint8Array(RECORD_SIZE).fill(0xff));
			assert.equal(
				firstBad(verifyLog(flash, crypto)),
				Math.min(serial, sectorStart(serial)),
				`blanked ${serial}`,
			);
			flash.restore(original);
			put(serial + 1, at(serial));
			assert.isFalse(verifyLog(flash, crypto).intact, `duplicated ${serial}`);
			flash.restore(original);
			put(serial, at(serial + 1));
			put(serial + 1, at(serial));
			assert.isFalse(verifyLog(flash, crypto).intact, `exchanged ${serial}`);
			if (serial % SLOTS === 0) continue;
			flash.restore(original);
			flash.bytes.copyWithin(addressOf(serial), addressOf(serial) + RECORD_SIZE, endOf(serial));
			assert.isFalse(verifyLog(flash, crypto).intact, `pulled up over ${serial}`);
		}
	});

	it("finds a rewritten history, even with all links made anew, by digest and signature", () => {
		const { flash } = written();
		for (let serial = 40; serial <= 2 * SLOTS; serial++) {
			// What an attacker with a programmer can do: change a record and link everything after it.
			const before =
				(serial - 1) % SLOTS === 0
					? checkOf(flash.bytes, serial)
					: flash.bytes.slice(addressOf(serial) - 8, addressOf(serial));
			const block = new Uint8Array(32);
			block.set(before);
			block.set(flash.bytes.subarray(addressOf(serial), addressOf(serial) + 24), 8);
			if (serial === 40) block[8 + 12]! ^= 1;
			flash.bytes.set(block.subarray(8), addressOf(serial));
			flash.bytes.set(crypto.sha256(block).subarray(0, 8), addressOf(serial) + 24);
		}
		const report = verify(flash);
		assert.deepInclude(report.problems[0], { reason: "changed-sector", from: SLOTS + 1, to: 2 * SLOTS });
		// And with the digest in the next checkpoint corrected, and its check: the signature.
		const next = 2 * SECTOR;
		flash.bytes.set(crypto.sha256(flash.bytes.slice(SECTOR, next)), next + 48);
		flash.bytes.set(crypto.sha256(flash.bytes.slice(next, next + 152)).subarray(0, 8), next + 152);
		assert.include(
			verify(flash).problems.map((problem) => problem.reason),
			"bad-signature",
		);
	});

	it("finds sectors dropped, moved and copied", () => {
		const { flash } = written();
		const original = flash.snapshot();
		for (let sector = 0; sector < 4; sector++) {
			flash.restore(original);
			flash.bytes.fill(0xff, sector * SECTOR, (sector + 1) * SECTOR);
			const report = verify(flash);
			assert.isFalse(report.intact, `erased ${sector}`);
			assert.equal(firstBad(report), sector * SLOTS + 1);
			flash.restore(original);
			flash.bytes.copyWithin(5 * SECTOR, sector * SECTOR, (sector + 1) * SECTOR);
			assert.deepInclude(verify(flash).problems[0], { reason: "misplaced", sector: 5 });
			flash.restore(original);
			flash.bytes.copyWithin(sector * SECTOR, (sector + 1) * SECTOR, (sector + 2) * SECTOR);
			assert.isFalse(verify(flash).intact, `overwritten ${sector}`);
		}
	});

	it("gives what is wrong in the order of the log, what is before its beginning first", () => {
		const { flash } = written();
		const changed = 2 * SLOTS + 3;
		flash.bytes[addressOf(changed)]! ^= 1;
		flash.bytes.fill(0xff, 0, SECTOR);
		const found = verify(flash).problems.map(({ from, reason, to }) => [reason, from, to]);
		assert.deepEqual(found.slice(0, 2), [
			["missing", 1, SLOTS],
			["bad-record", changed, changed],
		]);
	});

	it("finds an old image and another history by the site's cursor", () => {
		const world = written(8, 50);
		const old = world.flash.snapshot();
		const log = world.start();
		for (let i = 0; i < 20; i++) log.append(EVENTS.exit, i, 0);
		const site = { serial: log.last, link: log.link() };
		assert.isTrue(verify(world.flash, site).intact);
		world.flash.restore(old);
		assert.isTrue(verify(world.flash).intact, "by construction: an old image is a true one");
		assert.deepInclude(verify(world.flash, site).problems[0], { reason: "behind-site" });
		// The reader goes on from the old image until it has more records than the site.
		const forked = world.start();
		for (let i = 0; i < 40; i++) forked.append(EVENTS.exit, 1000 + i, 0);
		assert.isTrue(verify(world.flash).intact);
		assert.deepInclude(verify(world.flash, site).problems[0], { reason: "differs-from-site" });
	});

	it("finds the log of another reader, and one that nobody signed", () => {
		const { flash } = written();
		const other = crypto.ed25519KeyPair(new Uint8Array(32).fill(9));
		assert.include(reasonsFor(flash, other.publicKey), "other-reader");
	});

	it("keeps what came after a checkpoint that was damaged, before and after a restart", () => {
		for (const offset of [0, 5, 20, 60, 100]) {
			const world = written();
			world.flash.bytes[4 * SECTOR + offset]! ^= 4;
			const found = verify(world.flash);
			assert.equal(found.last, 4 * SLOTS + 5, `byte ${offset}`);
			assert.isFalse(found.intact);
			const log = world.start();
			assert.equal(log.last, 4 * SLOTS + 6);
			const report = verify(world.flash);
			assert.equal(report.records, 4 * SLOTS + 6);
			assert.deepEqual(
				report.problems.map((problem) => problem.reason),
				["bad-checkpoint"],
			);
		}
	});

	it("survives any image: random bytes, and random damage", () => {
		const { flash } = written();
		const original = flash.snapshot();
		let state = 1;
		const random = (): number => {
			state = (Math.imul(state, 1103515245) + 12345) >>> 0;
			return state >>> 8;
		};
		for (let run = 0; run < 200; run++) {
			flash.restore(original);
			for (let i = random() % 40; i >= 0; i--) flash.bytes[random() % flash.size] = random();
			verify(flash);
			const world = logWorld(8, SECTOR);
			world.flash.restore(flash.bytes);
			const log = world.start("unknown");
			const serial = log.append(EVENTS.exit, 0, 0);
			assert.equal(log.last, serial);
		}
	});
});

function reasonsFor(flash: Parameters<typeof verify>[0], publicKey: Uint8Array): string[] {
	return verifyLog(flash, crypto, { publicKey }).problems.map((problem) => problem.reason);
}

function sectorStart(serial: number): number {
	return Math.floor((serial - 1) / SLOTS) * SLOTS + 1;
}

function endOf(serial: number): number {
	return (Math.floor((serial - 1) / SLOTS) + 1) * SECTOR;
}

function checkOf(bytes: Uint8Array, serial: number): Uint8Array {
	const start = Math.floor((serial - 1) / SLOTS) * SECTOR;
	return bytes.slice(start + 152, start + 160);
}
