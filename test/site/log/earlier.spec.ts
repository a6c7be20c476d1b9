// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import type { LogReport } from "../../../protocol/log/findings.js";
import { AT, CHECKPOINT_SIZE, RECORD_SIZE } from "../../../protocol/log/record.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { SeededRandom } from "../../../sim/random.js";
import { exportLine, readImage } from "../../../site/lib/log/export.js";
import { verifyLines } from "../../../site/lib/log/lines.js";
import { Lintel } from "../../cli/lintel.js";
import { Forger } from "../../protocol/log/forger.js";
import { idOf, key, type LogWorld, logWorld, nextKey } from "../../src/log/world.js";

const crypto = new NodeCrypto();
const SECTOR = 512;
const SLOTS = (SECTOR - CHECKPOINT_SIZE) / RECORD_SIZE;
const BEFORE = SLOTS + 5;

function written(): LogWorld {
	const world = logWorld(8, SECTOR);
	let log = world.start("power-on", "none");
	while (log.last < BEFORE) log.append(EVENTS.exit, log.last, 0);
	log = world.start("software");
	while (log.last < BEFORE + 2 * SLOTS + 3) log.append(EVENTS.exit, log.last, 0);
	return world;
}

function exported({ flash }: LogWorld, since = 0): string[] {
	return readImage(flash, crypto, since).map((entry) => exportLine(entry, "jsonl").trimEnd());
}

function check(lines: readonly string[], { publicKey } = key): LogReport {
	return verifyLines(lines.join("\n"), crypto, { publicKey });
}

describe("an export of a log that was begun before the reader had its key", () => {
	const world = written();
	const lines = exported(world);
	const original = world.flash.snapshot();

	/** An export of the log with something done to it by somebody without the key. */
	function forged(work: (forger: Forger) => void): string[] {
		world.flash.restore(original);
		work(new Forger(world.flash.bytes, SECTOR));
		const list = exported(world);
		world.flash.restore(original);
		return list;
	}

	/** The line as it is with another checkpoint, whose check fits. */
	function withCheckpoint(line: string, change: (checkpoint: Uint8Array) => void): string {
		const value = JSON.parse(line);
		const checkpoint = fromHex(value.checkpoint);
		change(checkpoint);
		checkpoint.set(crypto.sha256(checkpoint.slice(0, AT.check)).subarray(0, 8), AT.check);
		return JSON.stringify({ ...value, checkpoint: toHex(checkpoint) });
	}

	it("verifies as the image does, and tells the same of it", () => {
		const { torn: _, ...image } = verifyLog(world.flash, crypto, { publicKey: key.publicKey });
		assert.isTrue(image.intact);
		assert.isNotEmpty(image.earlier);
		assert.deepInclude(check(lines), image);
	});

	it("verifies from any serial on", () => {
		for (let since = 1; since <= lines.length; since++) {
			const report = check(exported(world, since));
			const signed = since <= BEFORE + 2 * SLOTS + 1;
			assert.deepEqual(
				report.problems.map(({ reason, from }) => [reason, from]),
				signed ? [] : [["unsigned", since]],
			);
			for (const { from, to } of report.earlier) assert.isTrue(from >= since && to === BEFORE);
		}
	});

	it("does not verify with any one character of that time changed", () => {
		const random = new SeededRandom(5);
		let tried = 0;
		for (let n = 0; n < BEFORE; n++) {
			const line = lines[n]!;
			for (let at = random.below(3); at < line.length; at += 3) {
				const character = "0123456789abcdef"[random.below(16)]!;
				if (line[at] === character) continue;
				const changed = [...lines];
				changed[n] = line.slice(0, at) + character + line.slice(at + 1);
				assert.isFalse(check(changed).intact, `${n}:${at} ${character}`);
				tried++;
			}
		}
		assert.isAbove(tried, 1000);
	});

	it("does not verify cut off, stripped, rewritten or put together anew", () => {
		const first = lines.findIndex((line, i) => i >= BEFORE && line.includes('"checkpoint"'));
		assert.equal(first, BEFORE);
		const strip = (line: string): string =>
			withCheckpoint(line, (checkpoint) => {
				checkpoint[AT.flags + 1] = 0;
				checkpoint.fill(0, AT.signature, AT.check);
			});
		const put = (n: number, line: string): string[] => lines.map((old, i) => (i === n ? line : old));
		const cases: [string, string[], string][] = [
			["before its first signature", lines.slice(0, BEFORE), "unsigned"],
			["its first sector alone", lines.slice(0, SLOTS), "unsigned"],
			["the first signature stripped", put(first, strip(lines[first]!)), "unsigned"],
			["the last signature stripped", put(first + 2 * SLOTS, strip(lines[first + 2 * SLOTS]!)), "unsigned"],
			["a sector dropped", [...lines.slice(0, SLOTS), ...lines.slice(BEFORE)], "unsigned"],
			["a record dropped", lines.filter((_, i) => i !== 3), "unsigned"],
			[
				"all rewritten before the key",
				forged((forger) => {
					forger.sector(0)[CHECKPOINT_SIZE + 12]! ^= 1;
					forger.rewrite(0, 1);
				}),
				"unsigned",
			],
			[
				"all rewritten to the end",
				forged((forger) => {
					forger.sector(0)[CHECKPOINT_SIZE + 12]! ^= 1;
					forger.rewrite(0, 4);
				}),
				"bad-signature",
			],
			[
				"all signatures stripped",
				forged((forger) => {
					for (const n of [2, 3, 4]) forger.strip(n);
					forger.rewrite(2, 4);
				}),
				"unsigned",
			],
			[
				"a later sector stripped and made to fit",
				forged((forger) => {
					forger.strip(3);
					forger.rewrite(3, 4);
				}),
				"unsigned",
			],
		];
		for (const [what, list, reason] of cases) {
			const { intact, problems } = check(list);
			assert.isFalse(intact, what);
			assert.include(
				problems.map((problem) => problem.reason),
				reason,
				what,
			);
		}
	});

	it("says of what is cut off before the key no more than that it is unsigned", () => {
		const { problems } = check(lines.slice(0, BEFORE));
		assert.deepEqual(
			problems.map(({ reason, from }) => [reason, from]),
			[
				["unsigned", 1],
				["unsigned", SLOTS + 1],
			],
		);
		const { signed, sinceCheckpoint } = check(lines);
		const text = (list: readonly string[]): string => list.join("\n");
		assert.deepInclude(verifyLines(text(lines), crypto), { intact: true, signed, sinceCheckpoint });
		const before = { intact: true, signed: 0, sinceCheckpoint: BEFORE };
		assert.deepInclude(verifyLines(text(lines.slice(0, BEFORE)), crypto), before);
	});

	it("does not take a sector between the key's own ones for an earlier time", () => {
		const other = logWorld(8, SECTOR);
		for (const [by, upTo] of [
			[key, SLOTS],
			["none", 2 * SLOTS],
			[key, 2 * SLOTS + 3],
		] as const) {
			const log = other.start("software", by);
			while (log.last < upTo) log.append(EVENTS.exit, 0, 0);
		}
		const { earlier, problems } = check(exported(other));
		assert.deepEqual(
			problems.map(({ reason, from }) => [reason, from]),
			[["unsigned", SLOTS + 1]],
		);
		assert.deepEqual(earlier, []);
	});

	it("tells of the reader before a reset, and verifies by the newest key alone", () => {
		const again = written();
		again.start("software", "none");
		again.start("software", nextKey);
		const list = exported(again);
		const report = check(list, nextKey);
		assert.isTrue(report.intact, JSON.stringify(report.problems));
		assert.deepEqual(
			report.earlier.map(({ from, reader, to }) => [from, to, reader]),
			[
				[1, BEFORE, undefined],
				[BEFORE + 1, list.length - 1, toHex(idOf(key.publicKey))],
			],
		);
		const { torn: _, ...image } = verifyLog(again.flash, crypto, { publicKey: nextKey.publicKey });
		assert.deepInclude(report, image);
		assert.include(
			check(list).problems.map(({ reason }) => reason),
			"other-reader",
		);
	});

	it("is told to people in words, and to scripts in --json", async () => {
		const folder = mkdtempSync(join(tmpdir(), "lintel-earlier-"));
		try {
			const lintel = (...args: string[]) => new Lintel(["log", "verify", ...args]).ended;
			const file = join(folder, "log.jsonl");
			writeFileSync(file, lines.join("\n"));
			const report = join(folder, "report.json");
			writeFileSync(report, JSON.stringify({ date: "", info: { key: toHex(key.publicKey) }, state: {} }));
			const words = await lintel("--export", file, "--reader-key", report);
			assert.equal(words.code, 0, words.out + words.err);
			assert.include(
				words.out,
				`\n  records 1 to ${BEFORE} are from before this reader had its key; ` +
					"its first signed checkpoint, signed 2027-01-15T08:00Z, vouches for them\n",
			);
			const json = await lintel("--export", file, "--reader-key", toHex(key.publicKey), "--json");
			assert.deepInclude(JSON.parse(json.out), {
				intact: true,
				earlier: [{ from: 1, to: BEFORE, vouchedBy: BEFORE + 1, vouchedAt: 1_800_000_000 }],
				signer: { key: toHex(key.publicKey), from: "given" },
			});
			writeFileSync(file, exported(world, lines.length - 1).join("\n"));
			const tail = await lintel("--export", file, "--reader-key", report);
			assert.equal(tail.code, 1);
			assert.match(
				tail.out,
				/^NOT INTACT[\s\S]*unsigned[\s\S]*\n {2}no checkpoint signed by the key in it\n/,
			);
			writeFileSync(report, JSON.stringify({ site: "ACME", algorithm: "Ed25519", seed: "00".repeat(32) }));
			const wrong = await lintel("--export", file, "--reader-key", report);
			assert.equal(wrong.code, 2);
			assert.match(wrong.err, /site's key file: give it as --site-key/);
			assert.notInclude(wrong.err, "0000");
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
