// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { fromHex } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import { verifyLines } from "../../../site/lib/log/lines.js";
import { crypto, HOUR, type StoryReader, StorySite, YEAR_S } from "./story-site.js";

const ADA = "00000000000000a1";
const STRANGER = "00000000000000ee";
/** The longest back-off, the spread, and a handshake. */
const BACK_MS = 305_000;

describe("story: what a site's people have to know of its doors", () => {
	let story: StorySite;
	let reader: StoryReader;

	beforeEach(async () => {
		story = new StorySite();
		await story.start();
		reader = story.reader("FRONT");
		await story.register(reader);
		await story.plan(["FRONT"], { Ada: ADA });
		reader.powerOn();
		await story.pass(20_000);
	});
	afterEach(() => story.end());

	const alarms = async (query = ""): Promise<Record<string, unknown>[]> =>
		(await story.ask("GET", `/api/alarms${query}`)).alarms;
	const kinds = async (query = ""): Promise<unknown[]> => (await alarms(query)).map(({ kind }) => kind);

	it("an alarm at the door comes at once and once, ends with what it warns of, and stays until it is acknowledged", async () => {
		const { events } = reader.device;
		events.record(EVENTS.forced, 0, 0);
		await story.pass(5000);
		assert.deepEqual(await kinds(), ["forced"]);
		assert.deepEqual((await story.door("FRONT")).alarms, ["forced"]);
		// With the log it comes again.
		await story.pass(HOUR);
		const [alarm] = await alarms();
		assert.isNull(alarm!.ended);
		assert.lengthOf(await alarms("?state=all"), 1);
		events.record(EVENTS["forced-ended"], 0, 0);
		await story.pass(HOUR);
		assert.isNumber((await alarms())[0]!.ended, "over, and not seen by anybody yet");
		await story.ask("POST", "/api/alarms/acknowledge", { alarms: [alarm!.id] });
		assert.deepEqual(await alarms(), []);
		assert.deepEqual((await story.door("FRONT")).alarms, []);
		const [seen] = await alarms("?state=all&kind=forced&door=FRONT");
		const { at, by } = seen!.acknowledged as { at: number; by: string };
		assert.equal(at, story.seconds);
		assert.match(by, /^[0-9a-f]{16}$/);
		assert.deepEqual(
			(await story.news("FRONT", "alarm-raised", "alarm-ended", "alarm-acknowledged")).map(
				({ kind }) => kind,
			),
			["alarm-raised", "alarm-ended", "alarm-acknowledged"],
		);
		const actions = await story.store.actions.after(0, 1000);
		assert.equal(actions.at(-1)!.what, "acknowledge-alarms");
		await story.ask("POST", "/api/alarms/acknowledge", { alarms: [alarm!.id] });
		assert.deepEqual(
			(await alarms("?state=all"))[0]!.acknowledged,
			seen!.acknowledged,
			"who was first stays",
		);
	});

	it("what comes again before anybody has seen it is one alarm with that, and counted", async () => {
		const { events } = reader.device;
		for (let i = 0; i < 3; i++) {
			events.record(EVENTS.tamper, 0, 0);
			await story.pass(60_000);
			events.record(EVENTS["tamper-ended"], 0, 0);
			await story.pass(60_000);
		}
		const [alarm, ...more] = await alarms();
		assert.deepEqual(more, []);
		assert.deepInclude(alarm!.details, { count: 3 });
		assert.isNumber(alarm!.ended);
		await story.ask("POST", "/api/alarms/acknowledge", { alarms: [alarm!.id] });
		events.record(EVENTS.tamper, 0, 0);
		await story.pass(60_000);
		const [next] = await alarms();
		assert.notProperty(next!.details, "count");
		assert.isNull(next!.ended);
	});

	it("of many denials one alarm, and another once it was acknowledged and they go on", async () => {
		for (let i = 0; i < 4; i++) reader.tap(STRANGER);
		await story.pass(HOUR);
		assert.deepEqual(await kinds(), []);
		for (let i = 0; i < 12; i++) reader.tap(STRANGER);
		await story.pass(60_000);
		assert.deepEqual(await kinds(), ["denied-often"]);
		const [{ id }] = (await alarms()) as [{ id: number }];
		await story.ask("POST", "/api/alarms/acknowledge", { alarms: [id] });
		await story.pass(60_000);
		for (let i = 0; i < 6; i++) reader.tap(STRANGER.replace("ee", `e${i}`));
		await story.pass(60_000);
		assert.deepEqual(await kinds(), ["denied-often"]);
	});

	it("a start that nothing asked for is one, a restart by command is none", async () => {
		// A reader that has only just started is not restarted.
		await story.pass(60_000);
		const asked = story.ask("POST", "/api/doors/FRONT/commands", { what: "restart" });
		await story.pass(60_000);
		assert.deepEqual(await asked, { result: "done" });
		assert.deepEqual(await kinds(), []);
		reader.powerOff();
		await story.pass(10_000);
		reader.powerOn();
		await story.pass(60_000);
		assert.deepEqual(await kinds(), ["restarted"]);
	});

	it("a clock that is off is one until it is right; a door that refuses the server by it says why", async () => {
		reader.ahead = YEAR_S;
		await story.pass(2 * HOUR);
		const { refused, state, words } = await story.door("FRONT");
		assert.equal(state, "unreachable");
		assert.match(
			words,
			/^unreachable since .*; its reader refused the server: by its clock the server's key /,
		);
		assert.equal(refused.reason, "peer-error");
		reader.ahead = 0;
		await story.pass(BACK_MS);
		assert.isNull((await story.door("FRONT")).refused);
		assert.equal(await story.words("FRONT"), "has it");
		reader.ahead = -YEAR_S;
		await story.pass(2 * HOUR);
		assert.deepEqual(await kinds("?kind=clock-off"), ["clock-off"]);
		reader.ahead = 0;
		await story.pass(HOUR);
		const [off] = await alarms("?kind=clock-off");
		assert.isNumber(off!.ended);
	});

	it("a lockdown that it has not taken, and changes that cannot be signed, are in a door's words", async () => {
		reader.reachable = false;
		await story.pass(HOUR);
		await story.ask("POST", "/api/lockdown", { seconds: 7200 });
		assert.match(await story.words("FRONT"), /it lacks the lockdown$/);
		assert.isAbove((await story.door("FRONT")).lockdown.until, story.seconds);
		reader.reachable = true;
		await story.pass(BACK_MS);
		assert.equal(await story.words("FRONT"), "has it");
		assert.equal(reader.tap(ADA), "lockdown");
		await story.ask("DELETE", "/api/lockdown");
		await story.pass(60_000);
		assert.equal(await story.words("FRONT"), "has it");
		assert.isNull((await story.door("FRONT")).lockdown);
		// The server's key ends.
		story.ahead = YEAR_S;
		await story.add("Ben", "00000000000000b1");
		await story.pass(60_000);
		assert.match(await story.words("FRONT"), /changes that the server cannot sign \(key-ended\)/);
	});

	it("of two readers' histories there are alarms, and the records that differ are counted at the door", async () => {
		await story.pass(HOUR);
		const { reader: registered } = (await story.store.doors.find("FRONT"))!;
		await story.store.log.addFork(registered!.id, new Uint8Array(32).fill(1), story.seconds, 10);
		story.running.books.told("FRONT", { kind: "other-log", serial: 3 });
		story.running.books.told("FRONT", { kind: "other-log", serial: 4 });
		story.running.books.told("FRONT", { kind: "two-readers" });
		await story.settle();
		assert.sameMembers(await kinds(), ["log-fork", "two-readers"]);
		const { fork, forks } = await story.door("FRONT");
		assert.deepEqual([fork.serial, forks], [3, 1]);
	});

	it("a time of the log is exported from the checkpoint before it to the one behind it, and verifies", async () => {
		for (let i = 0; i < 300; i++) {
			reader.tap(ADA);
			await story.pass(20_000);
		}
		await story.pass(HOUR);
		const { rows } = await story.ask("GET", "/api/log?event=decision&order=oldest&limit=1000");
		const [from, to] = [rows[100], rows[200]];
		const of = "FRONT";
		const key = fromHex(reader.key);
		const text = await story.text(`/api/doors/${of}/log/export?since=${from.at}&until=${to.at}`);
		const report = verifyLines(text, crypto, { publicKey: key });
		assert.isTrue(report.intact, JSON.stringify(report.problems));
		assert.isAtMost(report.first, from.serial);
		assert.isAtLeast(report.last, to.serial);
		assert.isBelow(report.records, (await story.door(of)).log.here - 60);
		assert.isAbove(report.first, 1);
		assert.isBelow(report.sinceCheckpoint, 2, "all that was asked for is signed");
		const lines = text.trim().split("\n");
		lines.splice(50, 1);
		assert.isFalse(verifyLines(lines.join("\n"), crypto, { publicKey: key }).intact);
		assert.equal(await story.text(`/api/doors/${of}/log/export?since=1&until=2`), "");
		// The newest has no checkpoint behind it, and is there.
		const newest = await story.text(`/api/doors/${of}/log/export?since=${rows.at(-1).at}`);
		assert.isTrue(verifyLines(newest, crypto, { publicKey: key }).intact);
	});
});
