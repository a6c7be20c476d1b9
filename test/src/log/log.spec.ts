// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { EVENTS, RESTARTS } from "../../../protocol/events.js";
import { CHECKPOINT_SIZE, RECORD_SIZE } from "../../../protocol/log/record.js";
import { REMEMBERED } from "../../../src/door/memory.js";
import { LogError, type LogErrorReason } from "../../../src/log/error.js";
import { AuditLog } from "../../../src/log/log.js";
import { providers } from "../../support/providers.js";
import { crypto, entries, logWorld, reader, verify } from "./world.js";

const ANN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function refused(reason: LogErrorReason, action: () => void): void {
	try {
		action();
	} catch (error) {
		assert.instanceOf(error, LogError);
		assert.equal((error as LogError).reason, reason);
		return;
	}
	assert.fail(`not refused: ${reason}`);
}

describe("log", () => {
	it("gives back what was appended, in order, with serial and time", () => {
		const world = logWorld();
		const log = world.start("brown-out");
		assert.equal(log.append(EVENTS.decision, 0x1020, 77, ANN), 2);
		assert.equal(log.append(EVENTS["door-opened"], 1, 1), 3);
		const [restart, decision, opened] = entries(log);
		assert.deepInclude(restart, { serial: 1, kind: EVENTS.restart, detail: RESTARTS["brown-out"] });
		assert.deepEqual([...restart!.subject], [...reader]);
		assert.deepInclude(decision, {
			serial: 2,
			time: 1_800_000_000,
			trust: "synced",
			kind: EVENTS.decision,
			detail: 0x1020,
			value: 77,
			subject: ANN,
		});
		assert.deepInclude(opened, { serial: 3, kind: EVENTS["door-opened"], detail: 1, value: 1 });
		assert.deepEqual([...opened!.subject], [0, 0, 0, 0, 0, 0, 0, 0]);
		assert.equal(log.last, 3);
	});

	it("counts time from the start while nobody told it the time", () => {
		const world = logWorld();
		const log = new AuditLog({
			flash: world.flash,
			crypto,
			clock: world.time,
			wall: { now: () => 0, trust: () => "unset", set: () => {} },
			reader,
		});
		log.open("power-on");
		world.time.run(90_500);
		log.append(EVENTS.exit, 0, 0);
		assert.deepInclude(entries(log)[1], { time: 90, trust: "unset" });
	});

	it("goes on after a restart, over sectors, and verifies by every provider", () => {
		const world = logWorld(8);
		let serial = 0;
		for (let run = 0; run < 20; run++) {
			const log = world.start();
			assert.equal(log.last, serial + 1);
			for (let i = 0; i < 7; i++) log.append(EVENTS.exit, i, run);
			serial = log.last;
		}
		const log = world.start("software");
		const all = entries(log);
		assert.deepEqual(
			all.map((entry) => entry.serial),
			Array.from({ length: 161 }, (_, i) => i + 1),
		);
		assert.equal(world.flash.mismatches, 0, "never writes over what was written");
		for (const provider of providers) {
			const report = verify(world.flash, undefined, provider);
			assert.deepInclude(report, { intact: true, records: 161, first: 1, last: 161, torn: 0 }, provider.name);
		}
		assert.deepEqual(
			entries(log, 100).map((entry) => entry.serial),
			Array.from({ length: 62 }, (_, i) => i + 100),
		);
	});

	it("remembers the door over restarts and checkpoints", () => {
		const world = logWorld(4);
		const log = world.start();
		log.append(EVENTS.command, 5, 0);
		log.append(EVENTS.lockdown, 3, 0);
		log.append(EVENTS["door-opened"], 0, 0);
		log.append(EVENTS.forced, 0, 0);
		for (let i = 0; i < 60; i++) log.append(EVENTS.exit, 0, 0);
		assert.equal(world.start().doorMemory, REMEMBERED.lockdown | REMEMBERED.open | REMEMBERED.forced);
	});

	describe("the site's cursor", () => {
		it("lasts over a restart, at most 64 records behind", () => {
			const world = logWorld(16);
			const log = world.start();
			for (let i = 0; i < 200; i++) {
				log.append(EVENTS.exit, 0, 0);
				log.acknowledge(log.last);
			}
			const again = world.start();
			assert.isAtLeast(again.acknowledged, 200 - 64);
			assert.isAtMost(again.acknowledged, again.last);
		});

		it("refuses what does not exist and ignores what is old", () => {
			const log = logWorld().start();
			refused("acknowledge-ahead", () => log.acknowledge(2));
			log.acknowledge(1);
			log.acknowledge(0);
			assert.equal(log.acknowledged, 1);
		});

		it("lets the ring go round without a gap as long as the site keeps up", () => {
			const world = logWorld(4);
			const log = world.start();
			for (let i = 0; i < 1000; i++) {
				log.append(EVENTS.exit, 0, 0);
				log.acknowledge(log.last);
				while (log.maintain());
			}
			const report = verify(world.flash);
			assert.isTrue(report.intact, JSON.stringify(report.problems));
			assert.deepEqual(report.gaps, []);
			assert.isFalse(entries(log).some((entry) => entry.kind === EVENTS.gap));
		});

		it("names exactly what was overwritten before the site had it", () => {
			for (const idle of [false, true]) {
				const world = logWorld(4);
				const log = world.start();
				const lost = new Set<number>();
				for (let i = 0; i < 500; i++) {
					log.append(EVENTS.exit, 0, 0);
					if (i === 20) log.acknowledge(10);
					while (idle && log.maintain());
				}
				for (let serial = 11; serial < log.oldest; serial++) lost.add(serial);
				const report = verify(world.flash);
				assert.isTrue(report.intact, JSON.stringify(report.problems));
				const present = entries(log);
				assert.equal(present[0]!.serial, log.oldest);
				assert.equal(present.length, log.last - log.oldest + 1);
				// Old gap records go with their sectors: the newest says up to where.
				const gaps = present.filter((entry) => entry.kind === EVENTS.gap);
				assert.isNotEmpty(gaps);
				assert.deepEqual(
					gaps.map((entry) => ({
						from: entry.value,
						to: new DataView(entry.subject.buffer).getUint32(0),
					})),
					[...report.gaps],
				);
				if (!idle) assert.equal(report.gaps.at(-1)!.to, log.oldest - 1);
				for (const gap of report.gaps) {
					for (let serial = gap.from; serial <= gap.to; serial++) assert.isTrue(lost.has(serial));
				}
			}
		});

		it("a reader of the log follows while it is written and overtaken", () => {
			const world = logWorld(4);
			const log = world.start();
			const cursor = log.read(1);
			let last = 0;
			let seen = 0;
			for (let i = 0; i < 700; i++) {
				log.append(EVENTS.exit, 0, i);
				if (i % 3 !== 0 || (i > 300 && i < 500)) continue;
				const record = cursor.next();
				assert.isDefined(record);
				const serial = new DataView(record!.buffer, record!.byteOffset).getUint32(0);
				assert.isAbove(serial, last);
				assert.isAtLeast(serial, log.oldest);
				last = serial;
				seen++;
			}
			while (cursor.next()) seen++;
			assert.equal(cursor.position, log.last + 1);
			assert.isUndefined(cursor.next());
			log.append(EVENTS.exit, 0, 0);
			assert.isDefined(cursor.next());
			assert.isAbove(seen, 100);
		});
	});

	it("ends at its next start the erase of the oldest sector that a power cut interrupted", () => {
		for (const kind of ["torn", "partial", "garbage"] as const) {
			const world = logWorld(4);
			const log = world.start();
			// Nearly full: the idle work that erases the oldest sector comes before the next is begun.
			while (log.last < 4 * 27 - 10) log.append(EVENTS.exit, 0, 0);
			world.flash.power.restore();
			world.flash.power.plan({ at: 0, kind, byte: 300, seed: 5 });
			assert.throws(() => log.maintain());
			world.flash.power.restore();
			assert.isFalse(verify(world.flash).intact, kind);
			const again = world.start();
			assert.isTrue(verify(world.flash).intact, kind);
			assert.equal(again.oldest, 28);
			while (again.last < 4 * 27 + 1) again.append(EVENTS.exit, 0, 0);
			assert.deepEqual(verify(world.flash).gaps, [{ from: 1, to: 27 }]);
		}
	});

	it("prepares in idle time, so that an append costs one write and no erase", () => {
		const world = logWorld(4, 4096);
		const log = world.start();
		for (let i = 0; i < 1000; i++) {
			while (log.maintain());
			const { writes, erases } = world.flash;
			log.append(EVENTS.exit, 0, 0);
			// A gap record comes once a lap here, as nobody acknowledges.
			assert.isAtMost(world.flash.writes - writes, 2);
			assert.equal(world.flash.erases, erases);
		}
	});

	it("leaves room for a visit: no erase and no checkpoint within the next five records", () => {
		const world = logWorld(4, 4096);
		const log = world.start();
		for (let visit = 0; visit < 300; visit++) {
			while (log.maintain());
			const before = [log.newestSector, world.flash.erases];
			for (let i = 0; i < 1 + (visit % 5); i++) log.append(EVENTS.exit, 0, 0);
			assert.deepEqual([log.newestSector, world.flash.erases], before);
		}
		assert.isAbove(log.newestSector, 5);
		assert.isTrue(verify(world.flash).intact);
	});

	it("holds 100,000 events in 4 MB", () => {
		const world = logWorld(1024, 4096);
		assert.isAtLeast(world.start().capacity, 100_000);
	});

	it("passes over a worn slot and says so when nothing can be written", () => {
		const world = logWorld();
		const log = world.start();
		const write = world.flash.write.bind(world.flash);
		let stuck = 1;
		world.flash.write = (address, data) => {
			const worn = data.slice();
			if (stuck-- > 0) worn[20] = worn[20]! & 0xfe;
			write(address, worn);
		};
		log.append(
			EVENTS.exit,
			0,
			0,
			ANN.map((byte) => byte | 1),
		);
		assert.deepInclude(verify(world.flash), { intact: true, records: 2, torn: 1 });
		stuck = 99;
		refused("log-flash", () =>
			log.append(
				EVENTS.exit,
				0,
				0,
				ANN.map((byte) => byte | 1),
			),
		);
		stuck = 0;
		log.append(EVENTS.exit, 0, 0);
		assert.deepInclude(verify(world.flash), { intact: true, records: 3 });
		assert.equal(world.start().last, 4);
	});

	it("starts though garbage leaves the newest sector no slot for copies, gap and restart, or few", () => {
		// Copies are due from the fourth sector on, the gap from the fifth.
		for (const newest of [3, 4])
			for (const kind of [EVENTS.forced, EVENTS.exit])
				for (const left of [0, 1, 2]) {
					const world = logWorld();
					const log = world.start();
					while (log.newestSector < newest) log.append(kind, 0, 0);
					const at = (newest % 4) * 1024;
					world.flash.bytes.fill(0xff, at + CHECKPOINT_SIZE, at + 1024);
					world.flash.bytes.fill(0, at + CHECKPOINT_SIZE, at + 1024 - left * RECORD_SIZE);
					const label = `sector ${newest}, kind ${kind}, ${left} left`;
					assert.doesNotThrow(() => world.start(), undefined, undefined, label);
					assert.equal(entries(world.start()).at(-1)!.kind, EVENTS.restart, label);
				}
	});

	it("refuses to work before it is open or where it has no room", () => {
		const world = logWorld();
		const options = {
			flash: world.flash,
			crypto,
			clock: world.time,
			wall: { now: () => 0, trust: () => "unset" as const, set: () => {} },
			reader,
		};
		const log = new AuditLog(options);
		refused("log-closed", () => log.append(EVENTS.exit, 0, 0));
		refused("log-partition", () => new AuditLog({ ...options, flash: logWorld(2).flash }));
	});
});
