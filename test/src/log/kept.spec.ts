// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { COMMANDS, EVENTS } from "../../../protocol/events.js";
import { KEPT } from "../../../protocol/log/kept.js";
import { CHECKPOINT_SIZE, KIND_AT } from "../../../protocol/log/record.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { describe as described } from "../../../site/lib/log/describe.js";
import { AuditLog } from "../../../src/log/log.js";
import { Forger } from "../../protocol/log/forger.js";
import { crypto, entries, key, logWorld } from "./world.js";

const WHO = new Uint8Array(8).fill(3);

/** Records of a lap of `logWorld()`: 4 sectors of 27. */
const LAP = 4 * 27;

function flood(log: AuditLog, count: number): void {
	for (let i = 0; i < count; i++) {
		log.append(EVENTS.exit, 0, 0);
		if (i % 3 === 0) log.maintain();
	}
}

/** What the log has of each kind, copies by the number that they have as such. */
function kinds(log: AuditLog): number[] {
	return entries(log)
		.map(({ kind }) => kind)
		.filter((kind) => kind !== EVENTS.exit && kind !== EVENTS.restart && kind !== EVENTS.gap);
}

describe("log: room that is reserved", () => {
	it("a check names the copies: of a record that a stranger wrote there is a signed one, its original gone", () => {
		const world = logWorld();
		world.start();
		const forger = new Forger(world.flash.bytes, world.flash.sectorSize);
		forger.sector(0)[CHECKPOINT_SIZE + KIND_AT] = EVENTS.forced;
		forger.relink(0);
		flood(world.start(), 2 * LAP);
		const copies: number[] = [];
		const report = verifyLog(world.flash, crypto, { publicKey: key.publicKey }, (record, serial) => {
			if (record[KIND_AT] === (EVENTS.forced | KEPT)) copies.push(serial);
		});
		assert.isTrue(report.intact);
		assert.lengthOf(copies, 1);
		assert.isEmpty(report.unsignedAtRestart);
		assert.deepEqual(report.copies, [{ from: copies[0]!, to: copies[0]! }]);
	});

	it("alarms, configuration and service outlast a hundred laps, with time, detail, value and subject", () => {
		const world = logWorld();
		const log = world.start();
		log.append(EVENTS.configuration, 2, 17);
		log.append(EVENTS.service, 1, 5, WHO);
		log.append(EVENTS.forced, 0, 0);
		log.append(EVENTS.decision, 0, 1, WHO);
		const before = entries(log).map(({ time, trust }) => ({ time, trust }))[1]!;
		for (let lap = 0; lap < 100; lap++) {
			flood(log, LAP);
			// Twice, until the sector is erased that they were copied from.
			assert.deepEqual(
				[...new Set(kinds(log))],
				[EVENTS.configuration, EVENTS.service, EVENTS.forced].map((kind) => kind | KEPT),
			);
		}
		const [configuration, service] = entries(log).filter(({ kind }) => kind >= KEPT);
		assert.deepInclude(configuration, { detail: 2, value: 17, ...before });
		assert.deepInclude(service, { detail: 1, value: 5 });
		assert.deepEqual([...service!.subject], [...WHO]);
		const { event, what } = described(configuration!);
		assert.deepEqual([event, what], ["kept-configuration", "commissioned"]);
		assert.isTrue(verifyLog(world.flash, crypto, { publicKey: key.publicKey }).intact);
	});

	it("counts of what has its room reserved have it too; to open once by command is an entry", () => {
		const log = logWorld().start();
		log.append(EVENTS.repeated, EVENTS.forced, 400);
		log.append(EVENTS.repeated, EVENTS.decision, 400);
		log.append(EVENTS.command, COMMANDS.unlock, 0);
		log.append(EVENTS.command, COMMANDS.open, 0);
		flood(log, 2 * LAP);
		assert.deepEqual(kinds(log), [EVENTS.repeated | KEPT, EVENTS.command | KEPT]);
		assert.equal(entries(log).find(({ kind }) => kind >= KEPT)!.detail, EVENTS.forced);
	});

	it("what the site has is not kept", () => {
		const log = logWorld().start();
		log.append(EVENTS.forced, 0, 0);
		log.acknowledge(log.last);
		log.append(EVENTS.tamper, 0, 0);
		flood(log, 2 * LAP);
		assert.deepEqual(kinds(log), [EVENTS.tamper | KEPT]);
	});

	it("a copy is kept again, once each, over restarts in every state", () => {
		const world = logWorld();
		let log = world.start();
		log.append(EVENTS.forced, 0, 0);
		for (let i = 0; i < 5 * LAP; i++) {
			log.append(EVENTS.exit, 0, 0);
			if (i % 7 === 0) log = world.start("software");
			assert.isAtMost(kinds(log).length, 2, "the copy, and until its sector is erased what it was made from");
			assert.isAtLeast(kinds(log).length, 1);
		}
	});

	it("at most half of a sector is copies: of more the oldest stay", () => {
		const log = logWorld().start();
		for (let i = 0; i < 26; i++) log.append(EVENTS.forced, 0, i);
		flood(log, LAP - 30);
		for (let lap = 0; lap < 5; lap++) {
			flood(log, LAP);
			const copies = entries(log).filter(({ kind }) => kind === (EVENTS.forced | KEPT));
			assert.deepEqual(
				copies.map(({ value }) => value),
				Array.from({ length: 13 }, (_, i) => i),
			);
		}
	});

	it("copies nothing out of a sector that was changed", () => {
		const world = logWorld();
		const log = world.start();
		log.append(EVENTS.forced, 0, 0);
		flood(log, 2 * 27);
		const bytes = world.flash.snapshot();
		// Of the last record of the first sector; its link is left as it is.
		bytes[1024 - 20]! ^= 1;
		world.flash.restore(bytes);
		flood(log, 2 * LAP);
		assert.deepEqual(kinds(log), []);
	});

	it("keeps for a year, and what has no time for good", () => {
		for (const trust of ["synced", "unset"] as const) {
			const { flash, time } = logWorld();
			let seconds = 1_800_000_000;
			const wall = { now: () => seconds, trust: () => trust, set: () => {} };
			const log = new AuditLog({ flash, crypto, clock: time, wall, reader: new Uint8Array(8) });
			log.open("power-on");
			log.append(EVENTS.forced, 0, 0);
			flood(log, LAP);
			seconds += 364 * 86_400;
			flood(log, LAP);
			assert.isAtLeast(kinds(log).length, 1, trust);
			seconds += 2 * 86_400;
			flood(log, 2 * LAP);
			assert.equal(kinds(log).length > 0, trust === "unset", trust);
		}
	});
});
