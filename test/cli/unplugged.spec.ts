// SPDX-License-Identifier: Apache-2.0

import { closeSync, constants, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { type CborValue, decodeValue, encodeValue } from "../../protocol/cbor/value.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { encodeFrame, KIND, type ProvisioningFrame, VERSION } from "../../protocol/provisioning/frame.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { SeededRandom } from "../../sim/random.js";
import type { SelfContents } from "../../sim/self.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { engineFor, needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { type Ended, Lintel } from "./lintel.js";
import { DeviceReader, Installation } from "./terminal.js";

const OLD = 7;
const NEW = 9;

type Reader = Pick<DeviceReader, "path" | "self" | "plug" | "unplug" | "onSent"> & {
	readonly provisioning: { feed: (bytes: Uint8Array) => void };
};

/** What went over the cable last, how the command ends when the cable goes then, and the strike time in the flash. */
type Row = readonly [last: string, ends: "unplugged" | "done", holds: number | undefined];

/** Asked once a device has started again by itself; not where the device's end is alone. */
const RESTARTED = "info, started again";

interface Job {
	readonly command: "commission" | "apply";
	readonly before: number | undefined;
	readonly after: number;
	/** Each frame of a run that nobody disturbs, in order. */
	readonly rows: readonly Row[];
}

/**
 * A command is done when it has the reply to the request that changes the reader: what it asks afterwards is courtesy.
 * Before that it says that the reader was unplugged, also where the reader has made the change and could not say so.
 */
const COMMISSION: Job = {
	command: "commission",
	before: undefined,
	after: OLD,
	rows: [
		["nothing", "unplugged", undefined],
		["info", "unplugged", undefined],
		["reply to info", "unplugged", undefined],
		["challenge", "unplugged", undefined],
		["reply to challenge", "unplugged", undefined],
		["state", "unplugged", undefined],
		["reply to state", "unplugged", undefined],
		["time", "unplugged", undefined],
		["reply to time", "unplugged", undefined],
		["begin", "unplugged", undefined],
		["reply to begin", "unplugged", undefined],
		["challenge", "unplugged", undefined],
		["reply to challenge", "unplugged", undefined],
		["trust", "unplugged", undefined],
		["reply to trust", "unplugged", undefined],
		["finish", "unplugged", OLD],
		["reply to finish", "done", OLD],
		[RESTARTED, "done", OLD],
		[`reply to ${RESTARTED}`, "done", OLD],
	],
};

const APPLY: Job = {
	command: "apply",
	before: OLD,
	after: NEW,
	rows: [
		["nothing", "unplugged", OLD],
		["info", "unplugged", OLD],
		["reply to info", "unplugged", OLD],
		["challenge", "unplugged", OLD],
		["reply to challenge", "unplugged", OLD],
		["prove", "unplugged", OLD],
		["reply to prove", "unplugged", OLD],
		["configuration", "unplugged", OLD],
		["reply to configuration", "unplugged", OLD],
		["apply", "unplugged", NEW],
		["reply to apply", "done", NEW],
		[RESTARTED, "done", NEW],
		[`reply to ${RESTARTED}`, "done", NEW],
		["leave", "done", NEW],
		["reply to leave", "done", NEW],
	],
};

/**
 * The cable of `reader`, which goes behind frame number `at`. A request is the last that the reader hears, and its reply
 * never leaves. After a reply the reader is deaf, and the terminal goes when `lintel` shows that it has that reply: by
 * its next request or by what it prints. So no clock decides what arrives.
 */
class Cable {
	/** What went over it, repeats left out: a busy computer may make `lintel` repeat itself. */
	readonly frames: string[] = [];
	/** `lintel` had more to ask. */
	asked = false;
	readonly #reader: Reader;
	readonly #at: number;
	#plugged = true;
	#seen = "";
	#replied = true;

	constructor(reader: Reader, at: number) {
		this.#reader = reader;
		this.#at = at;
		const { provisioning } = reader;
		const feed = provisioning.feed.bind(provisioning);
		const splitter = new FrameDemux({ onFrame: (frame) => this.#request(frame) });
		provisioning.feed = (bytes) => {
			const deaf = this.#cut;
			splitter.feed(bytes);
			if (deaf) return;
			if (this.#cut) this.loose();
			feed(bytes);
		};
		reader.onSent = () => this.#reply();
	}

	get #cut(): boolean {
		return this.frames.length === this.#at;
	}

	/** Where it is cut, the terminal goes now. */
	loose(): void {
		if (!this.#cut || !this.#plugged) return;
		this.#plugged = false;
		this.#reader.unplug();
	}

	#request({ client, number, payload }: ProvisioningFrame): void {
		const which = `${toHex(client)} ${number}`;
		// A repeat does not show that `lintel` has the reply.
		if (which === this.#seen) return;
		this.#seen = which;
		if (this.#cut) {
			this.asked = true;
			this.loose();
			return;
		}
		this.#replied = false;
		const name = String((decodeValue(payload) as readonly CborValue[])[0]);
		this.frames.push(name === "info" && this.frames.length > 0 ? RESTARTED : name);
	}

	#reply(): void {
		if (this.#replied || this.#cut) return;
		this.#replied = true;
		this.frames.push(`reply to ${this.frames.at(-1)}`);
	}
}

/** What another life of the firmware would find: nothing, or a door with its trust and its old or new time. */
function kept({ self }: Reader): number | undefined {
	const store = self.open(new NodeCrypto(), new SeededRandom(1));
	assert.isFalse(store.damaged);
	assert.equal(
		store.membership === undefined,
		store.config === undefined,
		"trust and configuration go together",
	);
	return store.config?.door.strikeTime;
}

interface Firmware {
	readonly name: string;
	/** A whole device, which starts again by itself when it is changed; else its provisioning alone. */
	readonly whole: boolean;
	readonly xs?: boolean;
}

const FIRMWARES: readonly Firmware[] = [
	{ name: "the device's end alone", whole: false },
	{ name: "a whole device on Node", whole: true },
	{ name: "a whole device on XS", whole: true, xs: true },
];

/** As many at once: each waits for its reader, and on XS for engines that are programs of their own. */
const WIDTH = { Node: 8, XS: 3 };

describe("lintel, unplugged", () => {
	const ends: (() => void)[] = [];
	/** What a commissioned reader keeps. */
	let flash: SelfContents;

	before(async function () {
		needs(this, { socat: "socat" });
		const site = new Installation();
		try {
			await site.reader.plug();
			const key = ["--site-key", site.file("key.json")];
			const { code, err } = await site.lintel("commission", site.file("door.json"), ...key);
			assert.equal(code, 0, err);
			flash = site.reader.self.snapshot();
		} finally {
			site.end();
		}
	});

	afterEach(() => {
		for (const end of ends.splice(0)) end();
	});

	function installation(contents?: SelfContents): Installation {
		const site = new Installation(contents && { contents });
		ends.push(() => site.end());
		return site;
	}

	/** A reader with that in its flash, and the way to its next life. */
	function readerFor(
		site: Installation,
		{ whole }: Firmware,
		contents: SelfContents | undefined,
		engine: XsEngine | undefined,
	): { reader: Reader; next: () => Reader } {
		if (!whole)
			return {
				reader: site.reader,
				next: () => {
					site.powerCycle();
					return site.reader;
				},
			};
		const reader = new DeviceReader(engine, contents);
		ends.push(() => reader.unplug());
		const { provisioning } = reader;
		const { feed } = provisioning;
		return {
			reader,
			next: () => {
				provisioning.feed = feed;
				reader.onSent = undefined;
				reader.powerCycle();
				return reader;
			},
		};
	}

	/** One command, unplugged behind frame number `at` of its rows, and the same command again where it was not done. */
	async function cutBehind(
		at: number,
		job: Job,
		rows: readonly Row[],
		firmware: Firmware,
		contents: SelfContents | undefined,
		engine: XsEngine | undefined,
	): Promise<void> {
		const [last, expected, holds] = rows[at]!;
		const label = `${firmware.name}, ${job.command}, cut behind: ${last}`;
		const site = installation(contents);
		site.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: job.after } });
		const args = [job.command, site.file("door.json"), "--site-key", site.file("key.json")];
		const { reader, next } = readerFor(site, firmware, contents, engine);
		await reader.plug();
		const cable = new Cable(reader, at);
		const { ended } = new Lintel([...args, "--port", reader.path], { said: () => cable.loose() });
		const first = await ended;
		reader.unplug();
		assert.deepEqual(
			cable.frames,
			rows.slice(1, at + 1).map(([name]) => name),
			`${label}: ${first.err}`,
		);
		if (at === rows.length - 1) assert.isFalse(cable.asked, `${label}: nothing comes after it`);
		if (expected === "done") assert.equal(first.code, 0, `${label}: ${first.err}`);
		else {
			assert.equal(first.code, EXIT.unplugged, `${label}: ${first.err}`);
			assert.match(first.err, /unplugged[\s\S]*the same command/, label);
			assert.equal(first.out, "", label);
		}
		const again = next();
		assert.equal(kept(again), holds, label);
		if (expected === "done") return;
		await again.plug();
		const second = await site.at(again.path, ...args, "--json");
		again.unplug();
		assert.equal(second.code, 0, `${label}, again: ${second.err}`);
		assert.equal(JSON.parse(second.out).changed, holds === job.before, label);
		assert.equal(kept(again), job.after, label);
	}

	for (const firmware of FIRMWARES)
		for (const job of [COMMISSION, APPLY])
			it(`${firmware.name}, ${job.command}, behind each frame: done or unplugged, old or new, and the same command finishes`, async function () {
				const rows = job.rows.filter(([name]) => firmware.whole || !name.endsWith(RESTARTED));
				const contents = job.before === undefined ? undefined : flash;
				const waiting = rows.map((_, at) => at);
				const work = async (engine: XsEngine | undefined): Promise<void> => {
					try {
						for (let at = waiting.shift(); at !== undefined; at = waiting.shift())
							await cutBehind(at, job, rows, firmware, contents, engine);
					} finally {
						engine?.close();
					}
				};
				const workers = Array.from({ length: WIDTH[firmware.xs ? "XS" : "Node"] }, () =>
					work(firmware.xs ? engineFor(this) : undefined),
				);
				for (const result of await Promise.allSettled(workers))
					if (result.status === "rejected") throw result.reason;
			});

	it("a whole device on Node, install-plan, behind each frame: no plan or all of it, and the same command finishes", async () => {
		const files = installation();
		const doors = readFileSync(join(root, "examples/plan.json"), "utf8").replaceAll('"front"', '"FRONT"');
		writeFileSync(files.file("plan.json"), doors);
		const key = ["--site-key", files.file("key.json")];
		const compile = ["plan", "compile", files.file("plan.json"), "--door", "FRONT", "--plan-version", "3"];
		const compiled = await files.run([...compile, "--out", files.file("front.plan"), ...key]);
		assert.equal(compiled.code, 0, compiled.err);
		const install = ["install-plan", files.file("front.plan"), ...key, "--json"];

		/** Unplugged behind frame number `at`, or never; what went over the cable. */
		const run = async (at: number, done: boolean): Promise<readonly string[]> => {
			const reader = new DeviceReader(undefined, flash);
			ends.push(() => reader.unplug());
			const { feed } = reader.provisioning;
			await reader.plug();
			const cable = new Cable(reader, at);
			const { ended } = new Lintel([...install, "--port", reader.path], { said: () => cable.loose() });
			const first = await ended;
			reader.unplug();
			const label = `cut behind ${cable.frames.at(-1)}: ${first.err}${first.out}`;
			assert.equal(first.code, done ? 0 : EXIT.unplugged, label);
			reader.provisioning.feed = feed;
			reader.onSent = undefined;
			reader.powerCycle();
			const version = reader.world.device!.door!.access.plan.version;
			assert.include(done ? [3] : [0, 3], version, label);
			if (done) return cable.frames;
			await reader.plug();
			const second = await files.at(reader.path, ...install);
			assert.equal(second.code, 0, `${label}, again: ${second.out}`);
			assert.deepEqual(JSON.parse(second.out), {
				installed: true,
				changed: version === 0,
				epoch: 1,
				version: 3,
				credentials: 4,
			});
			reader.unplug();
			return cable.frames;
		};

		const whole = await run(Number.POSITIVE_INFINITY, true);
		assert.includeMembers([...whole], ["plan-begin", "plan-write", "plan-commit", "reply to plan-commit"]);
		const last = whole.lastIndexOf("reply to plan-commit");
		const waiting = [...whole.keys()];
		const work = async (): Promise<void> => {
			for (let at = waiting.shift(); at !== undefined; at = waiting.shift())
				assert.deepEqual(await run(at, at > last), whole.slice(0, at));
		};
		for (const result of await Promise.allSettled(Array.from({ length: WIDTH.Node }, work)))
			if (result.status === "rejected") throw result.reason;
	});

	it("with a second program that writes to the same port, with noise and halves of frames: goes on", async () => {
		const site = installation();
		await site.reader.plug();
		const random = new SeededRandom(5);
		const rogue = openSync(site.reader.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
		let number = 0;
		// After each frame that the reader sends, to the other program too.
		site.reader.onSent = () => {
			for (const half of [true, false]) {
				const client = random.bytes(8);
				const payload = encodeValue([random.below(2) === 0 ? "info" : "state"]);
				const frame = encodeFrame({
					version: VERSION,
					kind: KIND.request,
					client,
					number: ++number,
					payload,
				});
				writeSync(rogue, half ? frame.subarray(0, random.below(frame.length)) : frame);
				writeSync(rogue, Buffer.from(`I (${number}) boot: \xf5 noise\r\n`, "latin1"));
			}
		};
		try {
			const key = ["--site-key", site.file("key.json")];
			const lintel = (...args: string[]): Promise<Ended> => site.lintel(...args, ...key);
			const first = await lintel("commission", site.file("door.json"));
			assert.equal(first.code, 0, first.err);
			site.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: NEW } });
			const second = await lintel("apply", site.file("door.json"));
			assert.equal(second.code, 0, second.err);
			assert.equal(kept(site.reader), NEW);
			assert.isAbove(number, 20);
		} finally {
			site.reader.onSent = undefined;
			closeSync(rogue);
		}
	});

	it("with a second program that changes the reader before a repeat: says so, and the relay has moved once", async () => {
		const site = installation();
		const reader = new DeviceReader();
		ends.push(() => reader.unplug());
		await reader.plug();
		const { console: port, door } = reader.world;
		const rogue = new Uint8Array(8).fill(9);
		const payload = encodeValue(["time", { seconds: 1_800_000_000 }]);
		const change = encodeFrame({ version: VERSION, kind: KIND.request, client: rogue, number: 1, payload });
		const tests = new FrameDemux({
			onFrame: (frame) => {
				if ((decodeValue(frame.payload) as readonly CborValue[])[0] === "test") asked++;
			},
		});
		const replies = new FrameDemux({
			onFrame: ({ client }) => {
				// The first reply to the test is lost, and the other one is quicker than the repeat.
				if (asked === 1 && client[0] !== 9) reader.provisioning.feed(change);
				if (client[0] === 9) changed = true;
			},
		});
		let asked = 0;
		let changed = false;
		let moved = 0;
		door.relay.watch(() => {
			if (door.relay.on) moved++;
		});
		const { feed } = reader.provisioning;
		reader.provisioning.feed = (bytes) => {
			tests.feed(bytes);
			feed(bytes);
		};
		const { onHost } = port;
		port.onHost = (...args) => {
			if (asked === 0 || changed) onHost?.(...args);
			else replies.feed(args[0]);
		};
		const lost = await site.at(reader.path, "test", "relay");
		assert.equal(lost.code, EXIT.refused, lost.err);
		assert.match(lost.err, /was done[\s\S]*Another program works on the same cable/);
		assert.isAbove(asked, 1);
		assert.equal(moved, 1);
	});
});
