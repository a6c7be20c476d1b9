// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { HOUR, type StoryReader, StorySite, upTo } from "./story-site.js";

const ADA = "00000000000000a1";
const BEN = "00000000000000b1";
const CY = "00000000000000c1";

describe("story: readers of one door", () => {
	let story: StorySite;
	let first: StoryReader;

	beforeEach(async () => {
		story = new StorySite();
		await story.start();
		first = story.reader("FRONT", 77);
		await story.register(first);
		await story.plan(["FRONT"], { Ada: ADA, Ben: BEN });
		first.powerOn();
		await story.pass(20_000);
		for (let n = 0; n < 5; n++) {
			assert.equal(first.tap(ADA), "granted");
			await story.pass(10_000);
		}
		assert.deepEqual(await story.serials(first), upTo(first.log.last));
	});
	afterEach(async () => {
		assert.deepEqual(story.said, []);
		await story.end();
	});

	const reasons = async (): Promise<unknown[]> =>
		(await story.news("FRONT", "refused")).map(({ body }) => (body as { reason: string }).reason);

	it("a reader is replaced: the log of the former stays, the new one's begins, and the former gets no session any more", async () => {
		const had = await story.serials(first);
		first.powerOff();
		await story.pass(120_000);
		const second = story.reader("FRONT");
		await story.register(second).then(
			() => assert.fail("a reader in another's place, unasked"),
			(error: Error) => assert.include(error.message, '"reason":"other-reader"'),
		);
		assert.deepInclude(await story.register(second, first), { registered: "replaced" });
		const { lacks, reader, words, log, plan } = await story.door("FRONT");
		assert.deepEqual([reader.key, log.here], [second.key, 0]);
		assert.deepEqual(
			[lacks, plan.has],
			[[{ what: "all" }], null],
			"what the former one had, this one has not",
		);
		assert.match(words, /^unreachable since /, "of the door");
		second.powerOn();
		await story.pass(20_000);
		assert.equal(await story.words("FRONT"), "has it");
		assert.equal(second.tap(ADA), "granted");
		await story.pass(10_000);
		assert.deepEqual(await story.serials(second), upTo(second.log.last));
		assert.deepEqual(await story.serials(first), had);
		assert.deepEqual(await reasons(), []);

		// It has the door's password at the broker, and no more: it cuts the other off for a moment each time that it tries.
		first.powerOn();
		await story.pass(HOUR);
		assert.include(await reasons(), "unsupported-credential");
		assert.deepEqual([...new Set(await reasons())], ["unsupported-credential"]);
		// Cut off, it is unreachable until it has another session.
		for (let n = 0; (await story.words("FRONT")) !== "has it"; n++) {
			assert.isBelow(n, 33, await story.words("FRONT"));
			await story.pass(10_000);
		}
		assert.deepEqual(await story.news("FRONT", "two-readers", "other-log", "log-problem"), []);
		await story.revoke(BEN);
		await story.passUntil("the revocation", () => second.tap(BEN) === "revoked", 60_000);
		await story.add("Cy", CY);
		await story.pass(60_000);
		assert.deepEqual([second.tap(CY), first.tap(CY)], ["granted", "unknown-credential"]);
		first.powerOff();
		await story.pass(330_000);
		assert.deepEqual(await story.serials(second), upTo(second.log.last));
		assert.deepEqual(await story.serials(first), had, "what it wrote since is not the door's");
		const { rows } = await story.ask("GET", "/api/log?event=restart");
		assert.deepEqual(
			rows.map(({ door, reader }: { door: string; reader: number }) => [door, reader]),
			[
				["FRONT", 2],
				["FRONT", 1],
			],
		);
	});

	it("two readers are one by a copied flash: the newer session counts, both are told, and no log is taken for the other's", async () => {
		const copy = story.reader("FRONT", 77);
		assert.deepEqual([copy.key, copy.id], [first.key, first.id]);
		copy.powerOn();
		await story.pass(600_000);
		assert.equal(copy.tap(BEN), "granted", "it has a plan: the newer session counted");
		assert.equal(first.tap(ADA), "granted");
		await story.pass(600_000);
		const told = await story.news("FRONT", "two-readers", "other-log");
		assert.sameMembers([...new Set(told.map(({ kind }) => kind))], ["two-readers", "other-log"]);
		const { body } = told.find(({ kind }) => kind === "other-log")!;
		assert.deepEqual(body, { serial: 1 });

		copy.powerOff();
		await story.pass(330_000);
		const rows = await story.store.log.rows({ door: "FRONT", limit: 10_000, forward: true });
		for (const { link, serial } of rows) assert.equal(link, first.linkOf(serial), `record ${serial}`);
		const forks = await story.store.log.forks(1);
		assert.isAbove(forks.length, 0, "what the copy brought is kept apart");
		copy.powerOn();
		assert.equal(copy.log.acknowledged, 0);
		copy.powerOff();
		// Once it has ended nothing more is told.
		const before = (await story.news("FRONT", "two-readers", "other-log")).length;
		await story.pass(HOUR);
		assert.lengthOf(await story.news("FRONT", "two-readers", "other-log"), before);
	});

	it("neither of two histories is acknowledged until an administrator decides, through sessions and a restart", async () => {
		const copy = story.reader("FRONT", 77);
		copy.powerOn();
		await story.pass(600_000);
		copy.powerOff();
		const had = (await story.serials(first)).length;
		assert.equal((await story.news("FRONT", "other-log")).length, 1);

		// The right one is alone now, session after session: nothing says so but a person who looks.
		for (let n = 0; n < 3; n++) {
			first.powerOff();
			await story.pass(60_000);
			first.powerOn();
			await story.pass(60_000);
			assert.equal(first.tap(ADA), "granted");
			await story.pass(60_000);
			if (n === 1) {
				await story.stop();
				await story.start();
				await story.pass(120_000);
			}
		}
		assert.lengthOf(await story.serials(first), had);
		assert.isBelow(first.log.acknowledged, first.log.last);
		assert.lengthOf(await story.news("FRONT", "other-log"), 1, "told once");
		assert.match(
			await story.words("FRONT"),
			/^has it; its log has another history .* administrator decides$/,
		);
		assert.equal((await story.ask("GET", "/api/doors/FRONT/fork")).serial, 1);

		await story.ask("DELETE", "/api/doors/FRONT/fork");
		await story.pass(330_000);
		assert.deepEqual(await story.serials(first), upTo(first.log.last));
		assert.equal(await story.words("FRONT"), "has it");
		const actions = await story.store.actions.after(0, 100);
		assert.equal(actions.at(-1)!.what, "end-fork");

		// The copy comes back.
		copy.powerOn();
		await story.pass(600_000);
		copy.powerOff();
		assert.match(await story.words("FRONT"), /two readers may have one identity/);
		assert.lengthOf(await story.news("FRONT", "other-log"), 2);
	});

	it("a reader that is made anew in the place of two has a log of its own", async () => {
		const copy = story.reader("FRONT", 77);
		copy.powerOn();
		await story.pass(600_000);
		copy.powerOff();
		first.powerOff();
		const second = story.reader("FRONT");
		await story.register(second, first);
		second.powerOn();
		await story.pass(60_000);
		assert.deepEqual(await story.serials(second), upTo(second.log.last));
		assert.equal(await story.words("FRONT"), "has it");
	});
});
