// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { openLockdown } from "../../../protocol/notice/lockdown.js";
import { type PlanDocument, PlanDocumentError } from "../../../site/lib/plan/document.js";
import { GATHER_MS } from "../../../site/server/plan-maker.js";
import { BenchReader, crypto, SITE, SiteBench } from "./site-bench.js";
import { ENGINES, type EngineServer } from "./store/engines.js";

const id = (n: number): string => n.toString(16).padStart(16, "0");

const DOCUMENT: PlanDocument = {
	site: SITE,
	timeZone: "UTC0",
	accessPlans: {
		all: [{ schedule: "always" }],
		front: [{ schedule: "always", doors: ["front"] }],
	},
	doors: { front: {}, back: {}, side: {} },
	users: [
		{ name: "Ada", accessPlans: ["all"], credentials: [{ id: id(1) }, { id: id(2) }] },
		{ name: "Ben", accessPlans: ["front"], credentials: [{ id: id(3) }] },
	],
	listElsewhere: false,
};

for (const server of ENGINES) describe(`server: planner on ${server.name}`, () => planner(server));

function planner(server: EngineServer): void {
	let bench: SiteBench;
	let front: BenchReader;
	let back: BenchReader;

	before(function () {
		this.timeout(120_000);
		return server.start(this);
	});
	after(() => server.stop());
	beforeEach(async () => {
		bench = new SiteBench(await server.make());
		await bench.open();
		await bench.bring(DOCUMENT);
		front = new BenchReader(bench, "front");
		back = new BenchReader(bench, "back");
		await sync();
		bench.changed = [];
	});
	afterEach(async () => {
		assert.deepEqual(bench.failures, []);
		await bench.end();
	});

	async function sync(): Promise<void> {
		await front.sync();
		await back.sync();
	}

	async function reopen(): Promise<void> {
		await bench.close();
		await bench.open();
	}

	async function mistake(edit: Promise<unknown>): Promise<PlanDocumentError> {
		try {
			await edit;
		} catch (error) {
			if (error instanceof PlanDocumentError) return error;
			throw error;
		}
		return assert.fail("was taken");
	}

	it("gives each door its plan, which opens for its people", () => {
		assert.deepEqual([front.took, back.took], [["snapshot"], ["snapshot"]]);
		assert.deepEqual(
			[1, 2, 3].map((n) => front.admits(id(n))),
			[true, true, true],
		);
		assert.deepEqual(
			[1, 2, 3].map((n) => back.admits(id(n))),
			[true, true, false],
		);
	});

	it("gathers what gives access for some seconds, and makes one delta of it at the doors that it is about", async () => {
		await bench.put("u4", { credentials: [id(4)], entry: { accessPlans: ["front"] } });
		await bench.advance(GATHER_MS - 1000);
		await bench.put("u5", { credentials: [id(5)], entry: { accessPlans: ["front"] } });
		await sync();
		assert.isFalse(front.admits(id(4)));
		assert.isAtMost(GATHER_MS, 10_000);
		await bench.advance(1000);
		assert.deepEqual(bench.changed, ["front"]);
		await sync();
		assert.isTrue(front.admits(id(4)) && front.admits(id(5)));
		assert.deepEqual(front.took, ["snapshot", "delta"]);
		assert.deepEqual(back.took, ["snapshot"]);
	});

	it("revokes at once: by a notice for all, then by deltas; what was gathered goes with it", async () => {
		await bench.put("u4", { credentials: [id(4)] });
		const [ada] = bench.core.planner.content.users;
		await bench.core.planner.edit([
			{ kind: "user", id: ada!.id, user: { ...ada!, credentials: ada!.credentials.slice(1) } },
		]);
		assert.isUndefined(bench.changed[0], "readers are told by a notice before there are plans");
		await bench.core.planner.settled();
		assert.sameMembers(bench.changed.slice(1), ["front", "back", "side"]);
		front.takeNotice(bench.core.books.newestNotice!);
		assert.isFalse(front.admits(id(1)), "by the notice alone");
		assert.isTrue(front.admits(id(2)));
		await sync();
		assert.deepEqual([...front.revoked.keys()], [], "the plan includes the notice");
		assert.deepEqual(
			[1, 2, 4].map((n) => front.admits(id(n))),
			[false, true, true],
		);
		assert.deepEqual(front.took, ["snapshot", "delta"]);
	});

	it("pauses at once without a notice, and lets in again", async () => {
		const [ada] = bench.core.planner.content.users;
		const paused = (suspended: boolean) =>
			bench.core.planner.edit([
				{ kind: "user", id: ada!.id, user: { ...ada!, entry: { ...ada!.entry, suspended } } },
			]);
		await paused(true);
		await bench.core.planner.settled();
		await sync();
		assert.isFalse(front.admits(id(1)) || back.admits(id(1)));
		assert.equal(bench.core.books.notice, 0);
		await paused(false);
		await bench.advance(GATHER_MS);
		await sync();
		assert.isTrue(front.admits(id(1)));
	});

	it("takes a user's access at once where its plan says less", async () => {
		await bench.core.planner.edit([
			{ kind: "part", part: "accessPlans", name: "all", body: [{ schedule: "always", doors: ["back"] }] },
		]);
		await bench.core.planner.settled();
		await sync();
		assert.isFalse(front.admits(id(1)));
		assert.isTrue(back.admits(id(1)));
	});

	it("never takes back an id that was in a notice, also of a user that is gone, also after a restart", async () => {
		const [ada] = bench.core.planner.content.users;
		await bench.core.planner.edit([{ kind: "user", id: ada!.id, user: undefined }]);
		await reopen();
		const { path, message } = await mistake(bench.put("u9", { credentials: [id(9), id(1)] }));
		assert.deepEqual(path, ["users", 1, "credentials", 1, "id"]);
		assert.match(message, /issue a new credential/);
		await mistake(bench.bring(DOCUMENT));
		assert.lengthOf(await bench.store.users.list(), 1, "nothing of what was refused is kept");
		const fresh = await bench.core.planner.newCredentialId();
		await bench.put("u9", { credentials: [fresh] });
	});

	it("refuses what does not compile, at its place, and keeps all as it was", async () => {
		const { path } = await mistake(
			bench.put("u9", { credentials: [id(9)], entry: { accessPlans: ["none"] } }),
		);
		assert.deepEqual(path, ["users", 2, "accessPlans", 0]);
		const rule = { schedule: "always", doors: ["nowhere"] };
		await mistake(bench.core.planner.edit([{ kind: "part", part: "accessPlans", name: "x", body: [rule] }]));
		await mistake(bench.core.planner.edit([{ kind: "door", id: "front", entry: undefined }]));
		await mistake(bench.bring({ ...DOCUMENT, site: "OTHER" }));
		assert.deepEqual(bench.core.planner.document, DOCUMENT);
		await reopen();
		assert.deepEqual(bench.core.planner.document, DOCUMENT);
	});

	it("does several changes as one", async () => {
		const bad = { kind: "door", id: "front", entry: undefined } as const;
		await mistake(bench.core.planner.edit([{ kind: "door", id: "new", entry: {} }, bad]));
		assert.notProperty(bench.core.planner.document.doors, "new");
	});

	it("sends a snapshot where the changes are too many for a delta", async () => {
		const users = Array.from({ length: 300 }, (_, i) => ({
			...{ name: `U${i}`, accessPlans: ["all"], credentials: [{ id: id(1000 + i) }] },
		}));
		await bench.bring({ ...DOCUMENT, users: [...DOCUMENT.users, ...users] });
		await sync();
		assert.deepEqual(front.took, ["snapshot", "snapshot"]);
		assert.isTrue(front.admits(id(1299)));
	});

	it("brings a reader that was away up to date by its deltas, one after the other", async () => {
		for (let n = 10; n < 14; n++) {
			await bench.put(`u${n}`, { credentials: [id(n)] });
			await bench.advance(GATHER_MS);
		}
		await reopen();
		await front.sync();
		// The first call finds nothing in memory.
		await bench.core.planner.settled();
		await front.sync();
		assert.deepEqual(front.took.slice(1), ["delta", "delta", "delta", "delta"]);
		assert.isTrue(front.admits(id(13)));
	});

	it("finds after a restart what was gathered and what was not signed yet", async () => {
		await bench.put("u4", { credentials: [id(4)] });
		await reopen();
		await sync();
		assert.isTrue(front.admits(id(4)));
		// As where the server ended between the edit and the notice.
		await bench.store.notices.revoke([id(4)], bench.seconds);
		await reopen();
		assert.equal(bench.core.books.notice, 1);
		front.takeNotice(bench.core.books.newestNotice!);
		assert.isFalse(front.admits(id(4)));
	});

	it("renews plans in the first half of their life, and makes none anew that say the same", async () => {
		await bench.bring({ ...DOCUMENT, offline: { days: 10 } });
		await sync();
		const { expires, version } = front;
		assert.equal(expires, bench.seconds + 10 * 86_400);
		for (let day = 0; day < 4; day++) await bench.advance(86_400_000);
		await sync();
		assert.equal(front.version, version);
		for (let day = 0; day < 2; day++) await bench.advance(86_400_000);
		await sync();
		assert.isAbove(front.expires, expires);
		assert.equal(front.took.at(-1), "delta");
	});

	it("goes on behind a version that the reader has and the site does not know", async () => {
		const hello = { ...front.hello, version: 40 };
		bench.core.books.told("front", { kind: "hello", hello });
		await bench.core.planner.settled();
		assert.equal(bench.core.books.plan("front")?.version, 41);
		assert.isUndefined(bench.core.books.delta("front", 1, 1), "from another plan than the reader's");
		await reopen();
		await bench.put("u4", { credentials: [id(4)] });
		await bench.advance(GATHER_MS);
		await bench.core.planner.settled();
		await front.sync();
		assert.equal(front.version, 42);
	});

	it("goes on where it was for a reader in the place of one that said it had the last version there is", async () => {
		const { books, planner } = bench.core;
		const reader = (n: number) => ({ publicKey: new Uint8Array(32).fill(n), credential: new Uint8Array(8) });
		await books.register("front", reader(1));
		await planner.settled();
		const { version } = books.plan("front")!;
		books.told("front", { kind: "hello", hello: { ...front.hello, version: 0xffff_ffff } });
		await planner.settled();
		assert.equal(bench.problems.at(-1)?.reason, "no-version-left");
		await books.register("front", reader(1));
		await bench.put("late", { credentials: [id(91)] });
		await bench.advance(GATHER_MS);
		assert.equal(books.plan("front")?.version, version, "it is still that one");
		await books.register("front", reader(2));
		await planner.settled();
		assert.equal(books.plan("front")?.version, version + 1);
		await reopen();
		await bench.put("late", { credentials: [id(92)] });
		await bench.advance(GATHER_MS);
		assert.equal(bench.core.books.plan("front")?.version, version + 2);
	});

	it("signs all anew for the next epoch, in which notices begin with 1", async () => {
		await bench.core.planner.edit([
			{ kind: "user", id: bench.core.planner.content.users[1]!.id, user: undefined },
		]);
		assert.equal(bench.core.books.notice, 1);
		bench.trusted.next(({ epoch }) => ({ epoch: epoch + 1 }));
		bench.keys = bench.trusted.keys(bench.trusted.office);
		await bench.core.planner.keysChanged();
		await bench.core.planner.settled();
		const later = new BenchReader(bench, "front");
		await later.sync();
		assert.deepEqual([bench.core.books.plan("front")?.epoch, bench.core.books.notice], [2, 0]);
		assert.deepEqual(
			[1, 3].map((n) => later.admits(id(n))),
			[true, false],
		);
		await mistake(bench.put("u3", { credentials: [id(3)] }));
	});

	it("says so where it has no key that signs, keeps the change, and signs once it has one", async () => {
		bench.keys = { ...bench.keys, keys: [bench.trusted.install] };
		const [ada] = bench.core.planner.content.users;
		await bench.core.planner.edit([{ kind: "user", id: ada!.id, user: undefined }]);
		await bench.core.planner.settled();
		assert.deepEqual(
			bench.problems.map(({ door, reason }) => [door, reason]),
			[undefined, "front", "back", "side"].map((door) => [door, "wrong-role"]),
		);
		assert.equal(bench.core.books.notice, 0);
		bench.keys = bench.trusted.keys(bench.trusted.office);
		await bench.core.planner.keysChanged();
		await bench.core.planner.settled();
		await sync();
		assert.isFalse(front.admits(id(1)));
		assert.equal(front.notice, 1);
	});

	it("notes what was done with the change, or neither", async () => {
		const action = { at: 1, by: "t1", what: "remove-user", to: "u", details: null };
		const [ada] = bench.core.planner.content.users;
		await bench.core.planner.edit([{ kind: "user", id: ada!.id, user: undefined }], action);
		await mistake(bench.core.planner.edit([{ kind: "door", id: "front", entry: undefined }], action));
		assert.lengthOf(await bench.store.actions.after(0, 10), 1);
	});

	it("locks doors down until an end, and ends that", async () => {
		await bench.core.planner.lockDown(["front"], 600);
		assert.isNull(bench.core.books.lockdown("back"));
		const notice = bench.core.books.lockdown("front");
		assert.equal(toHex(notice!), toHex(bench.core.books.newestLockdown!));
		await reopen();
		assert.deepEqual(bench.core.books.lockdown("front"), notice);
		assert.isTrue(await bench.core.planner.endLockdowns());
		assert.isNull(bench.core.books.lockdown("front"));
		assert.isNull(bench.core.books.newestLockdown);
		await bench.core.planner.lockDown([], 600);
		assert.equal(bench.core.books.lockdownSequence, 2);
		await bench.advance(601_000);
		assert.isNull(bench.core.books.lockdown("back"));
	});

	it("ends no lockdown by another: the newest, by which readers go, lasts as long as any that it replaces", async () => {
		const { books, planner } = bench.core;
		const ends = (door: string): number => {
			const notice = openLockdown(books.lockdown(door)!, bench.keys.trust, door, bench.seconds, crypto);
			return typeof notice === "string" ? assert.fail(notice) : notice.issued + notice.length - bench.seconds;
		};
		await planner.lockDown(["front"], 3600);
		await bench.advance(60_000);
		await planner.lockDown(["back"], 600);
		assert.deepEqual([ends("front"), ends("back")], [3540, 600]);
		await planner.lockDown([], 600);
		assert.deepEqual([ends("front"), ends("back")], [3540, 3540]);
		await planner.lockDown(["back"], 10);
		assert.deepEqual([ends("front"), ends("back")], [3540, 3540]);
		await planner.endLockdowns();
		await planner.lockDown([], 600);
		assert.deepEqual([ends("front"), ends("back")], [600, 600]);
	});
}
