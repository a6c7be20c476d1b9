// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { EVENTS } from "../../../protocol/events.js";
import { CheckpointSignatures } from "../../../protocol/log/checkpoint-signatures.js";
import type { LogReport } from "../../../protocol/log/findings.js";
import { AT, CHECKPOINT_SIZE, RECORD_SIZE } from "../../../protocol/log/record.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { crypto, key, type LogWorld, logWorld, nextKey, reader, verify } from "../../src/log/world.js";
import { Forger } from "./forger.js";

const SECTOR = 512;
const SLOTS = (SECTOR - CHECKPOINT_SIZE) / RECORD_SIZE;
/** Sectors 0 and 1 are from before the key, the second of them half full; 2, 3 and 4 are signed. */
const BEFORE = SLOTS + 5;
const ALL = BEFORE + 2 * SLOTS + 3;

function written(): LogWorld {
	const world = logWorld(8, SECTOR);
	let log = world.start("power-on", "none");
	while (log.last < BEFORE) log.append(EVENTS.exit, log.last, 0);
	log = world.start("software");
	while (log.last < ALL) log.append(EVENTS.exit, log.last, 0);
	assert.equal(log.newestSector, 4);
	return world;
}

function reasons(report: LogReport): string[] {
	return report.problems.map(({ reason, from }) => `${reason} ${from}`);
}

describe("what is taken for a reader's time before its key", () => {
	const original = written().flash.snapshot();
	const changed = logWorld(8, SECTOR);

	/** The report on the log with something done to it. */
	function altered(work: (forger: Forger, bytes: Uint8Array) => void): LogReport {
		changed.flash.restore(original);
		const { bytes } = changed.flash;
		work(new Forger(bytes, SECTOR), bytes);
		return verify(changed.flash);
	}

	it("is every unsigned sector before the first signed one, of an untouched log", () => {
		const report = altered(() => {});
		assert.deepEqual(report.problems, []);
		assert.deepEqual(report.earlier, [
			{ from: 1, to: BEFORE, vouchedBy: BEFORE + 1, vouchedAt: 1_800_000_000 },
		]);
		assert.deepEqual(verifyLog(changed.flash, crypto).earlier, [], "nobody can say so without the key");
	});

	it("is nothing with any byte of it changed, free slots too", () => {
		for (let at = 0; at < 2 * SECTOR; at++) {
			const { earlier, intact } = altered((_, bytes) => {
				bytes[at]! ^= 1 << (at & 7);
			});
			assert.isFalse(intact, `byte ${at}`);
			// The sector after it is still vouched for; it and what is before it are not.
			const left = at < SECTOR ? [[SLOTS + 1, BEFORE]] : [];
			assert.includeDeepMembers(
				left,
				earlier.map(({ from, to }) => [from, to]),
				`byte ${at}`,
			);
		}
	});

	it("is nothing rewritten, with every link, check and digest made to fit", () => {
		for (let serial = 1; serial <= BEFORE; serial++) {
			const sector = serial <= SLOTS ? 0 : 1;
			const at = CHECKPOINT_SIZE + ((serial - 1) % SLOTS) * RECORD_SIZE;
			const alone = altered((forger) => {
				forger.sector(sector)[at + 12]! ^= 1;
				forger.rewrite(sector, 1);
			});
			assert.deepEqual(
				reasons(alone),
				["unsigned 1", `unsigned ${SLOTS + 1}`, `changed-sector ${SLOTS + 1}`],
				`serial ${serial}`,
			);
			assert.deepEqual(alone.earlier, []);
			const all = altered((forger) => {
				forger.sector(sector)[at + 12]! ^= 1;
				forger.rewrite(sector, 4);
			});
			assert.includeMembers(reasons(all), ["unsigned 1", `bad-signature ${BEFORE + 1}`]);
			assert.deepEqual(all.earlier, []);
		}
	});

	it("is not what is no log at all", () => {
		const blank = altered((forger) => forger.erase(0, 1, 2, 3, 4));
		assert.deepEqual(reasons(blank), ["unsigned 0"]);
		assert.isTrue(verifyLog(changed.flash, crypto).intact, "nothing speaks against it without a key");
	});

	const table: [string, (forger: Forger) => void, string[], number[][]?][] = [
		[
			"cut off before the first signed sector",
			(forger) => forger.erase(2, 3, 4),
			["unsigned 1", `unsigned ${SLOTS + 1}`],
		],
		["cut down to its first sector", (forger) => forger.erase(1, 2, 3, 4), ["unsigned 1"]],
		[
			"with the first signature stripped",
			(forger) => {
				forger.strip(2);
				forger.relink(2);
			},
			["unsigned 1", `unsigned ${SLOTS + 1}`, `unsigned ${BEFORE + 1}`, `changed-sector ${BEFORE + 1}`],
		],
		[
			"with the first signature stripped, and made to fit",
			(forger) => {
				forger.strip(2);
				forger.rewrite(2, 4);
			},
			[
				"unsigned 1",
				`unsigned ${SLOTS + 1}`,
				`unsigned ${BEFORE + 1}`,
				`bad-signature ${BEFORE + SLOTS + 1}`,
				`bad-signature ${BEFORE + 2 * SLOTS + 1}`,
			],
		],
		[
			"with a later signature stripped, and made to fit",
			(forger) => {
				forger.strip(3);
				forger.rewrite(3, 4);
			},
			[`unsigned ${BEFORE + SLOTS + 1}`, `bad-signature ${BEFORE + 2 * SLOTS + 1}`],
			[[1, BEFORE]],
		],
		[
			"with the newest signature stripped",
			(forger) => {
				forger.strip(4);
				forger.relink(4);
			},
			[`unsigned ${BEFORE + 2 * SLOTS + 1}`],
			[[1, BEFORE]],
		],
		[
			"with all signatures stripped, and made to fit",
			(forger) => {
				for (const n of [2, 3, 4]) forger.strip(n);
				forger.rewrite(2, 4);
			},
			[1, SLOTS + 1, BEFORE + 1, BEFORE + SLOTS + 1, BEFORE + 2 * SLOTS + 1].map((n) => `unsigned ${n}`),
		],
		["with the first sector erased", (forger) => forger.erase(0), ["missing 1"], [[SLOTS + 1, BEFORE]]],
		[
			"with the second sector erased",
			(forger) => forger.erase(1),
			["unsigned 1", `bad-checkpoint ${SLOTS + 1}`, `missing ${SLOTS + 1}`],
		],
	];
	for (const [what, work, expected, left = []] of table)
		it(`is no log ${what}`, () => {
			const report = altered(work);
			assert.deepEqual(reasons(report), expected);
			assert.deepEqual(
				report.earlier.map(({ from, to }) => [from, to]),
				left,
			);
		});

	it("does not reach behind the key's first signature: not an unsigned tail, not a sector between", () => {
		const world = logWorld(8, SECTOR);
		const put = (by: typeof key | "none", upTo: number): void => {
			const log = world.start("software", by);
			while (log.last < upTo) log.append(EVENTS.exit, 0, 0);
		};
		put(key, SLOTS);
		// What a reader whose key was taken from it would write, and then one that was given it back.
		put("none", 2 * SLOTS);
		assert.deepEqual(reasons(verify(world.flash)), [`unsigned ${SLOTS + 1}`]);
		put(key, 2 * SLOTS + 3);
		const report = verify(world.flash);
		assert.deepEqual(reasons(report), [`unsigned ${SLOTS + 1}`]);
		assert.deepEqual(report.earlier, []);
	});

	it("says which records only the site's cursor vouches for", () => {
		const world = logWorld(8, SECTOR);
		world.start("power-on", "none");
		assert.deepInclude(verify(world.flash), { intact: false, sinceCheckpoint: 1 });
		const log = world.start();
		log.append(EVENTS.exit, 0, 0);
		assert.deepInclude(verify(world.flash), { intact: true, signed: 1, sinceCheckpoint: 2, records: 3 });
		// Another's signature seals nothing for this key.
		const other = verifyLog(world.flash, crypto, { publicKey: nextKey.publicKey });
		assert.deepInclude(other, { intact: false, signed: 0, sinceCheckpoint: 3 });
	});

	it("is no log in the reader's own name with a signature of nobody's, though the reader went on with it", () => {
		const world = logWorld(8, SECTOR);
		const before = world.start("power-on", "none");
		while (before.last < BEFORE) before.append(EVENTS.exit, 0, 0);
		const forger = new Forger(world.flash.bytes, SECTOR);
		forger.claim(1, reader);
		forger.relink(1);
		const log = world.start();
		while (log.last < 3 * SLOTS) log.append(EVENTS.exit, 0, 0);
		const report = verify(world.flash);
		assert.equal(report.signed, 1, "the third sector");
		assert.deepEqual(reasons(report), ["unsigned 1", `bad-signature ${SLOTS + 1}`]);
		assert.deepEqual(report.earlier, []);
	});

	it("does not take what a sector says of its signature for one, where there is no key to check it", () => {
		const { signed, sinceCheckpoint } = altered(() => {});
		assert.deepInclude(verifyLog(changed.flash, crypto), { intact: true, signed, sinceCheckpoint });
		altered((forger) => forger.erase(2, 3, 4));
		assert.deepInclude(verifyLog(changed.flash, crypto), {
			intact: true,
			signed: 0,
			sinceCheckpoint: BEFORE,
		});
	});

	it("has no stretch without a record in it", () => {
		const vouching = new CheckpointSignatures<number>(crypto, key.publicKey);
		const checkpoint = (first: number): Uint8Array => {
			const bytes = new Uint8Array(CHECKPOINT_SIZE);
			new DataView(bytes.buffer).setUint32(AT.first, first);
			return bytes;
		};
		const empty = new CheckpointSignatures<number>(crypto, key.publicKey);
		empty.hold(checkpoint(5), "unsigned", 5);
		assert.deepEqual([...empty.vouch(checkpoint(5))], [5]);
		assert.deepEqual(empty.earlier, []);
		for (const first of [1, 5, 5]) vouching.hold(checkpoint(first), "unsigned", first);
		assert.deepEqual([...vouching.vouch(checkpoint(5))], [1, 5]);
		assert.deepEqual(vouching.earlier, [{ from: 1, to: 4, vouchedBy: 5, vouchedAt: 0 }]);
		vouching.hold(checkpoint(9), "unsigned", 9);
		assert.deepEqual([...vouching.vouch(checkpoint(12))], [], "behind the first signature");
	});

	it("is what the reader itself goes on from, so a forged log needs the site's cursor to be found", () => {
		const world = written();
		const link = world.start().link();
		const site = { serial: ALL + 1, link };
		assert.isTrue(verify(world.flash, site).intact);
		// By construction: all is replaced by an unsigned log, and the reader, started on it, signs behind that.
		const forged = logWorld(8, SECTOR);
		const log = forged.start("power-on", "none");
		while (log.last < ALL + 2) log.append(EVENTS.exit, 99, 0);
		world.flash.restore(forged.flash.snapshot());
		world.start();
		const report = verify(world.flash);
		assert.isTrue(report.intact);
		assert.deepInclude(
			report.earlier[0],
			{ from: 1, to: ALL + 2 },
			"but it says how much it is, and since when",
		);
		assert.deepEqual(reasons(verify(world.flash, site)), [`differs-from-site ${ALL + 1}`]);
	});
});
