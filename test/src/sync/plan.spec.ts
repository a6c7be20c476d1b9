// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { equal } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import { REASONS } from "../../../protocol/reasons.js";
import { PowerCut } from "../../../sim/flash.js";
import { type PlanImage, signDelta, tombstone } from "../../../site/lib/plan/encode.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { image } from "../../support/plans.js";
import { BEGIN, idOf, many, record, SERVER_1, SyncWorld, signingOf } from "./world.js";

/** Whether the reader's plan lists this credential. */
function lists({ reader }: SyncWorld, n: number): boolean {
	return reader.plan.lookup(idOf(n), emptyEntry());
}

function settled(count = 1): SyncWorld {
	const world = new SyncWorld({ planSize: 2 * 128 * 1024 });
	world.books.plans(many(count));
	world.start();
	assert.isTrue(world.settle() && world.has(1) && world.drained());
	return world;
}

describe("plans by sync", () => {
	it("come as deltas while these are short, and the next tap goes by them", () => {
		const world = settled(3);
		const before = world.broker.past.length;
		world.books.plans(many(4));
		assert.isTrue(world.has(2, 1000));
		assert.isTrue(lists(world, 3));
		assert.isBelow(world.broker.past.length - before, 10);
		world.books.plans(many(2));
		assert.isTrue(world.has(3, 1000));
		assert.isFalse(lists(world, 3));
		assert.isTrue(lists(world, 1));
	});

	it("are pulled as deltas where these are longer than a message", () => {
		const world = settled(3);
		world.books.plans(many(100));
		assert.isTrue(world.has(2, 10_000));
		world.time.run(1000);
		const outcomes = world.books.news.flatMap((news) => (news.kind === "outcome" ? [news.refusal] : []));
		assert.deepEqual(outcomes, [null, null], "the first snapshot's, too");
		assert.isTrue(lists(world, 99));
	});

	it("are pulled whole where no delta leads there", () => {
		const world = settled(3);
		world.books.deltas = false;
		world.books.plans(many(1500));
		assert.isTrue(world.has(2, 60_000));
		assert.isTrue(lists(world, 1499));
		assert.isFalse(world.reader.plan.damaged);
	});

	it("are asked for again, once in a session, where a page in flash is damaged: the same version", () => {
		const world = settled(100);
		const damage = (): void => {
			const { bytes } = world.planFlash;
			// In each place where it lies, as the slot before has it, too.
			for (let at = 0; at < bytes.length; at += 16)
				if (equal(bytes.subarray(at, at + 8), idOf(7))) bytes[at + 9]! ^= 1;
			assert.isFalse(lists(world, 7));
			assert.isTrue(world.reader.plan.damaged);
			// As of the denial at the door.
			world.reader.record(EVENTS.decision, REASONS["plan-damaged"], 1);
			world.time.run(30_000);
		};
		damage();
		assert.isFalse(world.reader.plan.damaged);
		assert.equal(world.reader.plan.version, 1);
		assert.isTrue(lists(world, 7));
		damage();
		assert.isTrue(world.reader.plan.damaged, "worn flash is not written without end");
	});

	it("go on where they were, wherever the connection is cut", () => {
		// The first message behind which each attempt is cut off; far above what one needs.
		let messages = 60;
		for (let cut = 1; cut < messages; cut++) {
			const world = new SyncWorld({ planSize: 2 * 128 * 1024, spread: 1 });
			world.books.plans(many(1000));
			world.start();
			assert.isTrue(world.settle());
			let count = 0;
			let pulled = 0;
			world.onUp = ({ data }) => {
				if (data[0] === 6) pulled++;
				if (++count === cut) world.broker.drop();
				return true;
			};
			assert.isTrue(world.has(1, 60_000), `cut behind message ${cut}`);
			assert.isTrue(world.hears("hello", 5000));
			if (cut === 1) messages = Math.min(messages, count);
			assert.isBelow(pulled, messages + 12, `what was there was pulled again, cut behind message ${cut}`);
			assert.isTrue(lists(world, 999));
		}
		assert.isAbove(messages, 20);
	});

	/** Pulls a plan, with the power lost at this operation; 0: it is not lost. Returns the messages that came up after that. */
	function pulledAfter(operation: number, kind: "torn" | "partial" | "done"): number {
		const world = new SyncWorld({ planSize: 2 * 128 * 1024, spread: 1 });
		// What was in the slots before is not blank.
		for (let at = 0; at < world.planFlash.size; at++) world.planFlash.bytes[at] = (at * 131) & 0xff;
		world.books.plans(many(1000));
		world.start();
		assert.isTrue(world.settle());
		let ups = 0;
		world.onUp = () => ++ups > 0;
		if (operation > 0) {
			world.power.plan({ at: world.power.operations + operation, kind, byte: 700, seed: operation });
			assert.throws(() => world.time.run(60_000), PowerCut);
			world.stop();
			ups = 0;
			world.start();
		}
		assert.isTrue(world.has(1, 60_000));
		assert.isTrue(lists(world, 999));
		for (let page = 0; page < 40; page++) world.reader.plan.work();
		assert.isFalse(world.reader.plan.damaged);
		assert.equal(world.planFlash.mismatches, 0);
		return ups;
	}

	it("go on after a loss of power from the last sectors that are full, and are whole", () => {
		const whole = pulledAfter(0, "done");
		for (const kind of ["torn", "partial", "done"] as const)
			for (let operation = 1; operation < 48; operation += 3) {
				const ups = pulledAfter(operation, kind);
				// Sixteen pages in four sectors; from the third full one on something is not pulled again.
				if (operation > 20) assert.isBelow(ups, whole - 5, `${kind} at ${operation}`);
				else assert.isAtMost(ups, whole + 3, `${kind} at ${operation}`);
			}
	});

	it("come whole again where what a loss of power left is not what was signed", () => {
		const world = new SyncWorld({ planSize: 2 * 128 * 1024, spread: 1 });
		world.books.plans(many(1000));
		world.start();
		assert.isTrue(world.settle());
		const flash = world.planFlash;
		while (flash.writes < 14) world.time.step();
		world.stop();
		// A page of the first sector of the body, behind header and journal.
		flash.bytes[5 * 4096 + 100]! ^= 1;
		world.start();
		assert.isTrue(world.has(1, 60_000));
		assert.isTrue(lists(world, 999));
	});

	it("wait for a phone that is served, step by step, and lose nothing", () => {
		const world = new SyncWorld({ planSize: 2 * 128 * 1024 });
		world.books.plans(many(1000));
		world.start();
		assert.isTrue(world.settle());
		for (let i = 0; i < 100 && world.reader.plan.version === 0; i++) {
			world.busy = !world.busy;
			const { erases, writes } = world.planFlash;
			world.time.run(300);
			if (world.busy) assert.isBelow(world.planFlash.writes - writes + world.planFlash.erases - erases, 3);
		}
		world.busy = false;
		assert.isTrue(world.has(1));
	});

	it("give way to one that an installer brings by cable meanwhile, and the site offers the next", () => {
		const world = settled(1);
		world.books.deltas = false;
		world.books.plans(many(1000));
		const { plan } = world.reader;
		assert.isTrue(world.time.runUntil(() => (plan.incoming?.taken ?? 0) > 3000, 10_000));
		const { body, envelope } = world.books.snapshot(3, many(5));
		assert.isUndefined(plan.begin(envelope));
		world.time.run(1000);
		assert.isUndefined(plan.write(body));
		let result = plan.commit();
		while (result === "more") result = plan.commit();
		assert.equal(result, "done");
		assert.equal(plan.version, 3);
		world.time.run(60_000);
		assert.equal(plan.version, 3);
		const outcomes = world.books.news.flatMap((news) => (news.kind === "outcome" ? [news.refusal] : []));
		assert.include(outcomes, "no-install");
	});

	it("are refused as by cable: another door's, an older one, one by a key that may not sign, another's words", () => {
		const world = settled(3);
		world.books.plans(many(4));
		assert.isTrue(world.has(2, 1000));
		const one = image(1, many(3), { issued: BEGIN });
		const two = image(2, many(4), { issued: BEGIN });
		const three = image(3, many(5), { issued: BEGIN });
		const answer = (next: PlanImage, by = signingOf(1)): string | null =>
			world.says({ name: "delta", envelope: signDelta({ ...one, door: next.door }, next, by) });
		assert.equal(answer(two), "not-newer");
		assert.equal(answer({ ...three, door: "back" }), "wrong-door");
		assert.equal(answer(three, signingOf(1, SERVER_1)), "wrong-role");
		assert.equal(answer(three, signingOf(2)), "wrong-epoch");
		assert.equal(world.says({ name: "delta", envelope: new Uint8Array(900) }), "malformed");
		const hash = new Uint8Array(32);
		for (const size of [0, 4000]) assert.equal(world.says({ name: "offer", hash, size }), "too-large");
		assert.equal(world.reader.plan.version, 2);
		// A hash that nothing has: the site does not know it either.
		assert.isNull(world.says({ name: "offer", hash, size: 400 }));
		world.books.plans([...many(4), record(idOf(9))]);
		assert.isTrue(world.has(3, 60_000));
	});

	it("that revoke ahead of those before them are in the log once, however often a server says them", () => {
		const world = settled(3);
		const { log } = world.reader;
		const two = image(2, many(3), { issued: BEGIN });
		const three = image(3, [...many(2), tombstone(idOf(2))], { issued: BEGIN });
		const envelope = signDelta(two, three, signingOf(1));
		assert.isNull(world.says({ name: "delta", envelope }));
		const { last } = log;
		for (let n = 0; n < 5; n++) assert.isNull(world.says({ name: "delta", envelope }));
		assert.equal(log.last, last);
	});
});
