// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, execFileSync } from "node:child_process";
import {
	existsSync,
	lstatSync,
	readdirSync,
	readFile,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { assert } from "chai";
import { withAuthority } from "../../cli/reader.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { type CborMap, decodeValue, encodeValue } from "../../protocol/cbor/value.js";
import { EVENTS, RESTARTS } from "../../protocol/events.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { encodeFrame, parseFrame } from "../../protocol/provisioning/frame.js";
import type { BenchOptions } from "../../sim/provisioning/bench.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { KEEP_MS, watchEvents } from "../../site/lib/provisioning/watch.js";
import { IDLE_MS } from "../../src/service/authority.js";
import { needs } from "../sim/installed.js";
import { logWorld } from "../src/log/world.js";
import { type Ended, Lintel } from "./lintel.js";
import { Installation, SEED } from "./terminal.js";

describe("lintel at the door", () => {
	let site: Installation;

	before(function () {
		needs(this, { socat: "socat" });
	});

	async function plug(options: Partial<BenchOptions> = {}): Promise<Installation> {
		site = new Installation(options);
		await site.reader.plug();
		return site;
	}

	afterEach(() => site?.end());

	/** Resolves when events are asked for; `happens` then. */
	function watched(happens: () => void = () => {}): Promise<void> {
		const { facade } = site.reader;
		const watch = facade.watch.bind(facade);
		return new Promise((resolve) => {
			facade.watch = (sink) => {
				watch(sink);
				if (sink === undefined) return;
				happens();
				resolve();
			};
		});
	}

	/** What `lintel watch` says of one event; Ctrl-C once it has. */
	async function watchOne(happens: () => void, ...more: string[]): Promise<Ended> {
		watched(happens);
		const args = ["watch", ...more, "--port", site.reader.path];
		const lintel: Lintel = new Lintel(args, { said: () => lintel.interrupt() });
		return lintel.ended;
	}

	const commission = () =>
		site.lintel("commission", site.file("door.json"), "--site-key", site.file("key.json"));

	it("watches events as they happen", async () => {
		const { reader } = await plug();
		const seen = site.requests();
		const { code, out } = await watchOne(() => reader.facade.record(EVENTS.exit, 0, 12), "--json");
		assert.equal(code, 0);
		assert.deepEqual(JSON.parse(out), { event: "exit", detail: 0, value: 12 });
		assert.deepEqual(seen, ["info", "challenge", "watch", "watch"]);
	});

	it("ends a watch at once by Ctrl-C, and where the cable goes, however long it was to last", async () => {
		for (const [end, exit] of [
			[(child: ChildProcess) => child.kill("SIGINT"), EXIT.ok],
			[() => site.reader.unplug(), EXIT.unplugged],
		] as const) {
			const { reader } = await plug();
			const asked = watched();
			const { child, ended } = site.spawn(["watch", "--seconds", "600", "--port", reader.path]);
			await asked;
			end(child);
			assert.equal((await ended).code, exit);
			site.end();
		}
	});

	it("says in words what an event's numbers mean", async () => {
		const { reader } = await plug();
		const detail = (2 << 8) | RESTARTS["out-of-memory"];
		const { out } = await watchOne(() => reader.facade.record(EVENTS.restart, detail, 0));
		assert.equal(out, "event: restart  what: out-of-memory, 2 failed starts before\n");
	});

	it("watches a quiet door for as long as it likes, and says when the reader has started again", async () => {
		const { reader } = await plug();
		await commission();
		let asked: () => void = () => {};
		site.requests((name) => {
			// Once the reader has all of the frame.
			if (name === "watch") queueMicrotask(() => asked());
		});
		const options = { port: reader.path, siteKey: site.file("key.json") };
		await withAuthority(options, (client) => {
			let times = 0;
			asked = () => {
				// The time until it asks again passes for the reader alone.
				reader.time.run(KEEP_MS);
				if (++times * KEEP_MS > IDLE_MS + 60_000) reader.facade.record(EVENTS.exit, 0, 12);
			};
			let seen!: () => void;
			const until = new Promise<void>((resolve) => {
				seen = resolve;
			});
			return watchEvents(client, seen, until, 1);
		});
		// Authority is in RAM, and ends by silence as by a restart.
		const failure = await withAuthority(options, (client) => {
			let times = 0;
			asked = () => {
				if (++times === 2) reader.time.run(IDLE_MS);
			};
			return watchEvents(client, () => {}, new Promise(() => {}), 1);
		}).catch((error: unknown) => error);
		assert.deepInclude(failure, { exit: "unplugged", reason: "restarted" });
	});

	it("reports tests that fail, in both forms, and ends with 1", async () => {
		const { reader } = await plug();
		await commission();
		reader.facade.failing.add("relay");
		const page = site.file("page.html");
		const key = ["--site-key", site.file("key.json")];
		const failed = await site.lintel("report", "--test", "--json", "--out", page, ...key);
		assert.equal(failed.code, EXIT.different, failed.err);
		const { tests } = JSON.parse(failed.out) as { tests: Record<string, string> };
		assert.match(tests.relay!, /^FAIL: relay did not answer/);
		assert.match(tests.nfc!, /^ok: /);
		assert.match(readFileSync(page, "utf8"), /<th>relay<\/th><td>FAIL: relay did not answer/);
		reader.facade.failing.clear();
		assert.equal((await site.lintel("report", "--test", ...key)).code, 0);
	});

	it("identifies, restarts and copies the log", async () => {
		const { reader } = await plug();
		assert.equal((await site.lintel("identify", "--seconds", "3")).code, 0);
		assert.equal(reader.facade.identified, 3000);
		assert.equal((await site.lintel("restart")).code, 0);
		assert.equal(reader.facade.restarts, 1);
		for (let i = 0; i < 16 * 1024; i += 7) reader.facade.log.bytes[i] = i & 255;
		assert.equal((await site.lintel("fetch-log", site.file("log.bin"))).code, 0);
		assert.equal(toHex(readFileSync(site.file("log.bin"))), toHex(reader.facade.log.bytes));
	});

	it("leaves no file where it could copy no log, and what was there as it was", async () => {
		await plug();
		await commission();
		for (const kept of [undefined, "an older log"]) {
			const file = site.file("log.bin");
			if (kept !== undefined) writeFileSync(file, kept);
			const { code } = await site.lintel("fetch-log", file, "--site-key", site.file("other.json"));
			assert.equal(code, EXIT.refused);
			assert.equal(existsSync(file) ? readFileSync(file, "utf8") : undefined, kept);
		}
	});

	for (const [signal, code] of [
		["SIGINT", 130],
		["SIGTERM", 143],
		["SIGHUP", 129],
	] as const)
		it(`leaves no file, and what was there as it was, where ${signal} ends a copy`, async () => {
			const { reader } = await plug();
			reader.facade.log.bytes.fill(1);
			let child: ChildProcess | undefined;
			site.requests((name) => {
				if (name === "log") child?.kill(signal);
			});
			const file = site.file("log.bin");
			for (const kept of [undefined, "an older log"]) {
				if (kept !== undefined) writeFileSync(file, kept);
				const before = readdirSync(site.folder);
				const copy = site.spawn(["fetch-log", file, "--port", site.reader.path]);
				child = copy.child;
				assert.equal((await copy.ended).code, code);
				assert.deepEqual(readdirSync(site.folder), before);
				assert.equal(existsSync(file) ? readFileSync(file, "utf8") : undefined, kept);
			}
		});

	it("puts a copy where a link leads, and into a pipe", async () => {
		const { reader } = await plug();
		const log = toHex(reader.facade.log.bytes);
		writeFileSync(site.file("log.bin"), "an older log");
		symlinkSync(site.file("log.bin"), site.file("link"));
		assert.equal((await site.lintel("fetch-log", site.file("link"))).code, 0);
		assert.isTrue(lstatSync(site.file("link")).isSymbolicLink());
		assert.equal(toHex(readFileSync(site.file("log.bin"))), log);
		execFileSync("mkfifo", [site.file("pipe")]);
		const read = promisify(readFile)(site.file("pipe"));
		assert.equal((await site.lintel("fetch-log", site.file("pipe"))).code, 0);
		assert.equal(toHex(await read), log);
	});

	it("sends nobody to the door for a report that it could not write", async () => {
		await plug();
		const asked = site.requests();
		for (const out of [join(site.folder, "nowhere", "page.html"), site.folder]) {
			const { code, err } = await site.lintel("report", "--test", "--out", out);
			assert.equal(code, EXIT.input);
			assert.match(err, /Check the path/);
		}
		assert.deepEqual(asked, []);
	});

	it("goes on with its tests where the reader has forgotten who asks, and does none twice", async () => {
		const { reader } = await plug();
		await commission();
		const { provisioning } = reader;
		const feed = provisioning.feed.bind(provisioning);
		const asked: string[] = [];
		const splitter = new FrameDemux({
			onFrame: ({ payload }) => {
				const [name, parameters] = decodeValue(payload) as [string, { name?: string }];
				if (name !== "test") return;
				asked.push(String(parameters.name));
				// As a restart would; once.
				if (asked.length === 2) reader.time.run(IDLE_MS);
			},
		});
		provisioning.feed = (bytes) => {
			splitter.feed(bytes);
			feed(bytes);
		};
		const { code, out, err } = await site.lintel("test", "all", "--site-key", site.file("key.json"));
		assert.equal(code, 0, err);
		assert.match(err, /started again, or another lintel/);
		assert.deepEqual(
			out
				.split("\n")
				.filter(Boolean)
				.map((line) => /^ok +(\w+):/.exec(line)?.[1]),
			["relay", "door", "rex", "nfc", "ble"],
		);
		assert.deepEqual(asked, ["relay", "door", "door", "rex", "nfc", "ble"]);
	});

	it("verifies and exports the log at the port as it does the image of it", async () => {
		const { reader } = await plug();
		await commission();
		const key = reader.store.keys![0]!;
		const size = reader.facade.log.sectorSize;
		const written = logWorld(reader.facade.log.size / size, size);
		written.start("power-on", "none");
		written.start("software", key);
		reader.facade.log.restore(written.flash.snapshot());
		await site.lintel("fetch-log", site.file("log.bin"), "--site-key", site.file("key.json"));
		for (const what of [["verify", "--reader-key", toHex(key.publicKey)], ["export"]]) {
			const direct = await site.lintel("log", ...what, "--site-key", site.file("key.json"));
			const image = await site.run(["log", ...what, "--image", site.file("log.bin")]);
			assert.equal(direct.code, 0);
			assert.isAbove(direct.out.split("\n").length, 2);
			assert.deepEqual(direct, image);
		}
		const closed = await site.lintel("log", "verify");
		assert.equal(closed.code, EXIT.refused);
		assert.match(closed.err, /--site-key/);
	});

	it("checks the log at the port by the reader's own key where none is given, and says that this shows less", async () => {
		const { reader } = await plug();
		const size = reader.facade.log.sectorSize;
		const written = logWorld(reader.facade.log.size / size, size);
		const verify = (...args: string[]) => {
			reader.facade.log.restore(written.flash.snapshot());
			return site.lintel("log", "verify", ...args);
		};
		written.start("power-on", "none");
		const factory = await verify();
		assert.equal(factory.code, 0);
		assert.match(factory.out, /signatures not checked: give --reader-key/);
		await commission();
		const siteKey = ["--site-key", site.file("key.json")];
		const unsigned = await verify(...siteKey);
		assert.equal(unsigned.code, EXIT.different);
		assert.match(unsigned.out, /^NOT INTACT: first bad or missing serial 1 \(unsigned\)\n/);
		assert.match(unsigned.out, /no checkpoint signed by the key in it/);
		written.start("software", reader.store.keys![0]!);
		const own = await verify(...siteKey);
		assert.equal(own.code, 0);
		assert.match(
			own.out,
			/^intact\n[\s\S]*record 1 is from before this reader had its key[\s\S]*only --reader-key shows\n$/,
		);
		const another = logWorld(4, size);
		another.start();
		reader.facade.log.restore(another.flash.snapshot());
		assert.match((await site.lintel("log", "verify", ...siteKey)).out, /^NOT INTACT[\s\S]*other-reader/);
	});

	it("takes the key from standard input, also where it is needed twice", async () => {
		await plug();
		const args = ["commission", site.file("door.json"), "--site-key", "-", "--port", site.reader.path];
		const key = readFileSync(site.file("key.json"), "utf8");
		for (const text of ["door FRONT of site ACME", "commissioned already"]) {
			const { code, out, err } = await site.run(args, key);
			assert.equal(code, 0, err);
			assert.include(out, text);
			assert.notInclude(out + err, SEED);
		}
		const { code, err } = await site.run(args, `{"seed": "${SEED}"`);
		assert.equal(code, EXIT.input);
		assert.notInclude(err, SEED);
	});

	it("tells apart: done already, another key's, another configuration's, another door's", async () => {
		await plug();
		await commission();
		const other = await site.lintel(
			"commission",
			site.file("door.json"),
			"--site-key",
			site.file("other.json"),
		);
		assert.equal(other.code, EXIT.refused);
		assert.match(other.err, /another site with the name ACME[^\n]*nothing was proved/);
		site.write("door.json", { id: "FRONT", door: { strikeTime: 8 } });
		const changed = await commission();
		assert.equal(changed.code, EXIT.different);
		assert.match(changed.err, /strikeTime: 7 -> 8.*\n.*lintel apply/);
		site.write("door.json", { id: "BACK" });
		const door = await commission();
		assert.equal(door.code, EXIT.refused);
		assert.match(door.err, /door FRONT of site ACME/);
		assert.equal(site.reader.store.config?.door.strikeTime, 7);
	});

	it("gives its authority back after a command that failed", async () => {
		await plug();
		await commission();
		site.write("door.json", { id: "BACK" });
		const seen = site.requests();
		const { code } = await commission();
		assert.equal(code, EXIT.refused);
		assert.deepEqual(seen, ["info", "challenge", "prove", "leave"]);
	});

	it("signs no key that was put in on its way from a new reader", async () => {
		const thief = new NodeCrypto().ed25519KeyPair(new Uint8Array(32).fill(5));
		await plug({
			instead: (bytes) => {
				const frame = parseFrame(bytes.slice());
				if (typeof frame === "string") return bytes;
				const value = decodeValue(frame.payload) as { keys?: { publicKey: Uint8Array }[] };
				if (value?.keys?.[0] === undefined) return bytes;
				value.keys[0].publicKey = thief.publicKey;
				return encodeFrame({ ...frame, payload: encodeValue(value as unknown as CborMap) });
			},
		});
		const { code, err } = await commission();
		assert.equal(code, EXIT.refused);
		assert.match(err, /another key than the one that it has proved/);
		assert.isUndefined(site.reader.store.membership);
	});

	it("proves nothing to the reader of another door than the file or --door says", async () => {
		await plug();
		await commission();
		site.write("door.json", { id: "BACK" });
		const key = ["--site-key", site.file("key.json")];
		for (const args of [
			["apply", site.file("door.json"), ...key],
			["apply", site.file("door.json"), "--dry-run", ...key],
			["test", "relay", "--door", "BACK", ...key],
			["reset", "--yes", "--door", "BACK", ...key],
		]) {
			const seen = site.requests();
			const { code, err } = await site.lintel(...args);
			assert.equal(code, EXIT.refused, err);
			assert.match(err, /this is the reader of door FRONT, not of BACK; nothing was proved to it/);
			assert.deepEqual(seen, ["info", "challenge"]);
		}
		const own = await site.lintel("test", "relay", "--door", "FRONT", ...key);
		assert.equal(own.code, 0, own.err);
	});

	it("says which tests there are", async () => {
		await plug();
		const { code, err } = await site.lintel("test", "nonsense");
		assert.equal(code, EXIT.usage);
		assert.match(
			err,
			/no test "nonsense"\s+Tests: relay, door, rex, tamper, fire, lockdown, nfc, ble, scanner, all/,
		);
	});

	it("sends whoever finds a damaged reader to its button", async () => {
		const { reader } = await plug();
		await commission();
		const { flash } = reader.self;
		for (const half of [0, flash.size / 2]) flash.bytes[half + 60]! ^= 1;
		reader.store.open();
		assert.match((await site.lintel("readers")).out, /damaged/);
		const { code, err } = await commission();
		assert.equal(code, EXIT.refused);
		assert.match(err, /button at power-up/);
	});

	it("tells to update an older reader that speaks no common version", async () => {
		await plug({ versions: [0, 0] });
		const { code, err } = await site.lintel("show");
		assert.equal(code, EXIT.version);
		assert.match(err, /versions 0 to 0.*1 to 3/);
		assert.match(err, /update its firmware/);
	});

	it("lets a second lintel at the same port know, and the first one go on", async () => {
		await plug();
		const asked = watched();
		const first = new Lintel(["watch", "--port", site.reader.path]);
		await asked;
		const second = await site.lintel("show", "--json");
		assert.equal(second.code, EXIT["no-reader"]);
		assert.equal(JSON.parse(second.out).error.reason, "port-busy");
		first.interrupt();
		assert.equal((await first.ended).code, 0);
	});

	for (const when of ["before the reader has it", "before the reply is out"])
		it(`unplugged during apply ${when}: says so, and the same command finishes`, async () => {
			const { reader } = await plug();
			await commission();
			site.write("door.json", { id: "FRONT", door: { strikeTime: 9 } });
			const apply = () => site.lintel("apply", site.file("door.json"), "--site-key", site.file("key.json"));
			let cut = false;
			const feed = reader.provisioning.feed;
			site.requests((name) => {
				if (name !== "apply" || cut) return;
				cut = true;
				if (when.startsWith("before the reader")) {
					// Half a frame is all that comes.
					feed.call(reader.provisioning, Uint8Array.of(0xf5, 0x4c, 1, 0));
					reader.unplug();
					throw new Error("unplugged");
				}
				reader.unplug();
			});
			const hooked = reader.provisioning.feed;
			reader.provisioning.feed = (bytes) => {
				try {
					hooked(bytes);
				} catch (error) {
					if ((error as Error).message !== "unplugged") throw error;
				}
			};
			const first = await apply();
			assert.equal(first.code, EXIT.unplugged, first.err);
			assert.match(first.err, /same command/);
			const time = reader.store.config?.door.strikeTime;
			assert.equal(time, when.startsWith("before the reader") ? 7 : 9, "old or new, whole");
			await reader.plug();
			reader.time.run(1000);
			const second = await apply();
			assert.equal(second.code, 0, second.err);
			assert.equal(reader.store.config?.door.strikeTime, 9);
		});

	it("shows progress on a terminal only", async () => {
		await plug();
		const args = ["test", "all", "--port", site.reader.path];
		const piped = await site.run(args);
		assert.notInclude(piped.err, "[");
		const { err } = await new Lintel(args, { columns: 80 }).ended;
		// Without a site: relay, door, exit and NFC, as a door without configuration has them.
		assert.match(err, /test \[#{10}\.{10}\] 2\/4/);
		assert.match(err, /test \[#{20}\] 4\/4/);
	});
});
