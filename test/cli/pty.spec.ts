// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { type BenchOptions, BenchReader } from "../../sim/provisioning/bench.js";
import { SeededRandom } from "../../sim/random.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { needs } from "../sim/installed.js";
import { TrustedSite } from "../support/trusted-site.js";
import { type Ended, Lintel } from "./lintel.js";

const SEED = "42".repeat(32);
const KEY = JSON.stringify(new TrustedSite("ACME", SEED, new NodeCrypto()).adminFile);
const OTHER = JSON.stringify(new TrustedSite("ACME", "43".repeat(32), new NodeCrypto()).adminFile);
const DOOR = JSON.stringify({ id: "FRONT", name: "Front door", door: { strikeTime: 7 } });

describe("lintel over a tty", () => {
	let folder = "";
	let bench: BenchReader | undefined;
	const file = (name: string): string => join(folder, name);

	before(function () {
		needs(this, { socat: "socat" });
	});

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-cli-"));
		writeFileSync(file("door.json"), DOOR);
		writeFileSync(file("key.json"), KEY);
		writeFileSync(file("other.json"), OTHER);
	});

	afterEach(() => {
		bench?.unplug();
		bench = undefined;
		rmSync(folder, { recursive: true, force: true });
	});

	async function plug(options: Partial<BenchOptions> = {}): Promise<BenchReader> {
		bench = new BenchReader({ crypto: new NodeCrypto(), random: new SeededRandom(7), ...options });
		await bench.plug();
		return bench;
	}

	const lintel = (...args: string[]): Promise<Ended> => new Lintel([...args, "--port", bench!.path]).ended;

	it("commissions a new reader, applies, verifies, tests, reports and resets it, and says each twice", async () => {
		const reader = await plug({ chatter: true });
		const listed = await lintel("readers");
		assert.match(listed.out, /not commissioned/);
		const first = await lintel("commission", file("door.json"), "--site-key", file("key.json"));
		assert.equal(first.code, 0, first.err);
		assert.equal(reader.store.membership?.door, "FRONT");
		assert.equal(reader.store.config?.door.strikeTime, 7);
		const again = await lintel("commission", file("door.json"), "--site-key", file("key.json"), "--json");
		assert.isFalse(JSON.parse(again.out).changed);

		writeFileSync(file("door.json"), DOOR.replace("7", "9"));
		const dry = await lintel("apply", file("door.json"), "--site-key", file("key.json"), "--dry-run");
		assert.include(dry.out, "door.strikeTime: 7 -> 9");
		assert.equal(reader.store.config?.door.strikeTime, 7);
		assert.equal(
			(await lintel("verify", file("door.json"), "--site-key", file("key.json"))).code,
			EXIT.different,
		);
		assert.equal((await lintel("apply", file("door.json"), "--site-key", file("key.json"))).code, 0);
		const { revision } = reader.store;
		assert.include(
			(await lintel("apply", file("door.json"), "--site-key", file("key.json"))).out,
			"nothing to change",
		);
		assert.equal(reader.store.revision, revision);
		assert.equal((await lintel("verify", file("door.json"), "--site-key", file("key.json"))).code, 0);

		reader.facade.failing.add("rex");
		const tests = await lintel("test", "all", "--site-key", file("key.json"));
		assert.equal(tests.code, EXIT.different);
		assert.match(tests.out, /^FAIL rex/m);
		assert.match(tests.out, /^ok {3}relay/m);

		const report = await lintel("report", "--site-key", file("key.json"), "--out", file("report.html"));
		const page = readFileSync(file("report.html"), "utf8");
		for (const text of [report.out, report.err, page, first.out]) assert.notInclude(text, SEED);
		assert.include(page, "FRONT");

		assert.equal((await lintel("reset", "--yes", "--site-key", file("key.json"))).code, 0);
		assert.isUndefined(reader.store.membership);
	});

	it("refuses without a key and with a wrong one, and changes nothing", async () => {
		const reader = await plug();
		await lintel("commission", file("door.json"), "--site-key", file("key.json"));
		const { revision } = reader.store;
		const none = await lintel("apply", file("door.json"));
		assert.equal(none.code, EXIT.refused);
		const wrong = await lintel("reset", "--yes", "--site-key", file("other.json"), "--json");
		assert.equal(wrong.code, EXIT.refused);
		assert.equal(JSON.parse(wrong.out).error.reason, "other-site");
		assert.equal(reader.store.revision, revision);
		assert.notEqual(reader.facade.recorded.at(-1)?.event, "service", "nothing was proved to it");
	});

	it("says that the reader was unplugged, and the same command finishes after", async () => {
		const reader = await plug();
		const { test } = reader.facade;
		/** The test begins, and does not end. */
		const begun = new Promise<void>((resolve) => {
			reader.facade.test = () => resolve();
		});
		const running = lintel("test", "door");
		await begun;
		reader.unplug();
		const ended = await running;
		assert.equal(ended.code, EXIT.unplugged, ended.err);
		assert.match(ended.err, /same command/);
		reader.facade.test = test;
		reader.time.run(60_000);
		await reader.plug();
		assert.equal((await lintel("test", "door")).code, 0);
	});

	it("names both versions where a newer reader speaks no common one", async () => {
		await plug({ versions: [4, 5] });
		const { code, err } = await lintel("show");
		assert.equal(code, EXIT.version);
		assert.match(err, /versions 4 to 5.*1 to 3/);
		assert.match(err, /Update lintel on this computer first/);
		// It is there all the same.
		const { out } = await lintel("readers");
		assert.match(out, /this reader speaks protocol versions 4 to 5[\s\S]*Update lintel/);
		assert.notInclude(out, "no reader");
	});

	it("does a bench of readers, keeps a list, and ends with 8 while one is missing", async () => {
		const reader = await plug();
		const entry = (port: string) => ({ port, configuration: "door.json" });
		writeFileSync(
			file("bench.json"),
			JSON.stringify({ readers: [entry(file("absent")), entry(reader.path)] }),
		);
		const { code } = await new Lintel(["apply", file("bench.json"), "--all"]).ended;
		assert.equal(code, EXIT.partial);
		assert.equal(readFileSync(file("bench.json.done"), "utf8").trim().split("\n").length, 1);
		assert.equal(reader.store.config?.id, "FRONT");
	});
});
