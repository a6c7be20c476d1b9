// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { EVENTS } from "../../protocol/events.js";
import { PseudoTerminal } from "../../sim/pty/pty.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { makeSite, PASSPHRASE } from "../support/site-files.js";
import { type Ended, Lintel } from "./lintel.js";
import { type Installation, plugIn, SEED } from "./terminal.js";

const PASSWORD = "correct horse";

describe("lintel's smaller commands", () => {
	let site: Installation;

	plugIn(1, ([made]) => {
		site = made!;
	});

	const key = (): string[] => ["--site-key", site.file("key.json")];
	const commission = (): Promise<Ended> => site.lintel("commission", site.file("door.json"), ...key());

	describe("wifi", () => {
		it("lists what the reader hears", async () => {
			const { code, out } = await site.lintel("wifi", "scan", "--json");
			assert.equal(code, 0);
			assert.deepEqual(JSON.parse(out), { ssid: "Building", rssi: -51, secured: true });
		});

		it("joins by a password from standard input or a file, and shows it nowhere", async () => {
			writeFileSync(site.file("password"), `${PASSWORD}\r\n`);
			const args = ["wifi", "join", "Building", "--port", site.reader.path];
			const piped = await site.run(args, `${PASSWORD}\n`);
			const dash = await site.run([...args, "--password", "-"], PASSWORD);
			const file = await site.run([...args, "--password", site.file("password")]);
			// As PowerShell's `>` writes it.
			writeFileSync(site.file("password"), Buffer.from(`\ufeff${PASSWORD}\r\n`, "utf16le"));
			const wide = await site.run([...args, "--password", site.file("password")]);
			for (const { code, out, err } of [piped, dash, file, wide]) {
				assert.equal(code, 0, err);
				assert.notInclude(out + err, PASSWORD);
			}
			assert.deepEqual(site.reader.store.wifi, { ssid: "Building", password: PASSWORD });
		});

		it("says that the reader could not join, and the reader keeps what it had", async () => {
			const args = ["wifi", "join", "Building", "--port", site.reader.path];
			await site.run(args, PASSWORD);
			const { code, err } = await site.run(args, "battery staple");
			assert.equal(code, EXIT.refused);
			assert.match(err, /could not join Building/);
			assert.notInclude(err, "battery");
			assert.equal(site.reader.store.wifi?.password, PASSWORD);
		});

		it("does not repeat a password that was given for a file's name, nor read two secrets from one input", async () => {
			const { code, err } = await site.lintel("wifi", "join", "Building", "--password", "hunter2");
			assert.equal(code, EXIT.input);
			assert.notInclude(err, "hunter2");
			const both = await site.run(["wifi", "join", "Building", "--site-key", "-"], "x");
			assert.equal(both.code, EXIT.usage);
			const empty = await site.run(["wifi", "join", "Building", "--port", site.reader.path], "");
			assert.equal(empty.code, EXIT.input);
		});

		it("waits for a password that is slow to come", async () => {
			const line = `(sleep 1; echo "${PASSWORD}") | "${process.execPath}" "${join(root, "bin/lintel.js")}" wifi join Building --port ${site.reader.path}`;
			const shell = spawn("sh", ["-c", line], { stdio: ["ignore", "pipe", "pipe"] });
			let said = "";
			for (const stream of [shell.stdout, shell.stderr])
				stream.on("data", (text) => {
					said += text;
				});
			const code = await new Promise((resolve) => shell.once("close", resolve));
			assert.equal(said, "joined Building\n");
			assert.equal(code, 0);
		});

		it("says of a name or a password that can be none what is wrong with it, and asks no reader", async () => {
			const asked = site.requests();
			for (const [network, password, reason, exit] of [
				["", PASSWORD, "bad-network", EXIT.usage],
				["s".repeat(33), PASSWORD, "bad-network", EXIT.usage],
				["é".repeat(17), PASSWORD, "bad-network", EXIT.usage],
				["Building", "hunter2", "bad-password", EXIT.input],
				["Building", "p".repeat(64), "bad-password", EXIT.input],
			] as const) {
				const args = ["wifi", "join", network, "--port", site.reader.path, "--json"];
				const { code, out, err } = await site.run(args, password);
				assert.equal(code, exit, out);
				assert.equal(JSON.parse(out).error.reason, reason);
				assert.notInclude(out + err, password);
			}
			assert.deepEqual(asked, []);
		});

		it("asks at a terminal, without showing what is typed", async function () {
			needs(this, { script: "bsdutils" });
			const { code, out } = await site.atTerminal(
				["wifi", "join", "Building", "--port", site.reader.path],
				[/Wi-Fi password: /, `${PASSWORD}\r`],
			);
			assert.equal(code, 0, out);
			assert.include(out, "joined Building");
			assert.notInclude(out, PASSWORD);
		});

		it("names the firmware's age where an older one has no such command", async () => {
			const { provisioning } = site.reader;
			site.requests((name) => {
				if (name === "wifi-scan") throw new Error("not reached");
			});
			// An old firmware: its table has no such name.
			const feed = provisioning.feed;
			provisioning.feed = (bytes) => {
				const text = Buffer.from(bytes).toString("latin1");
				feed(text.includes("wifi-scan") ? renamed(bytes) : bytes);
			};
			const { code, err } = await site.lintel("wifi", "scan");
			assert.equal(code, EXIT.version);
			assert.match(err, /has no command wifi-scam[\s\S]*Update the firmware/);
		});
	});

	it("sets the reader's clock, to a given time too, and shows it", async () => {
		const unset = await site.lintel("time", "show");
		assert.include(unset.out, "not set");
		assert.equal((await site.lintel("time", "set")).code, 0);
		const { behind, trust } = JSON.parse((await site.lintel("time", "show", "--json")).out);
		assert.equal(trust, "synced");
		assert.isAtMost(Math.abs(behind), 2);
		await site.lintel("time", "set", "--at", "2030-01-01T00:00Z");
		assert.match((await site.lintel("time", "show")).out, /^2030-01-01T00:00:0\dZ .* ahead of this computer/);
		const asked = site.requests();
		for (const [at, said] of [
			["tomorrow", /2026-05-01T06:00Z/],
			["1", /2026-05-01T06:00Z/],
			["2026-02-30", /2026-05-01T06:00Z/],
			["1999-12-31T23:59Z", /from 2020 to 2106/],
			["2106-02-08", /from 2020 to 2106/],
		] as const) {
			const wrong = await site.lintel("time", "set", "--at", at);
			assert.equal(wrong.code, EXIT.usage, at);
			assert.match(wrong.err, said);
		}
		assert.deepEqual(asked, []);
	});

	it("sets no clock by a computer whose own is wrong, and says so, in commissioning too", async () => {
		const { now } = Date;
		Date.now = () => 1e9;
		try {
			const set = await site.lintel("time", "set", ...key());
			assert.equal(set.code, EXIT.input);
			assert.match(set.err, /this computer's clock is wrong: 1970-01-12[\s\S]*--at/);
			const doubted = await commission();
			assert.equal(doubted.code, EXIT.usage);
			assert.match(doubted.err, /this computer's clock says 1970-01-12.* was changed at 20[\s\S]*--yes/);
			assert.isUndefined(site.reader.store.membership);
			const made = await site.lintel("commission", site.file("door.json"), ...key(), "--yes");
			assert.equal(made.code, 0, made.err);
			assert.match(made.err, /clock is not set: .*lintel time set/);
		} finally {
			Date.now = now;
		}
		assert.include((await site.lintel("time", "show")).out, "not set");
	});

	it("asks before it sets a clock that is more than a day from this computer's", async function () {
		await site.lintel("time", "set");
		const { now } = Date;
		const clock = async (): Promise<number> => {
			const { out } = await site.lintel("time", "show", "--json");
			return Date.parse(JSON.parse(out).time);
		};
		// Neither forwards nor backwards: which of the two is wrong, a person has to say.
		for (const days of [-400, 1.1, 4000]) {
			Date.now = () => now() + days * 86_400_000;
			try {
				const refused = await site.lintel("time", "set", "--json");
				assert.equal(refused.code, EXIT.usage, String(days));
				assert.equal(JSON.parse(refused.out).error.reason, "not-confirmed");
			} finally {
				Date.now = now;
			}
			assert.closeTo(await clock(), now(), 5000, "nothing was set");
		}
		Date.now = () => now() + 0.9 * 86_400_000;
		try {
			assert.equal((await site.lintel("time", "set")).code, 0, "less than a day is no question");
			assert.equal(
				(await site.lintel("time", "set", "--at", "2040-01-01T00:00Z")).code,
				0,
				"a given time neither",
			);
		} finally {
			Date.now = now;
		}
		assert.equal((await site.lintel("time", "set")).code, EXIT.usage);
		needs(this, { script: "bsdutils" });
		const set = ["time", "set", "--port", site.reader.path];
		const no = await site.atTerminal(set, [/Set the reader by this computer\? \[y\/N\] /, "\r"]);
		assert.equal(no.code, EXIT.usage, no.out);
		const yes = await site.atTerminal(set, [/the reader's 2040[\s\S]*\[y\/N\] /, "y\r"]);
		assert.equal(yes.code, 0, yes.out);
		assert.closeTo(await clock(), now(), 20_000);
	});

	it("verifies the clock too: unset or off it is told, with whose clock to look at first", async () => {
		await commission();
		const verify = (): Promise<Ended> => site.lintel("verify", site.file("door.json"), ...key());
		const right = await verify();
		assert.equal(right.code, 0, right.out);
		const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString().slice(0, 16);
		await site.lintel("time", "set", ...key(), "--at", `${at(-7200)}Z`);
		const off = await verify();
		assert.equal(off.code, EXIT.different);
		assert.match(off.out, /as in the file\nclock: .*behind this computer; `lintel time set`/);
		await site.lintel("time", "set", ...key(), "--at", `${at(4 * 365 * 86_400)}Z`);
		const far = await verify();
		assert.equal(far.code, EXIT.different);
		assert.match(far.out, /14(59|60) days ahead of this computer; look at this computer's clock first/);
		site.reader.facade.state = () => ({ time: null, trust: "unset" });
		const unset = await site.lintel("verify", site.file("door.json"), ...key(), "--json");
		assert.equal(unset.code, EXIT.different);
		assert.include(JSON.parse(unset.out), { same: true, clock: "unset" });
		assert.match((await verify()).out, /clock: not set; `lintel time set`/);
	});

	it("makes an installer's key, which works on a commissioned reader and makes no door", async () => {
		mkdirSync(site.file("acme"));
		makeSite(site.file("acme"));
		const [siteKey, installer] = [site.file("acme/site-key.json"), site.file("installer.json")];
		const root = ["--root-key", site.file("acme/root-key.json"), "--site", site.file("acme/site.json")];
		const limits = ["--role", "install", "--until", "2099-01-01", "--door", "FRONT", "--out", installer];
		const made = await site.run(["site", "key", ...root, ...limits], PASSPHRASE);
		assert.equal(made.code, 0, made.err);
		assert.equal(statSync(installer).mode & 0o077, 0, "for its owner alone");

		const before = site.reader.store.revision;
		const seen = site.requests();
		const refused = await site.lintel(
			"commission",
			site.file("door.json"),
			"--site-key",
			installer,
			"--json",
		);
		assert.equal(refused.code, EXIT.refused);
		assert.equal(JSON.parse(refused.out).error.reason, "wrong-role");
		assert.deepEqual(seen, [], "the reader was not even asked");
		assert.equal(site.reader.store.revision, before);
		const args = ["credential", "issue", "--site-key", installer, "--public-key", "00".repeat(32), "--out"];
		const forged = await site.run([...args, site.file("x.cwt")]);
		assert.equal(forged.code, EXIT.refused);
		assert.match(forged.err, /no key with the role "issue"/);

		assert.equal((await site.lintel("commission", site.file("door.json"), "--site-key", siteKey)).code, 0);
		assert.equal((await site.lintel("verify", site.file("door.json"), "--site-key", installer)).code, 0);
		const other = await site.lintel("verify", site.file("door.json"), ...key());
		assert.equal(other.code, EXIT.refused);
	});

	it("asks before it erases a reader, at a terminal only", async () => {
		await commission();
		const args = ["reset", ...key(), "--port", site.reader.path];
		const piped = await site.run(args);
		assert.equal(piped.code, EXIT.usage);
		const no = await site.answer(args, [/door FRONT of site ACME.*\[y\/N\]/, "\r"]);
		assert.equal(no.code, EXIT.usage, no.out);
		assert.equal(site.reader.store.membership?.door, "FRONT");
		const yes = await site.answer(args, [/\[y\/N\]/, "y\r"]);
		assert.equal(yes.code, 0, yes.out);
		assert.isUndefined(site.reader.store.membership);
	});

	it("tests all that the door has and nothing that it has not, and says first what hands have to do", async () => {
		site.write("door.json", {
			id: "FRONT",
			door: { position: "none", fireInput: "normally-closed" },
		});
		await commission();
		const { code, out, err } = await site.lintel("test", "all", ...key());
		assert.equal(code, 0, err);
		assert.deepEqual(
			out.split("\n").filter(Boolean),
			["relay", "rex", "fire", "nfc", "ble"].map((name) => `ok   ${name}: ${name} works`),
		);
		assert.match(err, /rex: press request-to-exit now/);
		site.reader.facade.failing.add("nfc");
		const report = await site.lintel("report", "--test", "--json", ...key());
		assert.equal(report.code, EXIT.different);
		assert.match(JSON.parse(report.out).tests.nfc, /^FAIL: nfc did not answer/);
		site.write("door.json", { id: "FRONT", name: "<b>Front & back" });
		await site.lintel("apply", site.file("door.json"), ...key());
		await site.lintel("report", "--out", site.file("report.html"), ...key());
		const page = readFileSync(site.file("report.html"), "utf8");
		assert.deepEqual(page.match(/<h2>\w+/g), ["<h2>Reader", "<h2>Trust", "<h2>State", "<h2>Configuration"]);
		assert.include(page, "<td>&lt;b&gt;Front &amp; back</td>");
		assert.notInclude(page, "<b>");
	});

	describe("used wrongly", () => {
		const cases: readonly [string, () => string[], number, RegExp][] = [
			[
				"a typo in a setting",
				() => ["verify", put({ id: "A", door: { strikeTme: 1 } })],
				EXIT.input,
				/strikeTime\?/,
			],
			["a typo at the top", () => ["verify", put({ id: "A", dor: {} })], EXIT.input, /did you mean door\?/],
			[
				"a value out of bounds",
				() => ["verify", put({ id: "A", door: { strikeTime: 0 } })],
				EXIT.input,
				/strikeTime/,
			],
			["a folder for a file", () => ["verify", site.folder], EXIT.input, /Check its name/],
			["no file", () => ["verify", site.file("none.json")], EXIT.input, /none\.json[\s\S]*Check its name/],
			[
				"a key on the command line",
				() => ["test", "relay", "--site-key", SEED],
				EXIT.usage,
				/shells remember/,
			],
			["no number", () => ["identify", "--seconds", "soon"], EXIT.usage, /1 to 60/],
			[
				"a folder that is not there",
				() => ["report", "--out", "/no/such/page"],
				EXIT.input,
				/Check the path/,
			],
			["a full disk", () => ["report", "--out", "/dev/full"], EXIT.input, /ENOSPC[\s\S]*that there is room/],
			["a report over the key", () => ["report", "--out", site.file("key.json")], EXIT.input, /holds JSON/],
			["a log over the door", () => ["fetch-log", site.file("door.json")], EXIT.input, /holds JSON/],
			["a log for nowhere", () => ["fetch-log", "/no/such/log"], EXIT.input, /Check the path/],
			["a word that is no command", () => ["frobnicate"], EXIT.usage, /unknown command/],
			["two sources", () => ["log", "verify", "--image", "x"], EXIT.usage, /Give one of them/],
			[
				"the site's key for the reader's",
				() => ["log", "verify", "--reader-key", site.file("key.json")],
				EXIT.usage,
				/--site-key/,
			],
			[
				"the old name of --site-key",
				() => ["test", "relay", "--key", site.file("key.json")],
				EXIT.usage,
				/as --site-key/,
			],
			["the same with a sign", () => ["log", "verify", `--key=${SEED}`], EXIT.usage, /as --reader-key/],
		];

		function put(value: object): string {
			site.write("wrong.json", value);
			return site.file("wrong.json");
		}

		for (const [what, args, exit, expected] of cases)
			it(`by ${what}: says what is wrong and what to do`, async () => {
				const { code, out, err } = await site.lintel(...args(), "--json");
				assert.equal(code, exit, err);
				const { error } = JSON.parse(out);
				assert.match(`${error.message}\n${error.advice}`, expected);
				assert.equal(error.exit, exit);
				assert.match(error.reason, /^[a-z0-9-]+$/);
				assert.notInclude(out + err, SEED);
			});

		it("by the file of another door: refused, also where nothing would be changed", async () => {
			await commission();
			for (const more of [[], ["--dry-run"]]) {
				const { code, err } = await site.lintel("apply", put({ id: "BACK" }), ...more, ...key());
				assert.equal(code, EXIT.refused, err);
				assert.match(err, /door FRONT[\s\S]*Plug in the reader of that door/);
			}
		});

		it("by what the reader's hardware lacks: refused with its reason, tried dry as in earnest", async () => {
			await commission();
			const { facade, store } = site.reader;
			const field = "door.fireInput";
			facade.lacks = [
				{ field, reason: "not-on-this-reader", message: "this reader cannot measure that line" },
			];
			const before = store.revision;
			for (const more of [[], ["--dry-run"]]) {
				const file = put({ id: "FRONT", door: { fireInput: "supervised-normally-closed" } });
				const { code, err } = await site.lintel("apply", file, ...more, ...key());
				assert.equal(code, EXIT.refused, err);
				assert.include(err, `${field} this reader cannot measure that line`);
			}
			assert.equal(store.revision, before);
		});

		it("by a reader that is no friend: nothing of it reaches the terminal but text", async () => {
			const { facade } = site.reader;
			const honest = facade.info();
			facade.info = () => ({
				...honest,
				firmware: "1\u001b]0;mine\u0007\u202e",
				"\u009b2J": "\r\nok   relay",
			});
			facade.identify = () => {
				throw new Error("\u001b[2Jgone");
			};
			for (const args of [["readers"], ["show"], ["report"], ["identify"]]) {
				const { out, err } = await site.lintel(...args);
				assert.include(out + err, "\ufffd");
				assert.notMatch(out + err, /(?!\n)[\p{Cc}\p{Cf}]/u, args[0]);
				assert.notMatch(out, /^ok {3}relay/m);
			}
		});

		it("by a reader that says other things than readers do: lists it, and calls no defect a difference", async () => {
			const { facade } = site.reader;
			facade.info = () => ({ firmware: { toString: 1 }, chip: [{}] });
			const { code, out } = await site.lintel("readers");
			assert.equal(code, 0, out);
			assert.match(out, /Lintel \{"toString":1\} on \[\{\}\], not commissioned/);
			facade.watch = (sink) => sink?.({ event: { toString: 1 }, detail: 0, value: 0 });
			const watch: Lintel = new Lintel(["watch", "--port", site.reader.path], {
				said: () => watch.interrupt(),
			});
			const watched = await watch.ended;
			assert.equal(watched.code, 0, watched.err);
			assert.match(watched.out, /event\.toString: 1/);
		});

		it("by a setting that stands twice, or by what nobody would write: says where", async () => {
			for (const [text, expected] of [
				['{"id": "A",\n"door": {"strikeTime": 5,\n\t"strikeTime": 7}}', /:3:2: "strikeTime" stands twice/],
				['{"id": "A", "door": {}, "id": "B"}', /:1:25: "id" stands twice/],
				["[".repeat(100_000), /is no JSON object/],
				[`{"id": "A"${" ".repeat(1_000_000)}}`, /too large/],
				['["A"]', /is no JSON object/],
			] as const) {
				writeFileSync(site.file("wrong.json"), text);
				const { code, err } = await site.lintel("verify", site.file("wrong.json"));
				assert.equal(code, EXIT.input, err);
				assert.match(err, expected);
			}
		});

		it("takes a file as Windows' editor writes it, with the same name for the same thing in two places", async () => {
			writeFileSync(
				site.file("windows.json"),
				'\ufeff{\r\n\t"id": "FRONT",\r\n\t"name": "Front door",\r\n\t"door": {}\r\n}\r\n',
			);
			const { code, err } = await site.lintel("apply", site.file("windows.json"), "--dry-run", ...key());
			assert.equal(code, 0, err);
		});

		it("by a file that is no JSON: says where, and shows nothing of it", async () => {
			writeFileSync(site.file("wrong.json"), `{"site": "ACME",\n"seed": x${SEED}}`);
			const { code, err } = await site.lintel("verify", site.file("wrong.json"));
			assert.equal(code, EXIT.input);
			assert.match(err, /wrong\.json:2:9/);
			assert.notInclude(err, SEED);
		});

		it("by what is no serial port, or is not there", async () => {
			const at = (path: string): Promise<Ended> => site.run(["show", "--json", "--port", path]);
			const reasons: [string, string][] = [
				["/dev/null", "no-serial-port"],
				[site.folder, "no-serial-port"],
				[site.file("gone"), "no-port"],
			];
			const unset = await at("");
			assert.equal(unset.code, EXIT.usage);
			assert.equal(JSON.parse(unset.out).error.reason, "empty-port");
			for (const [path, reason] of reasons) {
				const { code, out } = await at(path);
				assert.equal(code, EXIT["no-reader"]);
				assert.equal(JSON.parse(out).error.reason, reason, path);
			}
		});

		it("by a port where nobody answers", async () => {
			site.reader.provisioning.feed = () => undefined;
			const { code, err } = await site.lintel("show");
			assert.equal(code, EXIT.unplugged);
			assert.match(err, /nothing answers[\s\S]*Lintel's firmware/);
		});
	});

	it("installs no plan by which the door would open no more", async () => {
		const plan = readFileSync(join(root, "examples/plan.json"), "utf8");
		writeFileSync(site.file("plan.json"), plan.replaceAll('"front"', '"FRONT"'));
		await commission();
		const asked = site.requests();
		const compile = ["plan", "compile", site.file("plan.json"), "--door", "FRONT", "--plan-version", "1"];
		const out = ["--issued", "2020-01-01", "--out", site.file("old.plan"), ...key()];
		assert.equal((await site.run([...compile, ...out])).code, 0);
		const { code, err } = await site.lintel("install-plan", site.file("old.plan"), ...key());
		assert.equal(code, EXIT.input);
		assert.match(err, /ended on 2020-01-31[\s\S]*lintel plan compile/);
		assert.deepEqual(asked, []);
	});

	it("takes a line that gives back what is sent for no reader", async () => {
		const echo: PseudoTerminal = await PseudoTerminal.open((bytes) => echo.write(bytes));
		const other: PseudoTerminal = await PseudoTerminal.open((bytes) => other.write(bytes));
		try {
			const readers = site.at(other.path, "readers");
			const { code, out } = await site.at(echo.path, "show", "--json");
			assert.equal(code, EXIT.unplugged);
			assert.equal(JSON.parse(out).error.reason, "no-answer");
			assert.include((await readers).out, "no reader (no-answer)");
		} finally {
			echo.close();
			other.close();
		}
	});

	it("lists exit codes in the help of every command", async () => {
		for (const words of [["readers"], ["wifi", "join"], ["plan", "compile"], ["log", "verify"]]) {
			const help = await site.run([...words, "--help"]);
			assert.equal(help.code, 0);
			assert.match(help.out, /Exit codes:[\s\S]* 6 {2}the reader refused/, words.join(" "));
		}
	});

	it("ends with 70 on a defect, also outside of its commands", async () => {
		// By what it is about to say of an event.
		const defect = "process.stdout.write=()=>setImmediate(()=>{throw(Error('mine'))})";
		const env = { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${defect}` };
		const { facade } = site.reader;
		facade.watch = (sink) => sink?.({ event: "exit", detail: 0, value: 0 });
		const args = ["watch", "--port", site.reader.path];
		const { code, err } = await site.spawn(args, undefined, { env }).ended;
		assert.equal(code, EXIT.internal, err);
		assert.match(err, /internal error: Error: mine[\s\S]*Report this/);
	});

	it("goes quietly when whoever reads its output has left", async () => {
		const { child, ended } = site.spawn(["readers", "--port", ...Array(3).fill(site.reader.path)]);
		child.stdout!.destroy();
		const { code, err } = await ended;
		assert.equal(code, 0, err);
		assert.equal(err, "");
	});

	it("does its work to the end where nobody reads what it says, and ends with the code of that", async () => {
		site.write("bench.json", {
			readers: [
				{ port: site.reader.path, configuration: "door.json" },
				{ port: site.file("gone"), configuration: "other-door.json" },
			],
		});
		site.write("other-door.json", { id: "BACK" });
		const runs: readonly [string[], number][] = [
			[["verify", site.file("door.json"), "--port", site.reader.path], EXIT.different],
			[["apply", "--all", site.file("bench.json")], EXIT.partial],
			[["time", "set", "--port", site.reader.path], EXIT.ok],
			[["verify", site.file("door.json"), "--port", site.reader.path], EXIT.ok],
			[["watch", "--port", site.reader.path, "--seconds", "600"], EXIT.ok],
		];
		for (const [args, exit] of runs) {
			const { child, ended } = site.spawn(args);
			child.stdout!.destroy();
			child.stderr!.destroy();
			const happens = setInterval(() => site.reader.facade.record(EVENTS.exit, 0, 0), 200);
			try {
				assert.equal((await ended).code, exit, args[0]);
			} finally {
				clearInterval(happens);
				child.kill();
			}
		}
	});

	it("says that what it was to write did not fit, with the same code as for a file", async () => {
		const full = openSync("/dev/full", "w");
		try {
			const args = ["show", "--port", site.reader.path];
			const { status, stderr } = await new Promise<{ status: number | null; stderr: string }>((resolve) => {
				const child = spawn(process.execPath, [join(root, "bin/lintel.js"), ...args], {
					stdio: ["ignore", full, "pipe"],
				});
				let stderr = "";
				child.stderr!.on("data", (text) => {
					stderr += text;
				});
				child.once("close", (status) => resolve({ status, stderr }));
			});
			assert.equal(status, EXIT.input);
			assert.match(stderr, /^lintel: the output could not be written: ENOSPC.*\n {2}.*room/);
			assert.notInclude(stderr, " at ");
		} finally {
			closeSync(full);
		}
	});
});

/** The same length, another name, another checksum. */
function renamed(bytes: Uint8Array): Uint8Array {
	const text = Buffer.from(bytes).toString("latin1").replace("wifi-scan", "wifi-scam");
	const changed = new Uint8Array(Buffer.from(text, "latin1"));
	const body = changed.subarray(2, changed.length - 4);
	new DataView(changed.buffer).setUint32(changed.length - 4, crc(body));
	return changed;
}

/** CRC-32 (IEEE 802.3), bit by bit. */
function crc(bytes: Uint8Array): number {
	let value = 0xffff_ffff;
	for (const byte of bytes) {
		value ^= byte;
		for (let i = 0; i < 8; i++) value = (value >>> 1) ^ (value & 1 ? 0xedb8_8320 : 0);
	}
	return (value ^ 0xffff_ffff) >>> 0;
}
