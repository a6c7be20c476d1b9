// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { MAX_FRAME } from "../../../protocol/sync/bounds.js";
import { FRAME } from "../../../protocol/sync/frame.js";
import { clearFrame } from "../../../protocol/sync/messages.js";
import { topicDown, topicTrust } from "../../../protocol/sync/topics.js";
import { rootOf } from "../../../sim/practice-keys.js";
import type { RootSigner } from "../../../site/lib/trust/model.js";
import { crypto, DOOR, many, SERVER_1, SERVER_2, SITE, SyncWorld } from "./world.js";

/** What went up, by the first byte of each frame. */
function ups({ broker }: SyncWorld): number[] {
	return broker.past.filter(({ topic }) => topic.endsWith("/u")).map(({ data }) => data[0]!);
}

function settled(world = new SyncWorld()): SyncWorld {
	world.books.plans(many(2));
	world.start();
	assert.isTrue(world.settle() && world.has(1) && world.drained());
	world.time.run(1000);
	return world;
}

describe("trust lists by sync", () => {
	it("are stepped to before a session, by what the broker keeps and what is asked for in the clear", () => {
		const world = new SyncWorld();
		for (let i = 0; i < 3; i++) world.books.list({});
		world.books.speaksBy(SERVER_2);
		world.books.list({ keys: world.books.withServers("ended", SERVER_2) });
		world.start();
		assert.isTrue(world.settle());
		assert.equal(world.reader.store.trust.version, 5);
		assert.deepEqual(ups(world).slice(0, 4), [FRAME.clear, FRAME.clear, FRAME.clear, FRAME.clear]);
		assert.equal(ups(world)[4], FRAME.message1);
	});

	it("are asked for where the server's key is in none that the reader has and the broker keeps none", () => {
		const world = new SyncWorld();
		world.onDown = (topic) => topic !== topicTrust(SITE);
		world.broker.retained.clear();
		world.books.list({});
		world.books.list({ keys: world.books.withServers("ended", SERVER_2) });
		world.books.speaksBy(SERVER_2);
		world.start();
		assert.isTrue(world.settle(600_000), [...world.traces].join("\n"));
		assert.equal(world.reader.store.trust.version, 3);
	});

	it("are asked for without ever longer waits: a dozen that the broker has not kept, in two minutes", () => {
		const world = new SyncWorld();
		world.onDown = (topic) => topic !== topicTrust(SITE);
		for (let i = 0; i < 11; i++) world.books.list({});
		world.books.list({ keys: world.books.withServers("ended", SERVER_2) });
		world.books.speaksBy(SERVER_2);
		world.start();
		assert.isTrue(world.settle(120_000), [...world.traces].join("\n"));
		assert.equal(world.reader.store.trust.version, 13);
	});

	/** The next list of the site has more than a frame. */
	function longList(world: SyncWorld): void {
		const roots = [SERVER_1, SERVER_2].map(({ secretKey }) => rootOf(crypto, crypto.sha256(secretKey)));
		const { root } = world.books.keys;
		const keys = world.books.withServers("good");
		const doors = Array.from({ length: 16 }, (_, n) => `DOOR${n}`);
		for (let n = 0; n < 3; n++)
			keys.push({ publicKey: crypto.sha256(Uint8Array.of(n)), roles: ["issue"], doors });
		const revoked = Array.from({ length: 24 }, (_, n) => new Uint8Array(8).fill(n));
		const signers: RootSigner[] = [root, ...roots];
		const all = [root, ...roots].map(({ publicKey }) => publicKey);
		world.books.list({ keys, roots: all, threshold: 1, revoked }, signers);
		assert.isAbove(world.books.lists.at(-1)!.length, MAX_FRAME);
	}

	it("come in pieces where one is longer than a frame, in the clear and in a session", () => {
		for (const inSession of [false, true]) {
			const world = new SyncWorld();
			if (inSession) settled(world);
			longList(world);
			if (inSession) assert.isTrue(world.time.runUntil(() => world.reader.store.trust.version === 2, 30_000));
			else {
				world.books.speaksBy(SERVER_2);
				world.start();
				assert.isTrue(world.time.runUntil(() => world.reader.store.trust.version === 2, 120_000));
			}
		}
	});

	it("a stranger's between their pieces hold back neither the session's nor an installer's", () => {
		const world = settled();
		const other = new SyncWorld({ seed: 9 });
		const strange = crypto.ed25519KeyPair(new Uint8Array(32).fill(77));
		other.books.list({}, [rootOf(crypto, crypto.sha256(strange.secretKey))]);
		const forged = other.books.lists.at(-1)!;
		const { lists } = world.reader.store;
		assert.isTrue(lists.add(forged.subarray(0, 100), 0), "an installer's");
		// One behind each frame to the reader.
		world.onDown = (topic) => {
			world.time.after(0, () => world.broker.publish(topicTrust(SITE), forged));
			return !topic.endsWith("trust");
		};
		longList(world);
		assert.isTrue(world.time.runUntil(() => lists.newest.version === 2, 30_000));
		assert.isTrue(world.inSession);
		assert.isTrue(lists.add(forged.subarray(100), 100));
	});

	it("that a flood brings in the clear are checked one at a time, with time for the door between two of them", () => {
		const world = new SyncWorld();
		world.siteDown();
		const other = new SyncWorld({ seed: 9 });
		const strange = crypto.ed25519KeyPair(new Uint8Array(32).fill(77));
		other.books.list({}, [rootOf(crypto, crypto.sha256(strange.secretKey))]);
		const piece = other.books.lists.at(-1)!;
		const forged = clearFrame({ name: "list", id: 1, version: 2, size: piece.length, at: 0, piece });
		const { lists } = world.start().store;
		const checked: number[] = [];
		Object.defineProperty(lists, "takeWhole", {
			value: () => checked.push(world.time.now()) && "not-by-roots",
		});
		assert.isTrue(world.time.runUntil(() => world.traces.has("sync: no session: no answer"), 60_000));
		for (let n = 0; n < 20; n++) world.broker.publish(topicDown(SITE, DOOR), forged);
		world.time.run(1500);
		assert.isAtLeast(checked.length, 10);
		for (let n = 1; n < checked.length; n++) assert.isAtLeast(checked[n]! - checked[n - 1]!, 50);
	});

	it("that come while there is a session step the reader on, and it stays", () => {
		const world = settled();
		world.books.list({});
		assert.isTrue(
			world.time.runUntil(() => world.reader.store.trust.version === 2, 1000),
			"by its topic",
		);
		world.broker.retained.clear();
		world.onDown = (topic) => topic !== topicTrust(SITE);
		world.books.list({});
		world.books.list({});
		assert.isTrue(
			world.time.runUntil(() => world.reader.store.trust.version === 4, 10_000),
			"in the session",
		);
		assert.isTrue(world.inSession);
		assert.equal(world.books.count("begun"), 1);
	});

	for (const state of ["ended", "stolen"] as const)
		it(`by which the server's key has ${state} end its session, and the next server has one`, () => {
			const world = settled();
			world.books.list({ keys: world.books.withServers(state, SERVER_2) });
			assert.isTrue(world.time.runUntil(() => world.reader.sync.server === undefined, 1000));
			assert.isTrue([...world.traces].some((line) => line.includes(`key-${state}`)));
			// The one whose key it was goes on trying, and commands.
			world.time.run(60_000);
			assert.isFalse(world.inSession);
			world.books.speaksBy(SERVER_2);
			assert.isTrue(world.settle(300_000));
			assert.equal(world.reader.store.trust.version, 2);
		});

	it("that come while a server proves itself are what it is judged by: a stolen key is told nothing", () => {
		const world = new SyncWorld();
		let last: Uint8Array | undefined;
		world.onDown = (topic, frame) => {
			if (frame[0] !== FRAME.message4 || topic === topicTrust(SITE)) return true;
			last ??= frame.slice();
			return false;
		};
		world.start();
		assert.isTrue(world.time.runUntil(() => last !== undefined, 60_000));
		world.books.list({ keys: world.books.withServers("stolen", SERVER_2) });
		world.time.run(500);
		assert.equal(world.reader.store.trust.version, 2);
		world.broker.publish(topicDown(SITE, DOOR), last!);
		world.time.run(1000);
		assert.notInclude(ups(world), FRAME.record);
		assert.isUndefined(world.reader.sync.server);
	});

	it("end a session in which they come, before the server that sent them is told", () => {
		const world = settled();
		world.broker.retained.clear();
		world.onDown = (topic) => topic !== topicTrust(SITE);
		world.books.list({ keys: world.books.withServers("stolen", SERVER_2) });
		assert.isTrue(world.time.runUntil(() => world.reader.sync.server === undefined, 5000));
		world.books.speaksBy(SERVER_2);
		assert.isTrue(world.settle(300_000));
	});

	it("that void the plan wait for the plan of their epoch: the old one holds meanwhile, the next comes by the next server", () => {
		const world = settled();
		world.books.deltas = false;
		world.books.steal();
		assert.isTrue(world.time.runUntil(() => world.reader.store.lists.candidate !== undefined, 1000));
		assert.equal(world.reader.plan.epoch, 1);
		assert.isTrue(
			world.time.runUntil(() => world.reader.plan.epoch === 2, 60_000),
			[...world.traces].join("\n"),
		);
		assert.equal(world.reader.store.trust.version, 2);
		assert.isUndefined(world.reader.store.lists.candidate);
	});

	it("of a stranger, a former one or noise change nothing, and cost one question and no session", () => {
		const world = settled();
		const other = new SyncWorld({ seed: 9 });
		const strange = crypto.ed25519KeyPair(new Uint8Array(32).fill(77));
		other.books.list({}, [rootOf(crypto, crypto.sha256(strange.secretKey))]);
		const topic = topicTrust(SITE);
		const first = world.books.lists[0]!;
		for (const bytes of [
			other.books.lists.at(-1)!,
			first,
			first.subarray(9),
			new Uint8Array(1024),
			new Uint8Array(3000),
		])
			for (const retain of [true, false]) world.broker.publish(topic, bytes, retain);
		const far = other.books.lists.at(-1)!.slice();
		// Its version: nobody has signed that.
		for (let at = 0; at + 4 < far.length; at++)
			if (far[at] === 0x4c && far[at + 1] === 0x54 && far[at + 2] === 0x4c) far.fill(0xff, at + 4, at + 8);
		world.broker.publish(topic, far, true);
		world.time.run(10_000);
		assert.equal(world.reader.store.trust.version, 1);
		assert.isTrue(world.inSession);
		world.stop();
		world.start();
		assert.isTrue(world.settle(30_000));
		assert.equal(ups(world).filter((type) => type === FRAME.clear).length, 1);
	});
});
