// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, equal, toHex } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import { CHECKPOINT_SIZE, RECORD_SIZE } from "../../../protocol/log/record.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { LOG_RECORDS } from "../../../protocol/sync/bounds.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import { SeededRandom } from "../../../sim/random.js";
import {
	type Intake,
	type IntakeProblem,
	type LogRefusal,
	NO_LOG,
	repeatedIn,
	type SiteCursor,
	takeLog,
} from "../../../site/lib/log/intake.js";
import type { AuditLog } from "../../../src/log/log.js";
import { crypto, key, logWorld, nextKey } from "../../src/log/world.js";

type Batch = MessageOf<"log" | "checkpoint">;

/** What a reader sends of its flash, from `from` on: each sector's checkpoint, then its records, 24 at a time. */
function sent(flash: ReturnType<typeof logWorld>["flash"], from = 1, most = LOG_RECORDS): Batch[] {
	const batches: Batch[] = [];
	let records: Uint8Array[] = [];
	let first = 0;
	const flush = (): void => {
		if (records.length > 0) batches.push({ name: "log", id: 1, first, records: concat(...records) });
		records = [];
	};
	verifyLog(flash, crypto, {}, (record, serial, checkpoint) => {
		if (serial < from) return;
		if (checkpoint !== undefined || records.length === most || serial !== first + records.length) flush();
		if (checkpoint !== undefined)
			batches.push({ name: "checkpoint", id: 1, first: serial, checkpoint: checkpoint.slice() });
		if (records.length === 0) first = serial;
		records.push(record.slice());
	});
	flush();
	return batches;
}

class Site {
	cursor: SiteCursor = NO_LOG;
	readonly records: Uint8Array[] = [];
	readonly problems: IntakeProblem[] = [];

	take(batch: Batch, reader = key.publicKey): Intake | LogRefusal {
		const intake = takeLog(this.cursor, batch, reader, crypto);
		if (typeof intake === "string") return intake;
		this.cursor = intake.cursor;
		this.problems.push(...intake.problems);
		for (let at = 0; at < intake.records.length; at += RECORD_SIZE)
			this.records.push(intake.records.slice(at, at + RECORD_SIZE));
		return intake;
	}

	takeAll(batches: readonly Batch[]): readonly (LogRefusal | "taken")[] {
		return batches.map((batch) => {
			const result = this.take(batch);
			return typeof result === "string" ? result : "taken";
		});
	}
}

function fill(log: AuditLog, count: number): void {
	for (let i = 0; i < count; i++) {
		log.append(EVENTS.decision, i & 0xff, i);
		if (i % 5 === 0) log.maintain();
	}
}

describe("site: intake of a log", () => {
	it("takes what a reader has, whole, with the link of its newest record, as verifyLog finds it", () => {
		const world = logWorld(6);
		const log = world.start();
		fill(log, 100);
		const site = new Site();
		assert.notInclude(site.takeAll(sent(world.flash)), "other-log");
		assert.equal(site.cursor.serial, log.last);
		assert.equal(toHex(site.cursor.link), toHex(log.link()));
		assert.isTrue(site.cursor.signed);
		assert.isEmpty(site.problems);
		assert.lengthOf(site.records, log.last);
	});

	it("of the same records any number of times, in any batches, each comes in once", () => {
		const world = logWorld(8);
		let log = world.start();
		const random = new SeededRandom(3);
		const site = new Site();
		for (let run = 0; run < 200; run++) {
			fill(log, random.below(4));
			if (random.below(20) === 0) log = world.start("software");
			const from = Math.max(1, site.cursor.serial + 1 - random.below(30));
			const batches = sent(world.flash, from, 1 + random.below(LOG_RECORDS));
			// A batch that does not begin a sector and is older than the cursor may come first.
			for (const batch of batches.slice(0, 1 + random.below(batches.length))) {
				const before = site.cursor.serial;
				const result = site.take(batch);
				assert.notTypeOf(result, "string", `${batch.name} ${batch.first} at ${before}`);
				if (random.below(3) === 0) assert.lengthOf((site.take(batch) as Intake).records, 0);
			}
		}
		site.takeAll(sent(world.flash, site.cursor.serial + 1));
		site.records.forEach((record, i) => {
			assert.equal(new DataView(record.buffer).getUint32(0), i + 1);
		});
		assert.isAbove(site.records.length, 200);
		assert.isEmpty(site.problems);
	});

	it("a record with a changed bit is refused, wherever it is, and nothing is taken", () => {
		const world = logWorld(4);
		fill(world.start(), 20);
		const [checkpoint, log] = sent(world.flash) as [MessageOf<"checkpoint">, MessageOf<"log">];
		for (let bit = 0; bit < log.records.length * 8; bit += 7) {
			const site = new Site();
			site.take(checkpoint);
			const records = log.records.slice();
			records[bit >> 3]! ^= 1 << (bit & 7);
			const before = site.cursor;
			const result = site.take({ ...log, records });
			// The link of the first record is checked against the checkpoint alone.
			assert.match(String(result), /^(bad-record|other-log)$/, `bit ${bit}`);
			assert.equal(site.cursor, before);
		}
		const site = new Site();
		for (let bit = 0; bit < CHECKPOINT_SIZE * 8; bit += 3) {
			const changed = checkpoint.checkpoint.slice();
			changed[bit >> 3]! ^= 1 << (bit & 7);
			assert.equal(site.take({ ...checkpoint, checkpoint: changed }), "bad-checkpoint", `bit ${bit}`);
		}
		assert.equal(site.take({ ...checkpoint, first: 2 }), "bad-checkpoint");
		assert.equal(site.take({ ...log, first: 2 }), "bad-record");
	});

	it("of two histories the second is refused: in a record, at a sector's begin, and where one repeats", () => {
		// A sector has 27 records. The flash is copied at its end, before it and within it.
		for (const had of [5, 26, 27, 28, 40]) {
			const world = logWorld(6);
			fill(world.start(), had - 1);
			const image = world.flash.snapshot();
			const site = new Site();
			site.takeAll(sent(world.flash));
			const { serial } = site.cursor;
			const original = world.start();
			fill(original, 12);
			const first = sent(world.flash, serial + 1);
			world.flash.restore(image);
			fill(world.start("brown-out"), 12);
			const second = sent(world.flash, serial + 1);
			assert.isTrue(site.takeAll(first).every((result) => result === "taken"));
			const { cursor } = site;
			assert.equal(cursor.serial, original.last, `${had}`);
			// Up to the first that is refused: then the session takes no more of the log.
			const results = site.takeAll(second);
			assert.equal(results.find((result) => result !== "taken") ?? "same end", "other-log", `${had}`);
			assert.equal(site.cursor, cursor);
			assert.lengthOf(site.records, original.last);
			for (const one of sent(world.flash, serial + 1, 1))
				if (one.first >= cursor.serial) assert.equal(site.take(one), "other-log", `${had}`);
		}
	});

	it("a history that is shorter than what the site has is found out by what it repeats, where the site looks", () => {
		const world = logWorld(6);
		fill(world.start(), 20);
		const site = new Site();
		site.takeAll(sent(world.flash));
		const twin = logWorld(6);
		fill(twin.start("brown-out"), 10);
		const [checkpoint, short] = sent(twin.flash) as [Batch, MessageOf<"log">];
		assert.deepEqual(repeatedIn(site.cursor, short), { of: "record", serial: 11 });
		const take = (batch: Batch, known?: Uint8Array) =>
			takeLog(site.cursor, batch, key.publicKey, crypto, known);
		assert.notTypeOf(take(short), "string");
		const known = site.records[10]!.slice(24);
		assert.equal(take(short, known), "other-log");
		assert.notTypeOf(take({ ...short, records: concat(...site.records.slice(0, 11)) }, known), "string");
		// Both began alike: by its checkpoint a sector is told from another that has other records before it.
		assert.deepEqual(repeatedIn(site.cursor, checkpoint), { of: "checkpoint", serial: 1 });
		const check = (checkpoint as MessageOf<"checkpoint">).checkpoint.slice(152);
		assert.notTypeOf(take(checkpoint, check), "string");
		assert.equal(
			take(
				checkpoint,
				check.map((byte) => byte ^ 1),
			),
			"other-log",
		);
	});

	it("what is gone is said, and the log goes on behind it", () => {
		const world = logWorld(4);
		const log = world.start();
		fill(log, 27 * 7);
		const site = new Site();
		assert.isTrue(site.takeAll(sent(world.flash)).every((result) => result === "taken"));
		assert.deepEqual(site.problems, [{ reason: "missing", from: 1, to: log.oldest - 1 }]);
		assert.equal(site.cursor.serial, log.last);
		assert.lengthOf(site.records, log.last - log.oldest + 1);
	});

	it("sectors from before the reader had its key are taken; after it has signed one, each has to be signed by it", () => {
		const world = logWorld(6);
		fill(world.start("power-on", "none"), 40);
		fill(world.start("software"), 30);
		const site = new Site();
		assert.isTrue(site.takeAll(sent(world.flash)).every((result) => result === "taken"));
		assert.isEmpty(site.problems);
		assert.isTrue(site.cursor.signed);
		const { serial } = site.cursor;
		fill(world.start("power-on", nextKey), 30);
		site.takeAll(sent(world.flash, serial + 1));
		assert.isNotEmpty(site.problems);
		assert.isTrue(site.problems.every(({ reason }) => reason === "other-reader"));
		const report = verifyLog(world.flash, crypto, { publicKey: key.publicKey });
		assert.deepEqual(
			site.problems.map(({ from }) => from),
			report.problems.map(({ from }) => from),
		);
	});

	it("as verifyLog: of a flash with any bit changed, both find something or neither does", () => {
		const random = new SeededRandom(11);
		const world = logWorld(5);
		fill(world.start(), 90);
		const image = world.flash.snapshot();
		let found = 0;
		for (let run = 0; run < 300; run++) {
			const bytes = image.slice();
			bytes[random.below(4 * 1024)]! ^= 1 << random.below(8);
			world.flash.restore(bytes);
			const site = new Site();
			const results = site.takeAll(sent(world.flash));
			const report = verifyLog(world.flash, crypto, { publicKey: key.publicKey });
			const isWhole = equal(bytes, image);
			const good = results.every((result) => result === "taken") && site.problems.length === 0;
			// What lies between records, sectors' digests, and what is behind the last good record are in flash alone.
			if (
				report.problems.some(({ from, reason }) => reason !== "changed-sector" && from <= site.cursor.serial)
			) {
				found++;
				assert.isFalse(good, `run ${run}: ${JSON.stringify(report.problems)}`);
			}
			if (!good) assert.isFalse(report.intact || isWhole, `run ${run}: ${JSON.stringify(site.problems)}`);
		}
		assert.isAbove(found, 100);
	});
});
