import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { SeededRandom } from "../../../sim/random.js";
import { EVENTS } from "../../../src/audit/events.js";
import { verifyLog } from "../../../src/audit/verify.js";
import { toHex } from "../../../src/bytes.js";
import { exportLine, readImage } from "../../../tools/log/export.js";
import { verifyLines } from "../../../tools/log/lines.js";
import { key, logWorld } from "../../src/audit/world.js";
import { root } from "../../support/host.js";

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

	it("verifies from any serial on", () => {
		for (const since of [1, 2, 60, 123, 124, 125, 300, 301]) {
			const part = exported(since);
			assert.lengthOf(part, 302 - since);
			const report = check(part);
			assert.deepInclude(report, { intact: true, first: since, last: 301 }, `since ${since}`);
		}
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

	it("is checked by lintel log verify --export, from a file and from standard input", () => {
		const folder = mkdtempSync(join(tmpdir(), "lintel-lines-"));
		try {
			const text = lines.map((line) => `${line}\n`).join("");
			const lintel = (name: string, input: string) =>
				spawnSync(
					process.execPath,
					[join(root, "bin/lintel.js"), "log", "verify", "--export", name, "--key", toHex(key.publicKey)],
					{ encoding: "utf8", input },
				);
			writeFileSync(join(folder, "log.jsonl"), text);
			const file = lintel(join(folder, "log.jsonl"), "");
			assert.equal(file.status, 0, file.stderr);
			assert.match(file.stdout, /^intact\n301 records, serials 1 to 301, in 3 sectors\n/);
			const piped = lintel("-", text.replace('"serial":77,', '"serial":78,'));
			assert.equal(piped.status, 1);
			assert.match(piped.stdout, /^NOT INTACT: first bad or missing serial 77/);
			assert.equal(lintel(join(folder, "none"), "").status, 3);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});

function spliced(list: readonly string[], at: number, remove: number, ...insert: string[]): string[] {
	return [...list.slice(0, at), ...insert, ...list.slice(at + remove)];
}
