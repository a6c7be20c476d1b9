// SPDX-License-Identifier: Apache-2.0

import { rmSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { topicRevoked } from "../../../protocol/sync/topics.js";
import { backUp, restore } from "../../../site/server/data-folder.js";
import { HOUR, type StoryReader, StorySite, upTo } from "./story-site.js";

const ADA = "00000000000000a1";
const BEN = "00000000000000b1";
const CY = "00000000000000c1";
const EVE = "00000000000000e1";
const FAY = "00000000000000f1";
const DOORS = ["FRONT", "BACK"] as const;
/** A reader is in a new session by then: it keeps the one that it has for a minute at least. */
const SESSION_MS = 90_000;
/** The longest back-off, the spread, and a handshake. */
const BACK_MS = 305_000;

describe("story: the server is restored from yesterday's backup", () => {
	let story: StorySite;
	let front: StoryReader;
	let back: StoryReader;
	let backup: string;

	beforeEach(async () => {
		story = new StorySite();
		await story.start();
		[front, back] = [story.reader("FRONT"), story.reader("BACK")];
		for (const reader of [front, back]) await story.register(reader);
		await story.plan(DOORS, { Ada: ADA, Ben: BEN, Cy: CY });
		for (const reader of [front, back]) reader.powerOn();
		await story.pass(20_000);
		assert.deepEqual(taps(BEN), ["granted", "granted"]);
		await story.pass(10_000);
		backup = join(story.folder, "backup.db");
		await backUp(story.folder, backup);
	});
	afterEach(async () => {
		assert.deepEqual(story.said, []);
		await story.end();
	});

	const taps = (id: string): string[] => [front, back].map((reader) => reader.tap(id));

	/** What happened since the backup: Ben was revoked, Eve came. */
	async function today(): Promise<void> {
		await story.pass(20 * HOUR);
		await story.revoke(BEN);
		await story.add("Eve", EVE);
		await story.pass(20_000);
		assert.deepEqual(taps(BEN), ["revoked", "revoked"]);
		assert.deepEqual(taps(EVE), ["granted", "granted"]);
		await story.pass(10_000);
	}

	/**
	 * The machine's disk is lost, and with it what its broker had retained: another one has the backup, and `notices` where it was copied
	 * beside it. `broker`: another one has it, and keeps what it had retained.
	 */
	async function lose({ notices = false, broker = false } = {}): Promise<void> {
		story.kill();
		if (!broker) story.broker.retained.clear();
		await story.pass(60_000);
		if (!notices) rmSync(join(story.folder, "notices"), { force: true });
		await restore(backup, story.folder, story.seconds);
		await story.startAgain();
	}

	const confirm = (lostNotices?: number): Promise<unknown> =>
		story.ask("POST", "/api/restore/confirm", lostNotices === undefined ? undefined : { lostNotices });

	async function refusal(of: Promise<unknown>): Promise<string> {
		return of.then(
			() => "",
			(error: Error) => error.message,
		);
	}

	it("says which revocations only readers have, and sends no plan until they are made again", async () => {
		await today();
		const { plan: before } = await story.door("FRONT");
		assert.equal(before.has.version, 3);
		await lose();
		assert.deepEqual(await story.problems(), ["restored"]);
		assert.match(await story.words("FRONT"), /^unreachable since /);
		assert.deepInclude(await story.ask("GET", "/api/restore"), { unheard: ["BACK", "FRONT"].reverse() });

		await story.add("Fay", FAY);
		await story.pass(SESSION_MS);
		assert.deepEqual(await story.ask("GET", "/api/restore"), {
			restored: await story.store.facts.get("restored"),
			unheard: [],
			lostNotices: { from: 1, to: 1 },
		});
		assert.deepEqual(await story.problems(), ["restored", "notices-lost"]);
		assert.deepEqual(
			(await story.news("FRONT", "ahead")).map(({ body }) => body),
			[{ of: "notice" }, { of: "log" }],
		);
		// As it was, at each door.
		assert.deepEqual([taps(BEN), taps(EVE)].flat(), ["revoked", "revoked", "granted", "granted"]);
		assert.deepEqual(taps(FAY), ["unknown-credential", "unknown-credential"]);
		assert.match(await refusal(confirm()), /notices-lost.* 1 to 1.* revoke again/);
		assert.match(await refusal(confirm(2)), /notices-lost/);
		await story.pass(HOUR);
		assert.deepEqual(taps(BEN), ["revoked", "revoked"]);

		await story.revoke(BEN);
		await confirm(1);
		await story.pass(20_000);
		assert.deepEqual(await story.problems(), []);
		assert.deepEqual([taps(BEN), taps(FAY)].flat(), ["revoked", "revoked", "granted", "granted"]);
		assert.deepEqual(taps(EVE), ["unknown-credential", "unknown-credential"], "the backup has her not");
		for (const door of DOORS) {
			const { plan, words } = await story.door(door);
			assert.equal(words, "has it");
			assert.isAbove(plan.has.version, before.has.version);
		}
		await story.revoke(CY);
		await story.pass(2000);
		assert.deepEqual([taps(BEN), taps(CY)].flat(), ["revoked", "revoked", "revoked", "revoked"]);
		await story.pass(10_000);
		for (const reader of [front, back]) {
			assert.equal(await story.words(reader.door), "has it");
			assert.deepEqual(await story.serials(reader), upTo(reader.log.last));
		}
		assert.match(await refusal(confirm()), /not-restored/);
	});

	it("keeps out whom only a door knows as revoked that comes after it was confirmed, through a restart too", async () => {
		// It was away when Ben was revoked, and is heard first.
		back.reachable = false;
		await story.pass(HOUR);
		await story.revoke(BEN);
		await story.pass(10_000);
		assert.deepEqual(taps(BEN), ["revoked", "granted"]);
		await story.pass(10_000);
		await lose();
		[front.reachable, back.reachable] = [false, true];
		await story.pass(BACK_MS);
		await confirm();
		await story.add("Fay", FAY);
		await story.pass(20_000);
		assert.deepEqual(taps(FAY), ["unknown-credential", "granted"]);
		assert.deepEqual(taps(BEN), ["revoked", "granted"], "nobody knows but the door that is away");

		front.reachable = true;
		await story.pass(BACK_MS);
		assert.deepEqual(await story.problems(), ["notices-lost"]);
		assert.equal(front.tap(BEN), "revoked");
		await story.stop();
		await story.start();
		await story.pass(SESSION_MS);
		assert.deepEqual(await story.problems(), ["notices-lost"]);
		assert.equal(front.tap(BEN), "revoked");
		assert.equal(await story.words("FRONT"), "waiting for plan 4");

		await story.revoke(BEN);
		await confirm(1);
		await story.pass(20_000);
		assert.deepEqual([taps(BEN), taps(FAY)].flat(), ["revoked", "revoked", "granted", "granted"]);
		assert.deepEqual(await story.problems(), []);
		for (const door of DOORS) assert.equal(await story.words(door), "has it");
	});

	it("knows from what another's broker has retained whom it has to keep out, and leaves it there", async () => {
		await today();
		const topic = topicRevoked("ACME");
		const retained = story.broker.retained.get(topic)!.data;
		await lose({ broker: true });
		await story.pass(1000);
		// Before any door was heard.
		assert.isTrue(story.running.planner.isHeld);
		assert.deepEqual(
			(await story.store.notices.revoked()).map((id) => id),
			[BEN],
		);
		assert.deepEqual(story.broker.retained.get(topic)!.data, retained);
		await story.pass(SESSION_MS);
		assert.deepEqual(await story.problems(), ["restored"]);
		await confirm();
		await story.pass(20_000);
		assert.deepEqual([taps(BEN), taps(ADA)].flat(), ["revoked", "revoked", "granted", "granted"]);
		for (const door of DOORS) assert.equal(await story.words(door), "has it");
	});

	it("takes from a broker nothing that the site has not signed", async () => {
		await today();
		const topic = topicRevoked("ACME");
		const message = story.broker.retained.get(topic)!;
		const data = message.data.slice();
		data[data.length - 1]! ^= 1;
		story.broker.retained.set(topic, { ...message, data });
		await lose({ broker: true });
		await story.pass(1000);
		assert.deepEqual(await story.store.notices.revoked(), []);
		await story.pass(SESSION_MS);
		assert.deepEqual(await story.problems(), ["restored", "notices-lost"]);
	});

	it("knows from the notices beside the backup whom it has to keep out", async () => {
		await today();
		await lose({ notices: true });
		await story.pass(SESSION_MS);
		assert.deepEqual(await story.problems(), ["restored"]);
		await confirm();
		await story.pass(20_000);
		assert.deepEqual([taps(BEN), taps(ADA)].flat(), ["revoked", "revoked", "granted", "granted"]);
		for (const door of DOORS) assert.equal(await story.words(door), "has it");
	});

	it("has each reader's log again as far as that has it, and says what is gone", async () => {
		// More than a log has room for, in parts that it has.
		for (let part = 0; part < 2; part++) {
			front.reachable = false;
			for (let n = 0; n < 1100; n++) {
				front.tap(ADA);
				await story.pass(6000);
			}
			front.reachable = true;
			await story.passUntil("its log", () => front.log.acknowledged === front.log.last, BACK_MS + 60_000);
		}
		const { oldest } = front.log;
		assert.isAbove(oldest, 1);
		await lose();
		await story.pass(SESSION_MS + 60_000);
		const here = await story.serials(front);
		const [first] = here.filter((serial, i) => i > 0 && serial > here[i - 1]! + 1);
		assert.isAtLeast(first!, oldest);
		assert.deepEqual(here.slice(here.indexOf(first!)), upTo(front.log.last).slice(first! - 1));
		assert.deepEqual(here.slice(0, here.indexOf(first!)), upTo(here.indexOf(first!)), "of the backup");
		const problems = await story.news("FRONT", "log-problem");
		assert.deepEqual(
			problems.map(({ body }) => body),
			[{ reader: 1, reason: "missing", from: here.indexOf(first!) + 1, to: first! - 1 }],
		);
		assert.deepEqual(await story.serials(back), upTo(back.log.last));
		assert.deepEqual(await story.news("BACK", "log-problem"), []);
	});
});
