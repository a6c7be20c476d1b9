// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { type StoryReader, StorySite, upTo } from "./story-site.js";

const ADA = "00000000000000a1";
const id = (n: number): string => (0xb000 + n).toString(16).padStart(16, "0");
/** More than there are steps in an edit, the records of some taps, and the plan that follows. */
const PEOPLE = 40;
/** A reader is in a new session by then: it keeps the one that it has for a minute at least. */
const SESSION_MS = 90_000;

describe("story: the server's process dies", () => {
	let story: StorySite;
	let reader: StoryReader;

	beforeEach(async () => {
		({ reader, story } = await StorySite.withReader());
		const people = Object.fromEntries(upTo(PEOPLE).map((n) => [`P${n}`, id(n)]));
		await story.plan(["FRONT"], { Ada: ADA, ...people });
		reader.powerOn();
		await story.pass(20_000);
		assert.equal(await story.words("FRONT"), "has it");
	});
	afterEach(async () => {
		assert.deepEqual(story.said, []);
		await story.end();
	});

	/** The process is killed at the step `at` of what its store does; whether it got so far. */
	function killAt(at: number): () => boolean {
		let step = 0;
		story.onStatement = () => {
			if (step++ !== at) return;
			story.onStatement = undefined;
			story.kill();
		};
		return () => step > at;
	}

	it("at any moment of an edit and of a log intake: what was answered holds, and no record is lost or doubled", async () => {
		let died = true;
		let n = 0;
		let undone = 0;
		for (; died; n++) {
			const person = id(n + 1);
			for (const one of [ADA, person, ADA]) assert.equal(reader.tap(one), "granted");
			const isDead = killAt(n);
			let answered = false;
			const wish = story.revoke(person).then(() => {
				answered = !isDead();
			});
			await story.pass(5000);
			died = isDead();
			story.onStatement = undefined;
			await wish;
			if (!died) break;
			// Nobody can read anything now, and the door goes on.
			assert.equal(reader.tap(ADA), "granted");
			assert.isTrue(reader.leaves());
			await story.pass(20_000);
			await story.startAgain();
			await story.pass(SESSION_MS);
			if (reader.tap(person) !== "revoked") {
				assert.isFalse(answered, `step ${n}: it was answered, and is undone`);
				undone++;
				await story.revoke(person);
				await story.pass(1000);
				assert.equal(reader.tap(person), "revoked", `step ${n}`);
			}
			await story.pass(10_000);
			assert.equal(await story.words("FRONT"), "has it", `step ${n}`);
			const log = reader.log;
			assert.deepEqual(await story.serials(reader), upTo(log.last), `step ${n}`);
			assert.equal(log.acknowledged, log.last);
		}
		assert.isAbove(n, 20, "steps");
		assert.isAbove(undone, 1);
		assert.isBelow(undone, n / 2);
		assert.deepEqual(await story.news("FRONT", "log-problem", "other-log", "two-readers", "refused"), []);
	});

	it("is gone for an hour: what is read then is what the doors said before, and since when", async () => {
		const heard = story.seconds;
		await story.pass(60_000);
		story.kill();
		await story.pass(3_600_000);
		await story.startAgain();
		const { state, since } = await story.door("FRONT");
		assert.equal(state, "unreachable");
		assert.closeTo(since, heard, 60);
		await story.pass(SESSION_MS);
		assert.equal(await story.words("FRONT"), "has it");
	});
});
