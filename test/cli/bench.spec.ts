// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from "node:fs";
import { assert } from "chai";
import { plain } from "../../cli/output.js";
import { type CborMap, type CborValue, decodeValue, encodeValue } from "../../protocol/cbor/value.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { encodeFrame, KIND } from "../../protocol/provisioning/frame.js";
import { CableSession } from "../../protocol/provisioning/session.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { ConfigStore } from "../../src/config/store.js";
import type { Ended } from "./lintel.js";
import { Installation, plugIn } from "./terminal.js";

/** Lets `change` at the payload of each request before the reader gets it: what another version of lintel would send. */
function rewriteRequests(site: Installation, change: (request: CborValue[]) => void): void {
	const { provisioning } = site.reader;
	const feed = provisioning.feed.bind(provisioning);
	const splitter = new FrameDemux({
		onFrame: ({ client, number, payload, seal, version }) => {
			const request = decodeValue(payload) as CborValue[];
			change(request);
			const frame = { version, kind: KIND.request, client, number, payload: encodeValue(request) };
			feed(encodeFrame(frame, seal && { seal: () => seal }));
		},
	});
	provisioning.feed = (bytes) => splitter.feed(bytes);
}

describe("lintel apply --all", () => {
	let sites: Installation[];

	plugIn(3, (made) => {
		sites = made;
	});

	function bench(...more: string[]): Promise<Ended> {
		const first = sites[0]!;
		const readers = sites.map(({ reader }, n) => {
			first.write(`door-${n}.json`, { id: `D${n}`, door: { strikeTime: 5 + n } });
			return { port: reader.path, configuration: `door-${n}.json` };
		});
		first.write("bench.json", { readers });
		return first.run(["apply", first.file("bench.json"), "--all", ...more]);
	}

	const list = (): string[] => readFileSync(sites[0]!.file("bench.json.done"), "utf8").trim().split("\n");

	it("goes on with the others when one is unplugged, and the same command again does that one alone", async () => {
		const [, second] = sites as [Installation, Installation, Installation];
		const { provisioning } = second.reader;
		const feed = provisioning.feed.bind(provisioning);
		provisioning.feed = (bytes) => {
			if (Buffer.from(bytes).includes("apply")) second.reader.unplug();
			else feed(bytes);
		};
		const { path } = second.reader;
		const first = await bench();
		assert.equal(first.code, EXIT.partial, first.err);
		assert.match(
			first.out,
			new RegExp(`applied[\\s\\S]*${path}: the reader at .* was unplugged[\\s\\S]*applied`),
		);
		assert.match(first.err, /one reader is not done[\s\S]*same command again/);
		assert.lengthOf(list(), 2);
		second.powerCycle();
		await second.reader.plug();
		const again = await bench();
		assert.equal(again.code, 0, again.err);
		assert.deepEqual(
			again.out
				.trim()
				.split("\n")
				.map((line) => line.split(": ")[1]),
			["done already", "applied", "done already"],
		);
		assert.deepEqual(
			sites.map(({ reader }) => reader.store.config?.door.strikeTime),
			[5, 6, 7],
		);
		assert.deepEqual(
			list().map((line) => line.split(" ")[0]),
			["D0", "D2", "D1"],
		);
	});

	it("only says what it would do where it is tried dry, and does it after, once", async () => {
		const ends = (out: string): (string | undefined)[] =>
			out
				.trim()
				.split("\n")
				.filter((line) => !line.startsWith("  "))
				.map((line) => line.split(": ")[1]);
		const dry = await bench("--dry-run");
		assert.equal(dry.code, 0, dry.err);
		for (const n of [0, 1, 2]) assert.include(dry.out, `would change\n  id: (none) -> D${n}\n`);
		assert.deepEqual(ends(dry.out), Array(3).fill("would change"));
		assert.isFalse(existsSync(sites[0]!.file("bench.json.done")));
		for (const { reader } of sites) assert.isUndefined(reader.store.config);
		assert.deepEqual(ends((await bench()).out), Array(3).fill("applied"));
		const seen = sites.map((site) => site.requests());
		assert.deepEqual(ends((await bench()).out), Array(3).fill("done already"));
		for (const requests of seen) assert.notInclude(requests, "apply");
		assert.lengthOf(list(), 3);
	});

	it("touches no reader where the list has a mistake", async () => {
		const [first] = sites as [Installation];
		const seen = first.requests();
		for (const wrong of [
			{ prt: "/dev/ttyUSB0" },
			{ port: "", configuration: "door.json" },
			null,
			"/dev/ttyUSB0",
		]) {
			const right = { port: first.reader.path, configuration: "door.json" };
			first.write("bench.json", { readers: [right, wrong] });
			const { code, err } = await first.run(["apply", first.file("bench.json"), "--all"]);
			assert.equal(code, EXIT.input);
			assert.match(err, /readers\[1\]/);
		}
		assert.deepEqual(seen, []);
	});
});

describe("lintel and a reader of another age", () => {
	let site: Installation;

	plugIn(1, ([made]) => {
		site = made!;
	});

	const lintel = (...words: string[]): Promise<Ended> =>
		site.lintel(...words, site.file("door.json"), "--site-key", site.file("key.json"));

	// What is of another age seals what it sends; here it is changed behind its seal.
	const { sealed } = CableSession.prototype;

	before(() => {
		CableSession.prototype.sealed = () => true;
	});

	after(() => {
		CableSession.prototype.sealed = sealed;
	});

	it("an older reader refuses a setting that it does not know, whole, and lintel says whose age it is", async () => {
		await lintel("commission");
		site.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: 9 } });
		rewriteRequests(site, ([name, parameters]) => {
			if (name !== "apply") return;
			const { configuration } = parameters as { configuration: Record<string, CborValue> };
			configuration.greeting = "hello";
		});
		const { code, err } = await lintel("apply");
		assert.equal(code, EXIT.refused);
		assert.match(
			err,
			/greeting is not a setting[\s\S]*firmware is older than this setting[\s\S]*Nothing was changed/,
		);
		assert.equal(site.reader.store.config?.door.strikeTime, 7);
	});

	describe("that lacks a setting", () => {
		let older: Installation;
		const at = (...words: string[]): Promise<Ended> =>
			older.lintel(...words, older.file("door.json"), "--site-key", older.file("key.json"));

		// Its firmware knows no `sounds` of a door: refuses it by name, and has none in its configuration.
		beforeEach(async () => {
			older = new Installation({
				instead: (bytes) => {
					let instead = bytes;
					const splitter = new FrameDemux({
						onFrame: ({ payload, seal, ...head }) => {
							const text = JSON.stringify(plain(decodeValue(payload)));
							if (!/sounds|zounds/.test(text)) return;
							const value = decodeValue(payload) as Record<string, CborValue>;
							const { door, problems } = value as { door?: Record<string, CborValue>; problems?: CborMap[] };
							if (door !== undefined) delete door.sounds;
							if (problems !== undefined)
								value.problems = problems.map((one) => ({ ...one, field: "door.sounds" }));
							const frame = { ...head, payload: encodeValue(value) };
							instead = encodeFrame(frame, seal && { seal: () => seal });
						},
					});
					splitter.feed(bytes);
					return instead;
				},
			});
			await older.reader.plug();
			rewriteRequests(older, ([, parameters]) => {
				const { configuration } = (parameters ?? {}) as {
					configuration?: { door?: Record<string, CborValue> };
				};
				const { door } = configuration ?? {};
				if (door?.sounds === undefined) return;
				door.zounds = door.sounds;
				delete door.sounds;
			});
		});

		afterEach(() => older.end());

		it("is commissioned, changed and verified by a newer lintel, which leaves that out at its default", async () => {
			const made = await at("commission");
			assert.equal(made.code, 0, made.err);
			assert.include((await at("commission")).out, "commissioned already");
			older.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: 9, sounds: "all" } });
			const applied = await at("apply");
			assert.equal(applied.code, 0, applied.err);
			assert.equal(applied.out, "door.strikeTime: 7 -> 9\napplied\n");
			assert.equal((await at("apply")).out, "nothing to change\n");
			assert.equal((await at("verify")).code, 0);
			assert.equal(older.reader.store.config?.door.strikeTime, 9);
		});

		it("refuses what a file asks of it that it cannot do, and is left as it was", async () => {
			older.write("door.json", { id: "FRONT", door: { strikeTime: 7, sounds: "none" } });
			const made = await at("commission");
			assert.equal(made.code, EXIT.refused);
			assert.match(made.err, /door.sounds[\s\S]*firmware is older than this setting/);
			assert.isUndefined(older.reader.store.membership);
			older.write("door.json", { id: "FRONT", door: { strikeTime: 7 } });
			assert.equal((await at("commission")).code, 0);
			older.write("door.json", { id: "FRONT", door: { strikeTime: 9, sounds: "none" } });
			const { code, err } = await at("apply");
			assert.equal(code, EXIT.refused);
			assert.match(err, /firmware is older than this setting/);
			assert.equal(older.reader.store.config?.door.strikeTime, 7);
			assert.equal((await at("verify")).code, EXIT.different);
		});
	});

	it("a reader whose time is none is not set", async () => {
		const { facade } = site.reader;
		for (const time of [2 ** 52, 2 ** 32, -1, "noon", null]) {
			facade.state = () => ({ time: time as number, trust: "synced" });
			const { code, out } = await site.lintel("time", "show");
			assert.equal(code, 0);
			assert.match(out, /not set/);
		}
	});

	it("an older lintel takes no setting of a newer reader away, and says that it does not know it", async () => {
		await lintel("commission");
		const { store } = site.reader;
		const own = Object.getOwnPropertyDescriptor(ConfigStore.prototype, "config")!;
		const greeting = { text: "hello" };
		Object.defineProperty(store, "config", {
			get: () => {
				const config = own.get!.call(store) as unknown as CborMap;
				return { ...config, greeting, door: { ...(config.door as CborMap), closer: 3 } };
			},
		});
		const sent: CborValue[] = [];
		rewriteRequests(site, ([name, parameters]) => {
			if (name !== "apply") return;
			const { configuration } = parameters as { configuration: Record<string, CborValue> };
			const { door } = configuration as { door: Record<string, CborValue> };
			sent.push(configuration.greeting!, door.closer!);
			delete configuration.greeting;
			delete door.closer;
		});
		site.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: 9 } });
		const applied = await lintel("apply");
		assert.equal(applied.code, 0, applied.err);
		assert.equal(applied.out, "door.strikeTime: 7 -> 9\napplied\n");
		assert.match(applied.err, /newer than this lintel; its door.closer, greeting stays as it is/);
		assert.deepEqual(sent, [greeting, 3]);
		assert.equal((await lintel("apply")).out, "nothing to change\n");
		const verified = await lintel("verify");
		assert.equal(verified.code, 0);
		assert.match(verified.err, /door.closer, greeting/);
	});

	it("pauses after wrong keys, says for how long, and logs each that was heard", async () => {
		await lintel("commission");
		const { recorded } = site.reader.facade;
		recorded.length = 0;
		const { feed } = site.reader.provisioning;
		// What is in the cable spoils the proof.
		rewriteRequests(site, ([name, parameters]) => {
			if (name === "prove") ((parameters as CborMap).signature as Uint8Array)[0]! ^= 1;
		});
		const wrong = (): Promise<Ended> => lintel("verify");
		for (let i = 0; i < 3; i++) assert.match((await wrong()).err, /may not work on this reader/);
		const { code, err } = await wrong();
		assert.equal(code, EXIT.refused);
		assert.match(err, /too many wrong proofs \(for 1 s\)[\s\S]*Wait/);
		assert.deepEqual(
			recorded.map(({ event, detail }) => [event, detail]),
			Array(3).fill(["service", 0]),
		);
		site.reader.provisioning.feed = feed;
		site.reader.time.run(1000);
		assert.equal((await lintel("verify")).code, 0);
	});
});
