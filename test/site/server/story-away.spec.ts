// SPDX-License-Identifier: Apache-2.0

/** What becomes of a site and its doors when something fails for long, and what its administrators read meanwhile. */
import { assert } from "chai";
import { HOUR, type StoryReader, StorySite, upTo } from "./story-site.js";

const ADA = "00000000000000a1";
const BEN = "00000000000000b1";
const CY = "00000000000000c1";
const DEE = "00000000000000d1";
/** The longest back-off, the spread, and a handshake. */
const BACK_MS = 305_000;

describe("story: a door is out of its network for a day", () => {
	let story: StorySite;
	let reader: StoryReader;
	/** When it was heard last, and when it could be heard no more. */
	let heard: number;

	beforeEach(async () => {
		story = new StorySite();
		await story.start();
		reader = story.reader("FRONT");
		await story.register(reader);
		assert.equal(await story.words("FRONT"), "never heard of");
		reader.powerOn();
		await story.pass(3000);
		assert.equal(await story.words("FRONT"), "waiting for a plan");
		await story.plan(["FRONT"], { Ada: ADA, Ben: BEN, Dee: DEE });
		await story.pass(10_000);
		assert.equal(await story.words("FRONT"), "has it");
		await story.pass(3 * HOUR);
		heard = story.seconds;
		reader.reachable = false;
	});
	afterEach(async () => {
		assert.deepEqual(story.said, []);
		await story.end();
	});

	/** The minute of `unreachable since …`. */
	async function unreachable(): Promise<{ since: number; lacks: unknown[] }> {
		const { lacks, since, state, words } = await story.door("FRONT");
		assert.equal(state, "unreachable");
		assert.include(words, `unreachable since ${new Date(since * 1000).toISOString().slice(0, 19)}Z`);
		return { since, lacks };
	}

	it("goes on by the plan that it has, and has all that was missed within back-off and spread", async () => {
		await story.pass(120_000);
		const first = await unreachable();
		assert.isAtMost(heard - first.since, 900, "it says how it is each quarter of an hour");
		assert.isAtMost(first.since, heard);
		assert.deepEqual(first.lacks, []);

		await story.revoke(BEN);
		await story.add("Cy", CY);
		await story.pass(10_000);
		const lacks = [
			{ what: "plan", number: 3 },
			{ what: "notice", number: 1 },
		];
		assert.deepEqual((await unreachable()).lacks, lacks);
		for (let hour = 0; hour < 24; hour++) {
			await story.pass(HOUR);
			assert.deepEqual(
				[ADA, BEN, CY].map((id) => reader.tap(id)),
				["granted", "granted", "unknown-credential"],
				"what it was told last",
			);
			assert.isTrue(reader.leaves());
		}
		assert.deepEqual(await unreachable(), { ...first, lacks });

		reader.reachable = true;
		const log = reader.log;
		const back = await story.passUntil("a session", () => reader.tap(BEN) === "revoked", BACK_MS);
		assert.isAbove(back, 0);
		await story.passUntil("its log", () => log.acknowledged === log.last, 20_000);
		await story.pass(10_000);
		assert.equal(await story.words("FRONT"), "has it");
		assert.deepEqual(
			[ADA, BEN, CY].map((id) => reader.tap(id)),
			["granted", "revoked", "granted"],
		);
		await story.pass(5000);
		assert.deepEqual(await story.serials(reader), upTo(log.last), "the day's log, each record once");
		const taps = await story.ask("GET", "/api/log?event=decision&limit=1000");
		assert.isAbove(taps.rows.length, 3 * 24);
		assert.deepEqual(await story.news("FRONT", "log-problem", "other-log", "two-readers", "refused"), []);
	});

	it("is unreachable where a broker says of no one that he is connected, too", async () => {
		Object.assign(story.running.transport, { isConnected: () => undefined });
		assert.equal(await story.words("FRONT"), "has it");
		await story.pass(HOUR);
		assert.isAtMost(heard - (await unreachable()).since, 900);
		// Whom it waits for in vain: the site knows it from that alone.
		await story.revoke(DEE);
		await story.pass(60_000);
		assert.deepEqual((await unreachable()).lacks, [
			{ what: "plan", number: 2 },
			{ what: "notice", number: 1 },
		]);
		reader.reachable = true;
		await story.passUntil("a session", () => reader.tap(DEE) === "revoked", BACK_MS);
		await story.pass(10_000);
		assert.equal(await story.words("FRONT"), "has it");
	});
});

describe("story: the server meets a defect at one door", () => {
	it("goes on with the other doors, and has it in its own log", async () => {
		const story = new StorySite();
		await story.start();
		const [front, back] = [story.reader("FRONT"), story.reader("BACK")];
		for (const reader of [front, back]) {
			await story.register(reader);
			reader.powerOn();
		}
		await story.pass(20_000);
		// More than a message holds.
		const settings = { sounds: null, spread: null, ssid: "Building", password: "x".repeat(65) };
		const told = await story.running.books.setSettings("FRONT", settings).catch((error: unknown) => error);
		assert.instanceOf(told, RangeError);
		await story.pass(60_000);
		await story.plan(["FRONT", "BACK"], { Ada: ADA });
		await story.pass(20_000);
		assert.equal(back.tap(ADA), "granted");
		assert.match(story.said.splice(0).join(), /RangeError/);
		await story.end();
	});
});
