// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, fromHex, toHex } from "../../../protocol/bytes.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import { SeededRandom } from "../../../sim/random.js";
import type { SiteKeys } from "../../../site/lib/site-keys.js";
import { SiteSync } from "../../../site/lib/sync/site-sync.js";
import { openCore, type SiteCore } from "../../../site/server/site-core.js";
import type { SiteStore } from "../../../site/server/store/store.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { DOOR } from "../../protocol/sync/parties.js";
import { device, install, start } from "../../support/plans.js";
import { until } from "../../support/until.js";
import { type ScriptedReader, SiteWorld } from "../sync/scripted-reader.js";
import { LogChain } from "./log-chain.js";
import { crypto } from "./site-bench.js";
import { sqlite } from "./store/engines.js";

const ADA = "00000000000000a1";

/** The server's books behind real sessions: handshakes, records and messages are those of doors. */
describe("server: sessions on its books", () => {
	const engine = sqlite();
	let world: SiteWorld;
	let store: SiteStore;
	let core: SiteCore;
	let reader: ScriptedReader;
	const failures: unknown[] = [];

	before(async () => {
		world = new SiteWorld();
		const { keys, server } = world.parties;
		// The first key that the site's seed gives is the one that signs.
		const office = crypto.ed25519KeyPair(new SeededRandom(1).bytes(32));
		const siteKeys: SiteKeys = { ...keys, keys: [office, server] };
		store = await engine.open();
		const { clock } = world.ports();
		core = await openCore({
			...{ store, crypto, clock, seconds: () => world.seconds(), keys: () => siteKeys },
			newId: () => toHex(world.parties.random.bytes(8)),
			changed: (door) => world.sync.changed(door),
			fed: () => undefined,
			problem: (problem) => failures.push(problem),
			failed: (error) => failures.push(error),
		});
		Object.assign(world, { sync: new SiteSync(world.ports(), core.books) });
		await core.planner.edit([
			{
				kind: "document",
				document: {
					...{ site: keys.site, timeZone: "UTC0", accessPlans: { all: [{ schedule: "always" }] } },
					doors: { [DOOR]: {} },
					users: [{ name: "Ada", accessPlans: ["all"], credentials: [{ id: ADA }] }],
				},
			},
		]);
		await core.planner.settled();
		reader = world.reader();
		await core.books.register(DOOR, { publicKey: reader.publicKey, credential: new Uint8Array(8) });
		reader.begin();
		world.run();
	});
	after(async () => {
		assert.deepEqual(failures, []);
		await core.close();
		await store.close();
		await engine.end();
	});

	/** Simulated time goes on until something is so; the store works in real time. */
	const comes = (what: string, met: () => boolean): Promise<void> =>
		until(what, () => {
			world.run(100);
			return met();
		});

	/** What was told before is in the store: writes go in their order. */
	const kept = (): Promise<void> => store.facts.set("brokerEpoch", 1);

	async function pull(hash: Uint8Array): Promise<Uint8Array> {
		const pieces: Uint8Array[] = [];
		for (let at = 0; ; ) {
			const before = reader.of("piece").length;
			reader.say({ name: "pull", hash, at } as never);
			await comes("a piece", () => reader.of("piece").length > before);
			const { piece, size } = reader.of("piece").at(-1) as MessageOf<"piece">;
			pieces.push(piece);
			at += piece.length;
			if (at === size) return concat(...pieces);
		}
	}

	it("bring a reader its plan, which the firmware takes", async () => {
		reader.hello();
		await comes("an offer", () => reader.of("offer").length > 0);
		const { hash } = reader.of("offer")[0]!;
		const envelope = await pull(hash);
		const body = await pull(core.books.plan(DOOR)!.bodyHash);
		const plan = start({ ...device(crypto, world.parties.keys.trust), door: DOOR });
		assert.equal(install(plan, { envelope, body } as never), "done");
		assert.isTrue(plan.lookup(fromHex(ADA), emptyEntry()));
		reader.say({ name: "outcome", hash, refusal: null } as never);
		world.run();
	});

	it("acknowledge a log once it is in the store", async () => {
		const chain = new LogChain(1);
		reader.say(chain.begin());
		await comes("an acknowledgement", () => reader.of("logged").length === 1);
		reader.say(chain.batch(1));
		await comes("an acknowledgement", () => reader.of("logged").length === 2);
		const { link, serial } = reader.of("logged")[1]!;
		assert.deepEqual([serial, toHex(link)], [24, toHex(chain.record(24).subarray(24))]);
		assert.lengthOf(await store.log.rows({ door: DOOR, limit: 100 }), 24);
	});

	it("tell a reader of a revocation, and bring it the plan that includes it", async () => {
		const [ada] = core.planner.content.users;
		await core.planner.edit([{ kind: "user", id: ada!.id, user: undefined }]);
		await comes("a notice", () => reader.of("notice").length > 0);
		await comes("a delta", () => reader.of("delta").length > 0);
		assert.equal(reader.of("delta")[0]!.envelope.length > 0 && core.books.plan(DOOR)?.version, 2);
	});

	it("set what was to be set, once", async () => {
		await core.books.setSettings(DOOR, { spread: 60, sounds: null, ssid: null, password: null });
		await comes("settings", () => reader.of("settings").length > 0);
		await comes("that they are set", () => core.books.settings(DOOR) === undefined);
		assert.equal(reader.of("settings")[0]!.spread, 60);
		await kept();
		assert.isUndefined((await store.doors.find(DOOR))?.settings);
	});

	it("leave in the store how the door is", async () => {
		await kept();
		const reports = new Map((await store.doors.reports(DOOR)).map(({ kind, body }) => [kind, body]));
		assert.deepInclude(reports.get("session"), { up: true });
		assert.deepInclude(reports.get("outcome"), { refusal: null });
		assert.deepInclude(reports.get("hello"), { notice: 0, version: 0 });
	});
});
