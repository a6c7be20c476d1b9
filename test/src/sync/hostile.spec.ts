// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { CborWriter } from "../../../protocol/cbor/writer.js";
import { MAX_FRAME } from "../../../protocol/sync/bounds.js";
import { encodeMessage, type MessageOf } from "../../../protocol/sync/messages.js";
import { topicDown, topicLockdown, topicRevoked, topicTrust } from "../../../protocol/sync/topics.js";
import { VirtualTime } from "../../../sim/time.js";
import type { Speaker } from "../../../src/sync/speaker.js";
import { Talk } from "./talk.js";
import { DOOR, many, SITE, SyncWorld } from "./world.js";

/** A reader's end of a session that has begun. */
class Heard extends Talk {
	readonly time: VirtualTime;
	over = false;

	constructor(...speakers: Speaker[]) {
		const time = new VirtualTime();
		super(time, {}, () => speakers);
		this.time = time;
		this.begin();
	}

	override unanswered(): void {
		this.over = true;
		super.unanswered();
	}

	/** The acks that this brings. */
	acks(bytes: Uint8Array): string[] {
		const before = this.said.length;
		this.take(bytes.slice());
		return this.said.slice(before).map((message) => {
			const { of, refusal } = message as MessageOf<"ack">;
			return `${of} ${refusal}`;
		});
	}
}

const raw = (write: (writer: CborWriter) => unknown): Uint8Array => {
	const writer = new CborWriter(64);
	write(writer);
	return writer.take();
};

describe("what the site says, of any content", () => {
	it("is refused as malformed with its id, or not answered where it has none or is itself an answer", () => {
		const { acks } = bound(new Heard());
		assert.deepEqual(acks(raw((w) => w.array(3).int(34).int(5).int(1))), ["5 malformed"]);
		assert.deepEqual(acks(raw((w) => w.array(2).int(40).int(6))), ["6 malformed"]);
		assert.deepEqual(acks(raw((w) => w.array(3).int(34).int(7).bytes(new Uint8Array(961)))), ["7 malformed"]);
		for (const answer of [0, 33, 36, 37])
			assert.deepEqual(acks(raw((w) => w.array(2).int(answer).int(8))), []);
		assert.deepEqual(acks(raw((w) => w.array(1).int(34))), []);
		assert.deepEqual(acks(raw((w) => w.array(2).int(34).int(0))), []);
		assert.deepEqual(
			acks(
				raw((w) =>
					w
						.array(2)
						.int(34)
						.int(2 ** 32),
				),
			),
			[],
		);
		assert.deepEqual(acks(new Uint8Array(0)), []);
		assert.deepEqual(acks(new Uint8Array(1003).fill(0x9f)), []);
	});

	it("of a newer version, or what only a reader says, is unknown; said again it is answered as before", () => {
		const { acks } = bound(new Heard());
		assert.deepEqual(acks(raw((w) => w.array(3).int(99).int(1).int(1))), ["1 unknown"]);
		assert.deepEqual(acks(encodeMessage({ name: "want", id: 2, version: 3 })), ["2 unknown"]);
		const piece = new Uint8Array(900);
		assert.deepEqual(acks(raw((w) => w.array(3).int(98).int(2).bytes(piece))), ["2 unknown"]);
		assert.deepEqual(acks(raw((w) => w.array(3).int(99).int(1).int(1))), [], "older than the last");
	});

	it("never ends the firmware, and brings one answer at most", () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 1, maxLength: 1003 }), (bytes) => {
				assert.isAtMost(bound(new Heard()).acks(bytes).length, 1);
			}),
			{ numRuns: 300 },
		);
	});
});

describe("what the reader says", () => {
	/** Says this so often. */
	function speaker(times: number, name: "want" | "pull" = "want"): Speaker & { answers: number } {
		let left = times;
		return {
			answers: 0,
			begin: () => {},
			say(id) {
				if (left === 0) return undefined;
				return name === "want"
					? { name, id, version: left }
					: { name, id, hash: new Uint8Array(32), at: left };
			},
			answered(answer) {
				if (answer.name !== (name === "want" ? "ack" : "piece")) return false;
				left--;
				this.answers++;
				return true;
			},
		};
	}
	const ids = (talk: Heard): number[] => talk.said.map(({ id }) => id);

	it("waits for its answer: one message at a time, said five times with its id, 10 s apart", () => {
		const talk = new Heard(speaker(2));
		talk.time.run(9_999);
		assert.deepEqual(ids(talk), [1]);
		talk.time.run(30_002);
		assert.deepEqual(ids(talk), [1, 1, 1, 1, 1]);
		assert.isFalse(talk.over);
		talk.time.run(10_000);
		assert.isTrue(talk.over);
	});

	it("is answered by what names it alone, once; the next has a higher id", () => {
		const one = speaker(3);
		const talk = new Heard(one);
		talk.time.run(1);
		talk.take(encodeMessage({ name: "ack", id: 1, of: 2, refusal: null }));
		assert.equal(one.answers, 0);
		for (let i = 0; i < 2; i++) talk.take(encodeMessage({ name: "ack", id: 2, of: 1, refusal: null }));
		assert.equal(one.answers, 1);
		talk.time.run(1);
		// An answer of the reader's own has an id, too.
		talk.take(raw((w) => w.array(2).int(99).int(3)));
		talk.take(encodeMessage({ name: "ack", id: 4, of: 2, refusal: null }));
		talk.time.run(1);
		assert.deepEqual(ids(talk), [1, 2, 3, 4]);
	});

	it("that asks for a piece is answered by a piece, not by done", () => {
		const one = speaker(1, "pull");
		const talk = new Heard(one);
		talk.time.run(1);
		talk.take(encodeMessage({ name: "ack", id: 1, of: 1, refusal: null }));
		assert.equal(one.answers, 0);
	});
});

describe("what comes on a reader's topics, of any length and content", () => {
	it("leaves session, plan and log as they are", () => {
		const world = new SyncWorld();
		world.books.plans(many(2));
		world.start();
		assert.isTrue(world.settle() && world.has(1) && world.drained());
		const topics = [topicDown(SITE, DOOR), topicTrust(SITE), topicRevoked(SITE), topicLockdown(SITE)];
		const { last } = world.reader.log;
		const { random } = world;
		for (let i = 0; i < 400; i++) {
			const data = random.bytes(random.below(i % 10 === 0 ? 5000 : MAX_FRAME + 2));
			if (data.length > 0 && i % 2 === 0) data[0] = random.below(8);
			world.broker.publish(topics[random.below(topics.length)]!, data);
			world.time.run(20);
		}
		world.time.run(60_000);
		assert.isTrue(world.inSession);
		assert.equal(world.books.count("begun"), 1);
		assert.equal(world.reader.log.last, last);
		assert.deepEqual(world.commands, []);
	});

	it("and is kept by the broker meets the next start, which has its session nevertheless", () => {
		const world = new SyncWorld();
		world.start();
		assert.isTrue(world.settle());
		for (const topic of [topicTrust(SITE), topicRevoked(SITE), topicLockdown(SITE)])
			for (const length of [MAX_FRAME, 5000]) {
				world.stop();
				world.time.run(100_000);
				world.broker.publish(topic, world.random.bytes(length), true);
				world.start();
				assert.isTrue(world.settle(60_000), `${topic}, ${length} bytes`);
			}
	});
});

function bound(talk: Heard): { acks: (bytes: Uint8Array) => string[] } {
	return { acks: (bytes) => talk.acks(bytes) };
}
