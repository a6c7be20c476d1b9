import { closeSync, constants, openSync, writeSync } from "node:fs";
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { SeededRandom } from "../../../sim/random.js";
import { ConfigStore } from "../../../src/config/store.js";
import { encodeFrame, KIND } from "../../../src/provisioning/frame.js";
import { Splitter } from "../../../src/provisioning/splitter.js";
import { encodeValue } from "../../../src/provisioning/value.js";
import { EXIT } from "../../../tools/lintel/failure.js";
import { type Ended, hasTerminals, Installation } from "./terminal.js";

const OLD = 7;
const NEW = 9;

/** Frames of an undisturbed commission and apply: four requests and six, each with its reply. */
const FRAMES = 20;

/** Unplugs `site` behind frame number `at` of both directions, counted from now. The reader hears nothing after it. */
function unplugAfter(site: Installation, at: number): { readonly done: boolean } {
	const { reader } = site;
	const state = { done: false };
	let frames = 0;
	const end = (): void => {
		state.done = true;
	};
	const splitter = new Splitter({
		onFrame: () => {
			if (++frames !== at) return;
			// The request is in; its reply never leaves.
			end();
			reader.unplug();
		},
	});
	const { provisioning } = reader;
	const feed = provisioning.feed.bind(provisioning);
	provisioning.feed = (bytes) => {
		if (state.done) return;
		splitter.feed(bytes);
		feed(bytes);
	};
	reader.onSent = () => {
		if (state.done || ++frames !== at) return;
		end();
		// The reply is on its way through the terminal.
		setTimeout(() => reader.unplug(), 60);
	};
	return state;
}

/** What another life of the firmware would find: nothing, or a door with its trust and its old or new time. */
function kept(site: Installation): number | undefined {
	const store = new ConfigStore(site.reader.flash, new NodeCrypto(), new SeededRandom(1));
	store.open();
	assert.isFalse(store.damaged);
	assert.equal(
		store.membership === undefined,
		store.config === undefined,
		"trust and configuration go together",
	);
	return store.config?.door.strikeTime;
}

describe("lintel, unplugged", function () {
	this.timeout(120_000);
	const sites: Installation[] = [];

	before(function () {
		if (!hasTerminals()) this.skip();
	});

	afterEach(() => {
		for (const site of sites.splice(0)) site.end();
	});

	async function plug(): Promise<Installation> {
		const site = new Installation();
		sites.push(site);
		await site.reader.plug();
		return site;
	}

	/** The same command until it is done; how often it was given. */
	async function insist(
		site: Installation,
		cut: { readonly done: boolean },
		...args: string[]
	): Promise<number> {
		const key = ["--key", site.file("key.json")];
		const first = await site.lintel(...args, ...key);
		if (first.code === 0) return 1;
		assert.isTrue(cut.done, `${args[0]}: ${first.err}`);
		assert.equal(first.code, EXIT.unplugged, first.err);
		assert.match(first.err, /the same command/);
		assert.include([undefined, OLD, NEW], kept(site));
		site.powerCycle();
		await site.reader.plug();
		const second = await site.lintel(...args, ...key);
		assert.equal(second.code, 0, second.err);
		return 2;
	}

	/** Commissions and changes a reader that is unplugged behind frame `at`; how many commands that took. */
	async function install(at: number): Promise<number> {
		const site = await plug();
		const cut = unplugAfter(site, at);
		let count = await insist(site, cut, "commission", site.file("door.json"));
		assert.equal(kept(site), OLD);
		site.write("door.json", { id: "FRONT", name: "Front door", door: { strikeTime: NEW } });
		// Behind the last reply the command has ended well, and the reader is away when the next one comes.
		if (cut.done && count === 1) {
			site.reader.unplug();
			site.powerCycle();
			await site.reader.plug();
		}
		count += await insist(site, cut, "apply", site.file("door.json"));
		assert.equal(kept(site), NEW);
		assert.equal(cut.done, at <= FRAMES, `a cut behind frame ${at}`);
		return count;
	}

	it("behind any frame of commission and apply: says so, keeps old or new, and the same command finishes", async () => {
		let twice = 0;
		// Two at a time: most of the time goes into starting programs.
		for (let at = 1; at <= FRAMES + 1; at += 2) {
			const counts = await Promise.all([at, at + 1].filter((n) => n <= FRAMES + 1).map(install));
			twice += counts.filter((count) => count > 2).length;
		}
		// Not behind the last reply of a command, nor that to `leave`, nor in the run without a cut.
		assert.isAtLeast(twice, FRAMES - 4);
	});

	it("with a second program that writes to the same port, with noise and halves of frames: goes on", async () => {
		const site = await plug();
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
			assert.equal(kept(site), NEW);
			assert.isAbove(number, 20);
		} finally {
			clearInterval(noise);
			closeSync(rogue);
		}
	});
});
