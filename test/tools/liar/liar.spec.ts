// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { FLAG } from "../../../protocol/plan/format.js";
import { type BrokerFaults, HONEST } from "../../../sim/broker.js";
import { MemoryBooks } from "../../../site/lib/sync/memory-books.js";
import { PlanStore } from "../../../src/plan/store.js";
import { Conversation, type ConversationHost } from "../../../src/sync/conversation.js";
import { type LiarResult, LiarRun } from "../../../tools/liar/run.js";
import { broken, finds } from "./broken.js";

/** Runs from a seed on; the first with a violation ends it. */
function run(from: number, count: number, faults?: BrokerFaults): LiarResult[] {
	const results: LiarResult[] = [];
	for (let seed = from; seed < from + count; seed++) {
		const result = new LiarRun(seed, faults).run();
		results.push(result);
		if (result.violations.length > 0) break;
	}
	return results;
}

const violations = (results: readonly LiarResult[]): string[] => results.flatMap((one) => one.violations);
const sum = (results: readonly LiarResult[], of: "granted" | "denied" | "unlocks" | "sessions"): number =>
	results.reduce((total, one) => total + one[of], 0);

describe("a lying broker", function () {
	this.timeout(600_000);

	it("honest: people are let in and kept out, doors are commanded, and all arrives", () => {
		const results = run(1, 6, HONEST);
		assert.deepEqual(violations(results), []);
		assert.isAbove(sum(results, "granted"), 10);
		assert.isAbove(sum(results, "denied"), 5);
		assert.isAbove(sum(results, "unlocks"), sum(results, "granted"));
	});

	const faults = Object.keys(HONEST).filter((name) => name !== "longest") as (keyof BrokerFaults)[];
	for (const fault of faults)
		it(`${fault}: nobody is let in but by the plan, and all arrives once it has ended`, () => {
			const results = run(100, 3, { ...HONEST, [fault]: 0.3, longest: 40_000 });
			assert.deepEqual(violations(results), []);
			assert.isAbove(sum(results, "sessions"), 6);
		});

	it("all of it, as each seed has it", () => {
		assert.deepEqual(violations(run(1000, 20)), []);
	});

	it("one seed gives one run", () => {
		assert.deepEqual(new LiarRun(77).run(), new LiarRun(77).run());
	});

	it("is found out: a reader that opens as a session begins", () => {
		const { begin } = Conversation.prototype;
		const eager: typeof begin = function (this: Conversation) {
			begin.call(this);
			const { host } = this as unknown as { host: ConversationHost };
			host.target.reader.command("open");
		};
		broken(Conversation.prototype, "begin", eager, () => {
			assert.isTrue(finds(/nobody commanded it/, 1, HONEST));
		});
	});

	it("is found out: a reader that lets in who is paused", () => {
		const { lookup } = PlanStore.prototype;
		const careless: typeof lookup = function (this: PlanStore, id, into) {
			const found = lookup.call(this, id, into);
			into.flags &= ~FLAG.suspended;
			return found;
		};
		broken(PlanStore.prototype, "lookup", careless, () => {
			assert.isTrue(finds(/who is paused/, 40, HONEST));
		});
	});

	it("is found out: a reader that takes no plan", () => {
		broken(
			PlanStore.prototype,
			"begin",
			() => "flash-fault",
			() => {
				assert.isTrue(finds(/not all has come/, 1, HONEST));
			},
		);
	});

	it("is found out: a site that acknowledges records, and has lost some", () => {
		const { takeLog } = MemoryBooks.prototype;
		let count = 0;
		const forgetful: MemoryBooks["takeLog"] = function (this: MemoryBooks, door, reader, message, done) {
			takeLog.call(this, door, reader, message, done);
			if (++count % 7 === 0) this.log(door, reader).records.pop();
		};
		broken(MemoryBooks.prototype, "takeLog", forgetful, () => {
			assert.isTrue(finds(/record \d+ at the site is another/, 5, HONEST));
		});
	});
});
