// SPDX-License-Identifier: Apache-2.0

/** What a server's store and feed have, as it is published: with the real store, and a door in place of sync. */
import { assert } from "chai";
import { NodeCrypto } from "../../../../hal/node/crypto.js";
import { concat, toHex, writeUint16, writeUint32 } from "../../../../protocol/bytes.js";
import { EVENTS } from "../../../../protocol/events.js";
import { RECORD_SIZE, trustCode } from "../../../../protocol/log/record.js";
import { NO_LOG } from "../../../../site/lib/log/intake.js";
import type { CommandResult, DoorCommand } from "../../../../site/lib/sync/door-command.js";
import { FeedWatch } from "../../../../site/server/events/feed-watch.js";
import { originId } from "../../../../site/server/home-assistant/bridge.js";
import { ServedDoors } from "../../../../site/server/home-assistant/served-doors.js";
import type { SiteStore } from "../../../../site/server/store/store.js";
import { until } from "../../../support/until.js";
import { type Engine, sqlite } from "../store/engines.js";

const ADA = new Uint8Array(8).fill(0xa1);

function record(serial: number, kind: number, subject: Uint8Array = new Uint8Array(8)): Uint8Array {
	const bytes = new Uint8Array(RECORD_SIZE);
	writeUint32(bytes, 0, serial);
	writeUint32(bytes, 4, 1_780_000_000 + serial);
	bytes[8] = kind;
	bytes[9] = trustCode("synced");
	writeUint16(bytes, 10, 0);
	bytes.set(subject, 16);
	return bytes;
}

describe("a server's doors, as they are published", () => {
	let engine: Engine;
	let store: SiteStore;
	let feed: FeedWatch;
	let doors: ServedDoors;
	let reader: number;
	let serial: number;
	/** Doors whose reader is in a session. */
	const online = new Set<string>();
	/** Doors that the broker has lost. */
	const gone = new Set<string>();
	const commands: [string, DoorCommand][] = [];
	let result: CommandResult;
	const told: string[] = [];

	beforeEach(async () => {
		engine = sqlite();
		store = await engine.open();
		for (const id of ["FRONT", "BACK"]) await store.doors.put(id, {});
		await store.doors.register("FRONT", { publicKey: new Uint8Array(32).fill(1), credential: ADA }, 100);
		reader = (await store.doors.readers("FRONT"))[0]!.id;
		const entry = { accessPlans: [] };
		const credentials = [{ id: toHex(ADA), entry: {}, publicKey: undefined, issued: undefined }];
		await store.users.put(
			[{ id: "u1", name: "Ada", email: undefined, phone: undefined, entry, credentials }],
			1,
		);
		serial = 0;
		online.clear();
		gone.clear();
		commands.length = 0;
		told.length = 0;
		result = "done";
		feed = new FeedWatch(store.feed, (error) => assert.fail(String(error)));
		doors = await ServedDoors.open(
			{
				...{ store, feed, crypto: new NodeCrypto(), now: () => 1_780_000_500 },
				transport: { isConnected: (door) => (gone.has(door) ? false : undefined) },
				sync: {
					state: (door) => ({ inSession: online.has(door), heard: undefined }),
					command: (door, command, done) => {
						commands.push([door, command]);
						done(result);
					},
				},
			},
			(error) => assert.fail(String(error)),
		);
		doors.watch({
			changed: (door) => told.push(door),
			recorded: (door, { kind, person }) => told.push(`${door} ${kind} ${person ?? "-"}`),
		});
	});

	afterEach(async () => {
		doors.close();
		feed.close();
		await store.close();
		await engine.end();
	});

	/** As intake does. */
	async function logs(...records: [kind: number, subject?: Uint8Array][]): Promise<void> {
		const bytes = concat(...records.map(([kind, subject]) => record(++serial, kind, subject)));
		await store.log.append(reader, bytes, { ...NO_LOG, serial }, 1_780_000_400);
		await store.feed.add({ at: 1, kind: "log", door: "FRONT", body: {} });
		feed.look();
	}

	it("are those of the store, with who is in a session; a session's begin and end, a door that comes or goes are told", async () => {
		assert.deepEqual(
			doors.list().map(({ id, online }) => [id, online]),
			[
				["FRONT", false],
				["BACK", false],
			],
		);
		online.add("FRONT");
		await store.feed.add({ at: 1, kind: "session", door: "FRONT", body: { up: true } });
		feed.look();
		await until("it is told", () => told.includes("FRONT"));
		assert.deepEqual(told, ["FRONT"], "and of the other nothing");
		assert.isTrue(doors.list()[0]!.online);
		// Its session stands until it is asked; the broker knows better, and says nothing by itself.
		gone.add("FRONT");
		await until("it is told", () => !doors.list()[0]!.online);
		await store.doors.remove("BACK", 5);
		await store.feed.add({ at: 1, kind: "plan", door: "FRONT", body: {} });
		feed.look();
		await until("it is told", () => told.includes("BACK"));
		assert.deepEqual(told, ["FRONT", "FRONT", "BACK"]);
		assert.deepEqual(
			doors.list().map(({ id }) => id),
			["FRONT"],
		);
	});

	it("have their records in the order in which they came, with the person, from the newest that was asked for on", async () => {
		await logs([EVENTS.restart], [EVENTS.service], [EVENTS["door-opened"]]);
		const recent = await doors.recent("FRONT");
		assert.deepEqual(
			recent.map(({ kind }) => kind),
			[EVENTS.restart, EVENTS["door-opened"]],
			"what says nothing of how the door is is left out",
		);
		await logs([EVENTS["door-closed"]], [EVENTS.plan], [EVENTS.decision, ADA]);
		await until("they are told", () => told.length >= 2);
		assert.deepEqual(told, [`FRONT ${EVENTS["door-closed"]} -`, `FRONT ${EVENTS.decision} Ada`]);
		await logs([EVENTS.forced]);
		await until("it is told", () => told.length >= 3);
		assert.equal(told[2], `FRONT ${EVENTS.forced} -`);
	});

	it("have a command written down with its origin before it goes out, by sync, and say what came of it", async () => {
		const by = { id: originId("ACME"), name: "home-assistant" };
		assert.isNull(await doors.command("FRONT", "open", by));
		const [, command] = commands[0]!;
		assert.deepEqual([command.what, command.for, toHex(command.by)], ["open", 0, by.id]);
		result = { refusal: "lockdown" };
		assert.equal(await doors.command("FRONT", "open", by), "lockdown");
		result = "unknown";
		assert.match((await doors.command("FRONT", "lock", by))!, /may have been done/);
		const actions = await store.actions.after(0, 10);
		assert.lengthOf(actions, 3);
		for (const { body } of actions) assert.match(body, /home-assistant/);
		for (const action of actions) assert.deepInclude(action, { by: by.id, to: "FRONT" });
		assert.deepEqual(
			actions.map(({ what }) => what),
			["command-open", "command-open", "command-lock"],
		);
	});
});
