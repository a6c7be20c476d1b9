import { closeSync, constants, openSync, writeSync } from "node:fs";
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import type { XsEngine } from "../../../sim/engine/xs.js";
import { SeededRandom } from "../../../sim/random.js";
import { ConfigStore } from "../../../src/config/store.js";
import { encodeFrame, KIND } from "../../../src/provisioning/frame.js";
import { Splitter } from "../../../src/provisioning/splitter.js";
import { encodeValue } from "../../../src/provisioning/value.js";
import { EXIT } from "../../../tools/lintel/failure.js";
import { engineFor } from "../../sim/installed.js";
import { DeviceReader, type Ended, hasTerminals, Installation } from "./terminal.js";

const OLD = 7;
const NEW = 9;

type Reader = Pick<DeviceReader, "path" | "flash" | "plug" | "unplug" | "onSent"> & {
	readonly provisioning: { feed: (bytes: Uint8Array) => void };
};

interface Cut {
	done: boolean;
	/** The terminal goes a moment after the reply, which is still on its way through it. */
	pending: NodeJS.Timeout | undefined;
}

/** Unplugs `reader` behind frame number `at` of both directions, counted from now. It hears nothing after it. */
function unplugAfter(reader: Reader, at: number): Cut {
	const cut: Cut = { done: false, pending: undefined };
	let frames = 0;
	const splitter = new Splitter({
		onFrame: () => {
			if (++frames !== at) return;
			// The request is in; its reply never leaves.
			cut.done = true;
			reader.unplug();
		},
	});
	const { provisioning } = reader;
	const feed = provisioning.feed;
	provisioning.feed = (bytes) => {
		if (cut.done) return;
		splitter.feed(bytes);
		feed.call(provisioning, bytes);
	};
	reader.onSent = () => {
		if (cut.done || ++frames !== at) return;
		cut.done = true;
		cut.pending = setTimeout(() => reader.unplug(), 60);
	};
	return cut;
}

/** What another life of the firmware would find: nothing, or a door with its trust and its old or new time. */
function kept({ flash }: Reader): number | undefined {
	const store = new ConfigStore(flash, new NodeCrypto(), new SeededRandom(1));
	store.open();
	assert.isFalse(store.damaged);
	assert.equal(
		store.membership === undefined,
		store.config === undefined,
		"trust and configuration go together",
	);
	return store.config?.door.strikeTime;
}

/** Behind each frame (LINTEL_LONG=1, some minutes), or every fifth. */
const STEP = process.env.LINTEL_LONG ? 1 : 5;

/** Where the firmware is, the frames of an undisturbed commission and apply, and every how many one is cut. */
const FIRMWARES = [
	// Four requests and six, each with its reply. The device itself starts again after both and is asked once more.
	{ name: "the device's end alone", frames: 20, step: 1 },
	{ name: "a whole device on Node", frames: 24, step: STEP },
	{ name: "a whole device on XS", frames: 24, step: STEP },
];

describe("lintel, unplugged", function () {
	this.timeout(300_000);
	const ends: (() => void)[] = [];

	before(function () {
		if (!hasTerminals()) this.skip();
	});

	afterEach(() => {
		for (const end of ends.splice(0)) end();
	});

	function installation(): Installation {
		const site = new Installation();
		ends.push(() => site.end());
		return site;
	}

	/** A reader, and a way to its next life on the same flash. */
	function readerFor(name: string, site: Installation, engine?: XsEngine): () => Reader {
		if (name === "the device's end alone") {
			return () => {
				site.powerCycle();
				return site.reader;
			};
		}
		const reader = new DeviceReader(engine);
		const { provisioning } = reader;
		const { feed } = provisioning;
		ends.push(() => reader.unplug());
		return () => {
			provisioning.feed = feed;
			reader.onSent = undefined;
			reader.powerCycle();
			return reader;
		};
	}

	/** Commissions and changes a reader that is unplugged behind frame `at`; how many commands that took. */
	async function install(at: number, frames: number, name: string, engine?: XsEngine): Promise<number> {
		const site = installation();
		const next = readerFor(name, site, engine);
		let reader = next();
		await reader.plug();
		const cut = unplugAfter(reader, at);
		let count = 0;
		const key = ["--key", site.file("key.json")];

		/** The same command until it is done. */
		const insist = async (...args: string[]): Promise<void> => {
			const before = cut.done;
			const first = await site.at(reader.path, ...args, ...key);
			count++;
			clearTimeout(cut.pending);
			if (before === cut.done) {
				assert.equal(first.code, 0, first.err);
				return;
			}
			reader.unplug();
			// Behind the last reply the command has ended well.
			if (first.code !== 0) {
				assert.equal(first.code, EXIT.unplugged, first.err);
				assert.match(first.err, /the same command/);
			}
			assert.include([undefined, OLD, NEW], kept(reader));
			reader = next();
			await reader.plug();
			const second = await site.at(reader.path, ...args, ...key);
			assert.equal(second.code, 0, second.err);
			if (first.code !== 0) count++;
		};

		await insist("commission", site.file("door.json"));
		assert.equal(kept(reader), OLD);
		site.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: NEW } });
		await insist("apply", site.file("door.json"));
		assert.equal(kept(reader), NEW);
		assert.equal(cut.done, at <= frames, `a cut behind frame ${at}`);
		reader.unplug();
		return count;
	}

	for (const { frames, name, step } of FIRMWARES)
		it(`${name}, behind any frame of commission and apply: says so, keeps old or new, and the same command finishes`, async function () {
			let twice = 0;
			let tried = 0;
			const engine = name.endsWith("XS") ? engineFor(this) : undefined;
			try {
				// Two at a time where they can be: most of the time goes into starting programs.
				const width = engine === undefined ? 2 : 1;
				const cuts = Array.from({ length: Math.ceil((frames + 1) / step) }, (_, n) => 1 + n * step);
				for (let n = 0; n < cuts.length; n += width) {
					const now = cuts.slice(n, n + width);
					const counts = await Promise.all(now.map((at) => install(at, frames, name, engine)));
					twice += counts.filter((count) => count > 2).length;
					tried += now.length;
				}
			} finally {
				engine?.close();
			}
			// Not behind the last replies of a command, nor what is asked after it is done, nor without a cut.
			assert.isAtLeast(twice, tried - (step === 1 ? frames - 12 : 3));
		});

	it("with a second program that writes to the same port, with noise and halves of frames: goes on", async () => {
		const site = installation();
		await site.reader.plug();
		const random = new SeededRandom(5);
		const rogue = openSync(site.reader.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
		let number = 0;
		const noise = setInterval(() => {
			const client = random.bytes(8);
			const payload = encodeValue([random.below(2) === 0 ? "info" : "state"]);
			const frame = encodeFrame({ version: 1, kind: KIND.request, client, number: ++number, payload });
			const half = random.below(2) === 0;
			writeSync(rogue, half ? frame.subarray(0, random.below(frame.length)) : frame);
			writeSync(rogue, Buffer.from(`I (${number}) boot: \xf5 noise\r\n`, "latin1"));
		}, 10);
		try {
			const key = ["--key", site.file("key.json")];
			const lintel = (...args: string[]): Promise<Ended> => site.lintel(...args, ...key);
			const first = await lintel("commission", site.file("door.json"));
			assert.equal(first.code, 0, first.err);
			site.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: NEW } });
			const second = await lintel("apply", site.file("door.json"));
			assert.equal(second.code, 0, second.err);
			assert.equal(kept(site.reader), NEW);
			assert.isAbove(number, 20);
		} finally {
			clearInterval(noise);
			closeSync(rogue);
		}
	});
});
