// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { concat, fromHex, toHex } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { SeededRandom } from "../../../sim/random.js";
import { csvHeader, exportLine, readImage } from "../../../site/lib/log/export.js";
import { verifyLines } from "../../../site/lib/log/lines.js";
import { Lintel } from "../../cli/lintel.js";
import { key, logWorld } from "../../src/log/world.js";

const crypto = new NodeCrypto();

describe("an export in JSON lines", () => {
	const world = logWorld(4, 4096);
	let lines: string[];
	let link: Uint8Array;

	function exported(since = 0): string[] {
		return readImage(world.flash, crypto, since).map((entry) => exportLine(entry, "jsonl").trimEnd());
	}

	const check = (list: readonly string[], more: object = {}) =>
		verifyLines(list.map((line) => `${line}\n`).join(""), crypto, { publicKey: key.publicKey, ...more });

	before(() => {
		const log = world.start();
		const random = new SeededRandom(3);
		const kinds = Object.values(EVENTS);
		for (let i = 0; i < 300; i++)
			log.append(
				kinds[random.below(kinds.length)]!,
				random.below(65_536),
				random.below(0xffff_ffff),
				random.bytes(8),
			);
		link = log.link();
		lines = exported();
	});

	it("verifies as the image does, signatures and cursor too", () => {
		const image = verifyLog(world.flash, crypto, { publicKey: key.publicKey });
		assert.isTrue(image.intact);
		const { torn: _, ...report } = image;
		assert.deepInclude(check(lines), report);
		assert.isTrue(check(lines, { site: { serial: 301, link } }).intact);
		assert.equal(check(lines, { site: { serial: 400 } }).problems[0]!.reason, "behind-site");
		const other = check(lines, { site: { serial: 301, link: new Uint8Array(8) } });
		assert.equal(other.problems[0]!.reason, "differs-from-site");
	});

	it("has the copies that the log keeps under their own name, and verifies", () => {
		const { flash, start } = logWorld();
		const log = start();
		log.append(EVENTS.forced, 0, 0);
		for (let i = 0; i < 300; i++) log.append(EVENTS.exit, 0, 0);
		const list = readImage(flash, crypto).map((entry) => exportLine(entry, "jsonl").trimEnd());
		assert.isTrue(list.some((line) => JSON.parse(line).event === "kept-forced"));
		assert.isTrue(check(list).intact);
	});

	it("verifies from any serial on", () => {
		for (const since of [1, 2, 60, 123, 124, 125, 300, 301]) {
			const part = exported(since);
			assert.lengthOf(part, 302 - since);
			const report = check(part);
			assert.deepInclude(report, { first: since, last: 301 }, `since ${since}`);
			// The last sector begins with 247; from later on there is no signature in it.
			assert.deepEqual(
				report.problems,
				since < 248 ? [] : [{ reason: "unsigned", from: since, to: 301, sector: -1 }],
			);
			assert.isTrue(check(part, { site: { serial: 301, link } }).intact, "by a link that the site knows");
			assert.isTrue(verifyLines(part.join("\n"), crypto).intact, "without a key");
		}
	});

	it("is nothing made up, without a checkpoint or behind the newest one", () => {
		const from = (text: string, count: number): string[] => {
			const { checkpoint: _, ...line } = JSON.parse(text);
			const made: string[] = [];
			let before = fromHex(line.link);
			for (let serial = line.serial + 1; made.length < count; serial++) {
				const record = new Uint8Array(32);
				new DataView(record.buffer).setUint32(0, serial);
				record[8] = EVENTS.exit;
				const link = crypto.sha256(concat(before, record.subarray(0, 24))).slice(0, 8);
				record.set(link, 24);
				const first = made.length === 0 ? { before } : {};
				made.push(exportLine({ entry: decodeRecord(record), ...first }, "jsonl").trimEnd());
				before = link;
			}
			return made;
		};
		const made = from(lines[0]!, 123);
		const found = (list: readonly string[], more?: object) =>
			check(list, more).problems.map(({ reason, from, to }) => [reason, from, to]);
		assert.deepEqual(found(made), [["unsigned", 2, 124]]);
		assert.deepEqual(found(made, { site: { serial: 60 } }), [["unsigned", 2, 124]]);
		assert.deepEqual(found(made, { site: { serial: 60, link } }), [["differs-from-site", 60, 60]]);
		assert.deepEqual(found([]), [["unsigned", 0, 0]]);
		// Serials begin with 1: a site that acknowledged nothing knows no link.
		const zero = from(JSON.stringify({ serial: -1, link: "00".repeat(8) }), 5);
		const site = { serial: 0, link: fromHex(JSON.parse(zero[0]!).link) };
		assert.deepEqual(found(zero, { site }), [["unsigned", 1, 4]]);
		// Behind the newest checkpoint a sector's worth cannot be told from what the reader wrote; no more than that.
		const [first, ...rest] = from(lines.at(-1)!, 123);
		const tail = [...lines, first!.replace(/,"before":"\w*"/, ""), ...rest];
		const sealed = lines.map((line) => line.includes('"checkpoint"')).lastIndexOf(true);
		assert.deepEqual(found(tail.slice(0, sealed + 123)), []);
		assert.deepEqual(found(tail), [["bad-checkpoint", sealed + 124, sealed + 124]]);
	});

	it("does not verify with any one character changed, wherever it stands", () => {
		const random = new SeededRandom(8);
		for (let i = 0; i < 400; i++) {
			const n = random.below(lines.length);
			const line = lines[n]!;
			const at = random.below(line.length);
			const character = "0123456789abcdef"[random.below(16)]!;
			if (line[at] === character) continue;
			const changed = [...lines];
			changed[n] = line.slice(0, at) + character + line.slice(at + 1);
			const { intact, problems } = check(changed);
			assert.isFalse(intact, `${n}:${at} ${character}`);
			// A changed link shows at the next one as well, a changed checkpoint maybe at its sector's signature.
			assert.isAtLeast(problems[0]!.to, n + 1);
		}
	});

	it("does not verify with lines dropped, doubled, exchanged, or words that the numbers do not say", () => {
		const broken: [string, string[], string][] = [
			["dropped", spliced(lines, 50, 1), "missing"],
			["a sector dropped", spliced(lines, 123, 123), "missing"],
			["doubled", spliced(lines, 50, 0, lines[49]!), "bad-record"],
			["exchanged", spliced(lines, 50, 2, lines[51]!, lines[50]!), "missing"],
			["the head cut off", lines.slice(10), "bad-checkpoint"],
			[
				"the head cut off behind its checkpoint",
				[lines[10]!.replace("}", `,"checkpoint":"${JSON.parse(lines[0]!).checkpoint}"}`), ...lines.slice(11)],
				"missing",
			],
			[
				"a checkpoint taken out",
				spliced(lines, 123, 1, lines[123]!.replace(/,"checkpoint":"\w*"/, "")),
				"bad-record",
			],
			["no JSON", spliced(lines, 7, 1, "{"), "bad-record"],
			["another word", spliced(lines, 0, 1, lines[0]!.replace("power-on", "watchdog")), "bad-record"],
			["a field more", spliced(lines, 3, 1, lines[3]!.replace("}", ',"note":1}')), "bad-record"],
		];
		for (const [what, list, reason] of broken) {
			const { intact, problems } = check(list);
			assert.isFalse(intact, what);
			assert.equal(problems[0]!.reason, reason, what);
		}
	});

	it("is checked by lintel log verify --export, from a file and from standard input", async () => {
		const folder = mkdtempSync(join(tmpdir(), "lintel-lines-"));
		try {
			const text = lines.map((line) => `${line}\n`).join("");
			const lintel = (name: string, input: string) =>
				new Lintel(["log", "verify", "--export", name, "--reader-key", toHex(key.publicKey)], { input })
					.ended;
			writeFileSync(join(folder, "log.jsonl"), text);
			const file = await lintel(join(folder, "log.jsonl"), "");
			assert.equal(file.code, 0, file.err);
			assert.match(file.out, /^intact\n301 records, serials 1 to 301, in 3 sectors\n/);
			const piped = await lintel("-", text.replace('"serial":77,', '"serial":78,'));
			assert.equal(piped.code, 1);
			assert.match(piped.out, /^NOT INTACT: first bad or missing serial 77/);
			assert.equal((await lintel(join(folder, "none"), "")).code, 3);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	describe("given to lintel log verify", () => {
		let folder: string;
		const text = (): string => lines.map((line) => `${line}\n`).join("");
		const verify = (bytes: string | Uint8Array, ...more: string[]) => {
			writeFileSync(join(folder, "log"), bytes);
			const args = ["log", "verify", "--export", join(folder, "log"), ...more];
			return new Lintel(args).ended;
		};
		const signed = ["--reader-key", toHex(key.publicKey)];

		before(() => {
			folder = mkdtempSync(join(tmpdir(), "lintel-lines-"));
		});

		after(() => rmSync(folder, { recursive: true }));

		it("verifies as a shell of Windows wrote it, and its report as a key too", async () => {
			const windows = (unix: string): Buffer =>
				Buffer.from(`\ufeff${unix.replaceAll("\n", "\r\n")}`, "utf16le");
			writeFileSync(
				join(folder, "report.json"),
				windows(JSON.stringify({ info: { key: toHex(key.publicKey) } })),
			);
			for (const bytes of [windows(text()), `\ufeff${text()}`, text().replaceAll("\n", "\r\n")]) {
				for (const by of [signed, ["--reader-key", join(folder, "report.json")]]) {
					const { code, out } = await verify(bytes, ...by);
					assert.match(out, /^intact\n301 records/);
					assert.equal(code, 0);
				}
				const { code, out } = await verify(bytes.toString().replace("1", "2"), ...signed);
				assert.notEqual(code, 0);
				assert.notMatch(out, /^intact/);
			}
			const changed = windows(text().replace('"serial":77,', '"serial":78,'));
			assert.match((await verify(changed, ...signed)).out, /^NOT INTACT: first bad or missing serial 77/);
		});

		it("is not intact where nothing is in it", async () => {
			for (const by of [[], signed]) {
				for (const nothing of ["", "\n", "\ufeff", "\r\n \r\n"]) {
					const { code, out, err } = await verify(nothing, ...by);
					assert.equal(code, 3, out);
					assert.match(err, /the export is empty/);
				}
			}
			writeFileSync(join(folder, "blank"), Buffer.alloc(4 * 4096, 0xff));
			const args = ["log", "verify", "--image", join(folder, "blank")];
			const blank = await new Lintel(args).ended;
			assert.equal(blank.code, 1);
			assert.match(blank.err, /not one record/);
			assert.equal((await new Lintel([...args, ...signed]).ended).code, 1);
		});

		it("is told what it is where it is another file, and damage stays damage", async () => {
			const csv =
				csvHeader() +
				readImage(world.flash, crypto)
					.map((entry) => exportLine(entry, "csv"))
					.join("");
			const german = csv.replaceAll(",", ";");
			for (const sheet of [csv, german, Buffer.from(`\ufeff${csv}`, "utf16le")]) {
				const { code, err } = await verify(sheet, ...signed);
				assert.equal(code, 3);
				assert.match(err, /export as CSV/);
			}
			const report = { date: "2026", info: {}, state: { events: 3 }, port: { serial: "FT1" } };
			for (const other of [
				JSON.stringify(report),
				JSON.stringify(report, null, "\t"),
				"<!doctype html>\n<p>serial",
				"hello",
			]) {
				const { code, err } = await verify(other);
				assert.equal(code, 3);
				assert.match(err, /no export of a log[\s\S]*JSON lines/);
			}
			assert.match((await verify(Buffer.alloc(4096, 0xff))).err, /not text[\s\S]*--image/);
			for (const damaged of [
				text().replaceAll('"link"', '"lonk"'),
				text().replaceAll('"serial"', '"sereal"'),
				text().replaceAll(":", ";"),
				text().slice(1),
			])
				assert.match((await verify(damaged)).out, /^NOT INTACT/);
		});
	});
});

function spliced(list: readonly string[], at: number, remove: number, ...insert: string[]): string[] {
	return [...list.slice(0, at), ...insert, ...list.slice(at + remove)];
}
