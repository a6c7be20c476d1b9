// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { HOUR, type StoryReader, StorySite, YEAR_S } from "./story-site.js";

const ADA = "00000000000000a1";
const BEN = "00000000000000b1";
const CY = "00000000000000c1";
const DEE = "00000000000000d1";
/** Bit of the part `clock` in a reader's `failing`. */
const CLOCK = 64;
/** The longest back-off, the spread, and a handshake. */
const BACK_MS = 305_000;

describe("story: a clock is a year off", () => {
	let story: StorySite;
	let reader: StoryReader;

	beforeEach(async () => {
		({ reader, story } = await StorySite.withReader());
		await story.plan(
			["FRONT"],
			{},
			{
				offline: { days: 30 },
				users: [
					{ name: "Ada", accessPlans: ["all"], credentials: [{ id: ADA }] },
					{ name: "Ben", accessPlans: ["all"], credentials: [{ id: BEN }], until: "2020-06-01" },
					{ name: "Cy", accessPlans: ["all"], credentials: [{ id: CY }], from: "2020-06-01" },
				],
			},
		);
		reader.powerOn();
		await story.pass(20_000);
		assert.deepEqual(taps(), ["granted", "granted", "not-yet-valid"]);
	});
	afterEach(() => story.end());

	const taps = (): string[] => [ADA, BEN, CY].map((id) => reader.tap(id));
	const failing = async (): Promise<number> => (await story.door("FRONT")).health.failing;
	/** By how much the reader's clock is off the server's, s, when it last said so. */
	const off = async (): Promise<number> => (await story.door("FRONT")).time.off;

	it("the server's, ahead: its key has ended for it, the doors go by their time and plan, and what was edited goes when it is right", async () => {
		story.ahead = YEAR_S;
		await story.pass(2 * HOUR);
		assert.equal(await failing(), CLOCK, "it differs from the site's");
		assert.includeMembers(await story.problems(), ["no-key"]);
		await story.revoke(ADA);
		await story.add("Dee", DEE);
		await story.pass(20_000);
		assert.include(await story.problems(), "key-ended");
		assert.deepEqual(taps(), ["granted", "granted", "not-yet-valid"], "nobody can sign it");
		assert.equal(reader.tap(DEE), "unknown-credential");

		// A reader that begins anew gets no session, and the server goes on.
		reader.powerOff();
		await story.pass(10_000);
		reader.powerOn();
		// It says how it is each quarter of an hour, where it is in a session.
		await story.pass(HOUR);
		assert.match(await story.words("FRONT"), /^unreachable since /);
		const refused = await story.news("FRONT", "refused");
		assert.equal((refused.at(-1)!.body as { reason: string }).reason, "key-ended");
		assert.deepEqual(taps(), ["granted", "granted", "not-yet-valid"]);
		assert.isTrue(reader.leaves());

		story.ahead = 0;
		await story.pass(BACK_MS + HOUR);
		assert.deepEqual(taps(), ["revoked", "granted", "not-yet-valid"]);
		assert.equal(reader.tap(DEE), "granted");
		assert.equal(story.running.books.notice, 1, "the notice, too");
		assert.deepEqual(await story.problems(), []);
		assert.equal(await story.words("FRONT"), "has it");
		assert.equal(await failing(), 0);
		assert.closeTo(await off(), 0, 2);
	});

	it("the server's, behind: it says so, the doors keep their time, and its edits hold and end nothing", async () => {
		story.ahead = -YEAR_S;
		await story.pass(2 * HOUR);
		assert.deepEqual(await story.problems(), ["clock-behind"]);
		assert.equal(await failing(), CLOCK);
		await story.revoke(ADA);
		await story.add("Dee", DEE);
		await story.pass(20_000);
		assert.deepEqual(taps(), ["revoked", "granted", "not-yet-valid"]);
		assert.equal(reader.tap(DEE), "granted");
		assert.closeTo(await off(), YEAR_S, 5);
		// Over a loss of power the reader knows a lower bound, and no server sets it back.
		reader.powerOff();
		await story.pass(10_000);
		reader.powerOn();
		await story.pass(60_000);
		assert.equal(await story.words("FRONT"), "has it");
		assert.deepEqual(taps(), ["revoked", "granted", "not-yet-valid"]);
		assert.closeTo(await off(), YEAR_S, 2 * 3600);

		story.ahead = 0;
		await story.pass(2 * HOUR);
		assert.deepEqual(await story.problems(), []);
		assert.equal(await failing(), 0);
		assert.deepEqual(taps(), ["revoked", "granted", "not-yet-valid"]);
	});

	it("the reader's, ahead: plan and server's key have ended for it, it opens to nobody, and is out of reach until it is set", async () => {
		const before = story.seconds;
		reader.ahead = YEAR_S;
		await story.pass(2 * HOUR);
		assert.deepEqual(taps(), ["plan-expired", "plan-expired", "plan-expired"]);
		assert.isTrue(reader.leaves());
		const { since, state } = await story.door("FRONT");
		assert.equal(state, "unreachable");
		assert.closeTo(since, before, 60);
		assert.isAbove((await story.news("FRONT", "refused")).length, 0);
		// What forbids needs no session, and no time.
		await story.revoke(ADA);
		await story.pass(5000);
		assert.equal(reader.tap(ADA), "revoked");
		reader.ahead = 0;
		await story.pass(BACK_MS);
		assert.equal(await story.words("FRONT"), "has it");
		assert.deepEqual(taps(), ["revoked", "granted", "not-yet-valid"]);
	});

	it("the reader's, behind: it says that the site's time differs, and what has begun by its own has not", async () => {
		reader.ahead = -YEAR_S;
		await story.pass(2 * HOUR);
		assert.equal(await failing(), CLOCK);
		await story.revoke(ADA);
		await story.pass(20_000);
		assert.closeTo(await off(), -YEAR_S, 5);
		assert.deepEqual(taps(), ["revoked", "granted", "not-yet-valid"]);
		assert.isTrue(reader.leaves());
		const { rows } = await story.ask("GET", "/api/log?event=health");
		assert.include(rows[0].what, "clock");
		// From the last known time on it lets itself be set forward.
		reader.powerOff();
		reader.ahead = 0;
		reader.powerOn();
		await story.pass(60_000);
		assert.closeTo(await off(), 0, 2);
		assert.equal(await failing(), 0);
	});

	it("the reader's, unset: it has lists, time and revocations first, and then all", async () => {
		const fresh = story.reader("BACK");
		await story.register(fresh);
		await story.pass(10_000);
		fresh.powerOn();
		assert.equal(fresh.tap(BEN), "no-plan");
		await story.pass(20_000);
		assert.equal(await story.words("BACK"), "has it");
		assert.deepEqual([fresh.tap(BEN), fresh.tap(CY)], ["granted", "not-yet-valid"]);
		assert.closeTo((await story.door("BACK")).time.off, 0, 2);
	});
});
