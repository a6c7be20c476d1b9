// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { toHex } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import type { LogReport } from "../../../protocol/log/findings.js";
import { CHECKPOINT_SIZE, RECORD_SIZE } from "../../../protocol/log/record.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import type { AuditLog } from "../../../src/log/log.js";
import { Forger } from "../../protocol/log/forger.js";
import { crypto, entries, idOf, key, type LogWorld, logWorld, nextKey, type Signing } from "./world.js";

const SECTOR = 512;
const SLOTS = (SECTOR - CHECKPOINT_SIZE) / RECORD_SIZE;
const NOW = 1_800_000_000;

function fill(log: AuditLog, upTo: number): void {
	while (log.last < upTo) log.append(EVENTS.exit, 0, 0);
}

function check({ flash }: LogWorld, { publicKey } = key): LogReport {
	return verifyLog(flash, crypto, { publicKey });
}

describe("the log of a reader that gets its key", () => {
	it("is vouched for from the first start with the key on", () => {
		const world = logWorld(4, SECTOR);
		fill(world.start("power-on", "none"), 7);
		assert.deepEqual(
			check(world).problems.map(({ reason }) => reason),
			["unsigned"],
		);
		const log = world.start("software");
		assert.equal(log.newestSector, 1);
		const report = check(world);
		assert.deepEqual(report.problems, []);
		assert.deepEqual(report.earlier, [{ from: 1, to: 7, vouchedBy: 8, vouchedAt: NOW }]);
		assert.deepInclude(report, { records: 8, sinceCheckpoint: 1, gaps: [] });
		assert.deepEqual(
			entries(log).map(({ serial }) => serial),
			[1, 2, 3, 4, 5, 6, 7, 8],
		);
	});

	it("begins a sector for it once, however often the reader starts", () => {
		const world = logWorld(4, SECTOR);
		world.start("power-on", "none");
		for (let i = 0; i < SLOTS; i++) assert.equal(world.start().newestSector, 1);
		assert.equal(world.start().newestSector, 2, "full, as any sector");
		assert.isTrue(check(world).intact);
	});

	it("begins none where the log is this reader's own, and none without a key", () => {
		for (const by of [key, "none"] as const) {
			const world = logWorld(4, SECTOR);
			for (let i = 0; i < SLOTS; i++) assert.equal(world.start("power-on", by).newestSector, 0);
		}
		const reset = logWorld(4, SECTOR);
		reset.start();
		assert.equal(reset.start("software", "none").newestSector, 0);
	});

	it("loses nothing and stays whole wherever in a sector the key comes", () => {
		for (let last = 1; last <= 2 * SLOTS + 1; last++) {
			const world = logWorld(4, SECTOR);
			fill(world.start("power-on", "none"), last);
			const log = world.start();
			assert.equal(log.last, last + 1);
			assert.equal(log.oldest, 1);
			const report = check(world);
			assert.deepEqual(report.problems, [], `after ${last}`);
			assert.deepEqual(report.earlier, [{ from: 1, to: last, vouchedBy: last + 1, vouchedAt: NOW }]);
			assert.equal(log.newestSector, Math.floor((last - 1) / SLOTS) + 1, "a full sector is followed by one");
		}
	});

	it("names what it takes from a full ring that no site has, and nothing that a site has", () => {
		for (const acknowledged of [0, 5, SLOTS]) {
			const world = logWorld(4, SECTOR);
			const log = world.start("power-on", "none");
			fill(log, 4 * SLOTS - 4);
			log.acknowledge(acknowledged);
			// The cursor has to be in flash: a start knows no other.
			log.append(EVENTS.acknowledged, 0, acknowledged);
			const again = world.start();
			const lost = acknowledged === SLOTS ? [] : [{ from: acknowledged + 1, to: SLOTS }];
			const report = check(world);
			assert.deepEqual(report.problems, []);
			assert.deepEqual(report.gaps, lost);
			assert.equal(again.oldest, SLOTS + 1);
			assert.deepEqual(
				entries(again)
					.filter(({ kind }) => kind === EVENTS.gap)
					.map(({ value: from, subject }) => ({ from, to: new DataView(subject.buffer).getUint32(0) })),
				lost,
			);
		}
	});

	it("writes a gap record that a power cut had kept back, before it ends the sector", () => {
		const world = logWorld(4, SECTOR);
		const log = world.start("power-on", "none");
		fill(log, 4 * SLOTS);
		world.flash.power.restore();
		// Erase, checkpoint, and no gap record any more.
		world.flash.power.plan({ at: 2, kind: "dropped" });
		assert.throws(() => log.append(EVENTS.exit, 0, 0));
		world.flash.power.restore();
		const again = world.start();
		assert.isTrue(check(world).intact);
		assert.deepEqual(
			entries(again)
				.filter(({ kind }) => kind === EVENTS.gap)
				.map(({ value }) => value),
			[1, SLOTS + 1],
			"the one kept back, and the one of the sector that this start took",
		);
		assert.lengthOf(check(world).gaps, 2);
	});

	it("leaves no sector without a record, for an export could not carry its checkpoint", () => {
		const world = logWorld(4, SECTOR);
		world.flash.power.restore();
		world.flash.power.plan({ at: 2, kind: "dropped" });
		assert.throws(() => world.start("power-on", "none"));
		world.flash.power.restore();
		const log = world.start();
		assert.deepEqual(
			entries(log).map(({ kind }) => kind),
			[EVENTS.acknowledged, EVENTS.restart],
		);
		assert.deepEqual(check(world).earlier, [{ from: 1, to: 1, vouchedBy: 2, vouchedAt: NOW }]);
	});

	it("is the old one or the new one whole, wherever the power goes in that start", () => {
		for (const kind of ["dropped", "torn", "partial", "garbage", "done"] as const) {
			for (let at = 0; at < 4; at++) {
				const world = logWorld(3, SECTOR);
				fill(world.start("power-on", "none"), 3 * SLOTS - 2);
				world.flash.power.restore();
				world.flash.power.plan({ at, kind, byte: 70, seed: at });
				let cut = false;
				try {
					world.start();
				} catch {
					cut = true;
				}
				assert.equal(cut, at < 4);
				world.flash.power.restore();
				const again = world.start();
				assert.equal(again.newestSector, 3, `${kind} at ${at}`);
				assert.deepEqual(check(world).problems, [], `${kind} at ${at}`);
				assert.deepEqual(check(world).gaps, [{ from: 1, to: SLOTS }]);
			}
		}
	});

	it("begins one where the newest signature was taken away and the reader's name left", () => {
		const world = logWorld(4, SECTOR);
		world.start();
		new Forger(world.flash.bytes, SECTOR).strip(0);
		new Forger(world.flash.bytes, SECTOR).relink(0);
		assert.equal(world.start().newestSector, 1);
		assert.deepEqual(check(world).earlier, [{ from: 1, to: 1, vouchedBy: 2, vouchedAt: NOW }]);
	});

	it("starts though the gap record of a full sector was changed", () => {
		const world = logWorld(4, SECTOR);
		fill(world.start("power-on", "none"), 5 * SLOTS);
		const sector = new Forger(world.flash.bytes, SECTOR).sector(0);
		assert.equal(sector[CHECKPOINT_SIZE + 8], EVENTS.gap);
		sector[CHECKPOINT_SIZE + 12]! ^= 1;
		const log = world.start();
		assert.deepInclude(log, { newestSector: 5, last: 5 * SLOTS + 2 });
		assert.deepEqual(
			check(world).problems.map(({ reason }) => reason),
			["unsigned", "unsigned", "unsigned", "bad-record"],
		);
	});

	it("keeps the door's memory over it", () => {
		const world = logWorld(4, SECTOR);
		const log = world.start("power-on", "none");
		log.append(EVENTS.lockdown, 3, 0);
		const { doorMemory } = log;
		assert.isAbove(doorMemory, 0);
		assert.equal(world.start().doorMemory, doorMemory);
		assert.equal(world.start().doorMemory, doorMemory);
	});
});

describe("the log of a reader that was reset and commissioned again", () => {
	function history(): LogWorld {
		const world = logWorld(8, SECTOR);
		fill(world.start("power-on", "none"), 3);
		fill(world.start(), 3 + SLOTS + 2);
		fill(world.start("software", "none"), 3 + 2 * SLOTS + 2);
		fill(world.start("software", nextKey), 3 + 3 * SLOTS);
		return world;
	}

	it("keeps what was, and verifies by the key that the reader has now", () => {
		const report = check(history(), nextKey);
		assert.deepEqual(report.problems, []);
		const { vouchedBy } = report.earlier[0]!;
		assert.equal(vouchedBy, 3 + 2 * SLOTS + 3);
		const former = toHex(idOf(key.publicKey));
		const vouched = { vouchedBy, vouchedAt: NOW };
		assert.deepEqual(report.earlier, [
			{ from: 1, to: 3, ...vouched },
			// What it wrote between reset and commissioning is in the former reader's last sector until that is full.
			{ from: 4, to: 3 + 2 * SLOTS, reader: former, ...vouched },
			{ from: 4 + 2 * SLOTS, to: vouchedBy - 1, ...vouched },
		]);
	});

	it("does not verify by the key that it had before", () => {
		const { earlier, problems } = check(history());
		const since = 3 + 2 * SLOTS + 3;
		assert.deepEqual(
			problems.map(({ reason, from }) => [reason, from]),
			[
				["unsigned", since - 2],
				["other-reader", since],
			],
		);
		assert.deepEqual(
			earlier.map(({ from, to }) => [from, to]),
			[[1, 3]],
		);
	});
});

describe("any history of a reader's keys", () => {
	it("verifies by the newest key, and every record is told from before it or since", () => {
		const step = fc.oneof(
			{ weight: 6, arbitrary: fc.nat(SLOTS + 2).map((count) => ({ count })) },
			{ weight: 1, arbitrary: fc.constant("restart" as const) },
			{ weight: 1, arbitrary: fc.constant("maintain" as const) },
			{ weight: 2, arbitrary: fc.constant("key" as const) },
			{ weight: 1, arbitrary: fc.constant("reset" as const) },
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 14 }), fc.boolean(), (steps, begunWithKey) => {
				const world = logWorld(4, SECTOR);
				const pairs = Array.from({ length: 16 }, (_, n) =>
					crypto.ed25519KeyPair(new Uint8Array(32).fill(30 + n)),
				);
				let by: Signing = begunWithKey ? pairs.pop()! : "none";
				const own = new Set<number>();
				let log = world.start("power-on", by);
				own.add(log.last);
				for (const step of steps) {
					if (typeof step === "object")
						for (let i = 0; i < step.count; i++) own.add(log.append(EVENTS.exit, 0, i));
					else if (step === "maintain") log.maintain();
					else {
						if (step === "key") by = pairs.pop()!;
						if (step === "reset") by = "none";
						if (step !== "restart") own.clear();
						log = world.start("software", by);
						own.add(log.last);
					}
				}
				if (by === "none") return;
				const report = check(world, by);
				assert.deepEqual(report.problems, []);
				for (const { serial, kind } of entries(log)) {
					if (kind === EVENTS.gap || kind === EVENTS.acknowledged) continue;
					const earlier = report.earlier.some(({ from, to }) => serial >= from && serial <= to);
					assert.equal(earlier, !own.has(serial), `serial ${serial}`);
				}
			}),
			{ numRuns: 60 },
		);
	});
});
