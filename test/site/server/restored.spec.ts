// SPDX-License-Identifier: Apache-2.0

import { copyFileSync, rmSync } from "node:fs";
import { assert } from "chai";
import Libsql from "libsql";
import { openRevocation } from "../../../protocol/notice/revocation.js";
import { type PlanDocument, PlanDocumentError } from "../../../site/lib/plan/document.js";
import { NoticeFile } from "../../../site/server/notice-archive.js";
import { BenchReader, crypto, SITE, SiteBench } from "./site-bench.js";
import { sqlite } from "./store/engines.js";

const id = (n: number): string => n.toString(16).padStart(16, "0");

const DOCUMENT: PlanDocument = {
	site: SITE,
	timeZone: "UTC0",
	accessPlans: { all: [{ schedule: "always" }] },
	doors: { front: {}, back: {} },
	users: [1, 2, 3, 4, 5, 6].map((n) => ({
		name: `U${n}`,
		accessPlans: ["all"],
		credentials: [{ id: id(n) }],
	})),
};

describe("server restored from a backup", () => {
	const engine = sqlite();
	const backup = `${engine.place}.backup`;
	let bench: SiteBench;
	/** Has all that the server ever said. */
	let front: BenchReader;
	/** Was away since the backup. */
	let back: BenchReader;

	beforeEach(async () => {
		remove();
		rmSync(`${engine.place}.notices`, { force: true });
		bench = new SiteBench(engine);
		bench.archive = new NoticeFile(`${engine.place}.notices`);
		await bench.open();
		await bench.bring(DOCUMENT);
		for (const [i, door] of ["front", "back"].entries())
			await bench.core.books.register(door, {
				publicKey: new Uint8Array(32).fill(i),
				credential: new Uint8Array(8),
			});
		await revoke(1);
		front = new BenchReader(bench, "front");
		back = new BenchReader(bench, "back");
		await front.sync();
		await back.sync();
		rmSync(backup, { force: true });
		const database = new Libsql(engine.place);
		database.prepare("VACUUM INTO ?").run([backup]);
		database.close();
		await revoke(2);
		await revoke(3);
		await bench.put("late", { credentials: [id(9)] });
		await bench.advance(10_000);
		await front.sync();
		assert.deepEqual(
			[front.version, front.notice, front.admits(id(2)), front.admits(id(9))],
			[5, 3, false, true],
		);
	});
	afterEach(async () => {
		assert.deepEqual(bench.failures, []);
		await bench.close();
	});
	after(() => engine.end());

	function remove(): void {
		for (const end of ["", "-wal", "-shm"]) rmSync(engine.place + end, { force: true });
	}

	async function revoke(n: number): Promise<void> {
		const user = bench.core.planner.content.users.find(({ credentials }) => credentials[0]?.id === id(n))!;
		await bench.core.planner.edit([{ kind: "user", id: user.id, user: undefined }]);
		await bench.core.planner.settled();
	}

	/** On another machine, without the archive, where a spec does not say so. */
	async function restore({ marked = true, archive = false } = {}): Promise<void> {
		await bench.close();
		remove();
		copyFileSync(backup, engine.place);
		if (!archive) bench.archive = undefined;
		bench.seconds += 60;
		if (marked) {
			const store = await engine.open();
			await store.facts.set("restored", bench.seconds);
			await store.close();
		}
		await bench.open();
	}

	it("sends no plan, and leaves what brokers have retained, until an administrator confirms", async () => {
		await restore();
		await back.sync();
		assert.isUndefined(bench.core.books.plan("front"));
		assert.isUndefined(bench.core.books.newestNotice);
		assert.deepEqual(await bench.core.planner.unheard(), ["front"]);
		await front.sync();
		assert.deepEqual(await bench.core.planner.unheard(), []);
		assert.deepEqual([front.version, front.admits(id(9))], [5, true], "as it was");
		assert.equal(await bench.core.planner.confirmRestored(), "notices-lost");
		assert.isUndefined(bench.core.books.plan("front"));
		assert.equal(await bench.core.planner.confirmRestored(3), "confirmed");
		assert.equal(await bench.core.planner.confirmRestored(3), "nothing-to-confirm");
		await bench.core.planner.settled();
		await front.sync();
		assert.isAbove(front.version, 5);
		assert.isFalse(front.admits(id(9)), "the backup has it not");
	});

	it("finds in its archive what was revoked since, and keeps it revoked at each door", async () => {
		await restore({ archive: true });
		assert.isUndefined(bench.core.planner.lostNotices);
		await front.sync();
		await back.sync();
		assert.isUndefined(await bench.store.facts.get("lostNotices"), "each door was heard");
		await bench.core.planner.confirmRestored();
		await bench.core.planner.settled();
		for (const n of [4, 5]) {
			await front.sync();
			await back.sync();
			for (const reader of [front, back])
				assert.deepEqual(
					[1, 2, 3].map((n) => reader.admits(id(n))),
					[false, false, false],
				);
			await revoke(n);
		}
		await front.sync();
		await back.sync();
		for (const reader of [front, back]) {
			assert.deepEqual(
				[4, 5, 6].map((n) => reader.admits(id(n))),
				[false, false, true],
			);
			assert.equal(reader.notice, bench.core.books.notice);
		}
		assert.equal(bench.core.books.plan("front")?.notice, bench.core.books.notice);
	});

	it("finds there, too, what was revoked in an epoch before", async () => {
		bench.trusted.revoke(bench.trusted.install, "stolen");
		bench.keys = bench.trusted.keys(bench.trusted.office);
		assert.equal(bench.keys.trust.epoch, 2);
		await restore({ archive: true });
		const live = bench.core.planner.content.users.flatMap(({ credentials }) =>
			credentials.filter(({ entry }) => !entry.revoked).map((credential) => credential.id),
		);
		assert.deepEqual(live, [4, 5, 6].map(id));
		const again = await bench.put("again", { credentials: [id(2)] }).catch((error: unknown) => error);
		assert.instanceOf(again, PlanDocumentError);
		const said = openRevocation(
			bench.core.books.newestNotice ?? bench.core.books.noticeOf(1)!,
			bench.keys.trust,
			"front",
			crypto,
		);
		assert.deepInclude(said, { epoch: 2, sequence: 1 });
	});

	it("takes the notice that its broker has retained, and none that others made", async () => {
		const retained = bench.core.books.newestNotice!;
		await restore();
		const forged = retained.slice();
		forged[forged.length - 1]! ^= 1;
		await bench.core.planner.recover([forged, new Uint8Array(3), bench.core.books.noticeOf(1)!]);
		assert.equal(bench.core.books.notice, 1);
		await bench.core.planner.recover([retained]);
		assert.equal(bench.core.books.notice, 3);
		await front.sync();
		assert.deepEqual(bench.core.planner.lostNotices, { from: 2, to: 3 });
		await bench.core.planner.confirmRestored(3);
		await bench.core.planner.settled();
		await front.sync();
		assert.isFalse(front.admits(id(3)));
	});

	it("says which notices only readers have, includes them when they are made again, and leaves no reader behind", async () => {
		await restore();
		await front.sync();
		assert.deepEqual(bench.core.planner.lostNotices, { from: 2, to: 3 });
		await revoke(2);
		await revoke(3);
		await bench.core.planner.confirmRestored(3);
		await bench.core.planner.settled();
		await front.sync();
		assert.deepEqual(
			[2, 3].map((n) => front.admits(id(n))),
			[false, false],
		);
		await revoke(4);
		await front.sync();
		await back.sync();
		for (const reader of [front, back]) {
			assert.isFalse(reader.admits(id(4)));
			assert.equal(reader.notice, bench.core.books.notice);
		}
	});

	it("tells revocations at once, and again to a reader that has other notices of those numbers", async () => {
		await restore();
		await back.sync();
		await revoke(6);
		await back.sync();
		assert.isFalse(back.admits(id(6)), "before anything is confirmed");
		assert.isTrue(front.admits(id(6)), "it has a notice 2 of its own");
		await front.sync();
		assert.isFalse(front.admits(id(6)));
		await bench.core.planner.confirmRestored(3);
		await bench.core.planner.settled();
		await front.sync();
		await back.sync();
		assert.isFalse(front.admits(id(6)) || back.admits(id(6)));
		assert.deepEqual([front.notice, back.notice], [bench.core.books.notice, bench.core.books.notice]);
	});

	it("finds out what a door has that is heard after it was confirmed", async () => {
		await restore();
		await back.sync();
		await bench.core.planner.confirmRestored();
		await bench.core.planner.settled();
		await revoke(6);
		await front.sync();
		await front.sync();
		assert.isFalse(front.admits(id(6)));
		await bench.close();
		await bench.open();
		await revoke(5);
		await front.sync();
		await back.sync();
		assert.isFalse(front.admits(id(5)) || back.admits(id(5)));
	});

	it("gives a reader nothing whose notices it never signed, and says so, where nobody said that it was restored", async () => {
		await restore({ marked: false });
		await front.sync();
		assert.isUndefined(bench.core.books.plan("front"));
		assert.equal(bench.problems.at(-1)?.reason, "reader-ahead");
		assert.isDefined(bench.core.books.plan("back"));
	});

	it("lets no reader use up its numbers", async () => {
		await restore();
		bench.core.books.told("back", {
			kind: "hello",
			hello: { ...back.hello, notice: 0xffff_ffff, lockdown: 0xffff_ffff },
		});
		await bench.core.planner.settled();
		assert.equal(bench.problems.at(-1)?.reason, "reader-ahead");
		assert.deepEqual([bench.core.books.notice, bench.core.books.lockdownSequence], [1, 0]);
		// As many as a reader has room for, and who says so is known.
		for (const [notice, until] of [
			[1002, 1],
			[1001, 1001],
		] as const) {
			bench.core.books.told("back", { kind: "hello", hello: { ...back.hello, notice } });
			await bench.core.planner.settled();
			assert.equal(bench.core.books.notice, until, `says ${notice}`);
		}
		assert.deepEqual(bench.core.planner.lostNotices, { from: 2, to: 1001 });
		assert.deepEqual(bench.core.planner.lostSaidBy, ["back"]);
		for (let lockdown = 10_000; lockdown < 100_000; lockdown += 10_000)
			bench.core.books.told("back", { kind: "hello", hello: { ...back.hello, lockdown } });
		await bench.core.planner.settled();
		assert.equal(bench.core.books.lockdownSequence, 10_000);
	});

	it("ends no lockdown of since the backup, of which it does not know, until an administrator confirms", async () => {
		await bench.core.planner.lockDown([], 3600);
		await restore();
		const { books, planner } = bench.core;
		assert.deepEqual([books.lockdown("front"), books.newestLockdown], [undefined, undefined]);
		await front.sync();
		await planner.lockDown(["back"], 60);
		assert.isUndefined(books.lockdown("front"));
		assert.instanceOf(books.lockdown("back"), Uint8Array);
		await planner.confirmRestored(planner.lostNotices?.to);
		assert.isNull(books.lockdown("front"));
	});
});
