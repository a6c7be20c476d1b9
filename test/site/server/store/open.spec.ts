// SPDX-License-Identifier: Apache-2.0

import { statSync, writeFileSync } from "node:fs";
import { assert } from "chai";
import { NodeCrypto } from "../../../../hal/node/crypto.js";
import { concat, equal, utf8Encode } from "../../../../protocol/bytes.js";
import { Failure } from "../../../../site/lib/files/failure.js";
import { ACTIONS_START } from "../../../../site/lib/log/actions.js";
import { migrate } from "../../../../site/server/store/migrations.js";
import { SqliteDatabase } from "../../../../site/server/store/sqlite.js";
import type { SiteStore } from "../../../../site/server/store/store.js";
import { sqlite } from "./engines.js";

async function failure(open: () => Promise<unknown>): Promise<Failure> {
	try {
		await open();
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	return assert.fail("opened");
}

describe("store's file", () => {
	let engine: ReturnType<typeof sqlite>;
	beforeEach(() => {
		engine = sqlite();
	});
	afterEach(() => engine.end());

	it("is read by its owner alone", async () => {
		await (await engine.open()).close();
		assert.equal(statSync(engine.place).mode & 0o777, 0o600);
	});

	it("of a newer server is refused, and is as it was", async () => {
		await (await engine.open()).close();
		const newer = new SqliteDatabase(engine.place);
		await newer.all("INSERT INTO migrations (version) VALUES (1000)");
		await newer.close();
		const { reason, exit, advice } = await failure(() => engine.open());
		assert.deepEqual([exit, reason], ["version", "newer-store"]);
		assert.match(advice, /restore a backup/);
		const same = new SqliteDatabase(engine.place);
		assert.deepInclude(await same.all("SELECT MAX(version) AS newest FROM migrations"), { newest: 1000 });
		await same.close();
	});

	it("of an older server gets the tables that it lacks, once", async () => {
		const database = new SqliteDatabase(engine.place);
		const one = ["CREATE TABLE a (b {int}); INSERT INTO a (b) VALUES (1)"];
		await migrate(database, one);
		const two = [...one, "ALTER TABLE a ADD COLUMN c {bytes}"];
		await migrate(database, two);
		await migrate(database, two);
		assert.deepEqual(await database.all("SELECT * FROM a"), [{ b: 1, c: null }]);
		await database.close();
	});

	it("whose migration fails is as it was before", async () => {
		const database = new SqliteDatabase(engine.place);
		const bad = ["CREATE TABLE a (b {int}); INSERT INTO none VALUES (1)"];
		const [result] = await Promise.allSettled([migrate(database, bad)]);
		assert.equal(result?.status, "rejected");
		assert.lengthOf(await database.all("SELECT name FROM sqlite_master WHERE type = 'table'"), 0);
		await database.close();
	});

	it("that is no database is refused with what to do", async () => {
		writeFileSync(engine.place, "no database, but long enough to be looked at as one".repeat(100));
		const { reason, advice } = await failure(() => engine.open());
		assert.equal(reason, "damaged-store");
		assert.match(advice, /site restore/);
	});
});

describe("administrators' actions", () => {
	const crypto = new NodeCrypto();
	let engine: ReturnType<typeof sqlite>;
	let store: SiteStore;
	beforeEach(async () => {
		engine = sqlite();
		store = await engine.open();
	});
	afterEach(async () => {
		await store.close();
		await engine.end();
	});

	it("hang together by the links of docs/log.md, and each record on its text", async () => {
		const action = { at: 1_800_000_000, by: "t1", what: "revoke", to: "00000000000000aa", details: { n: 1 } };
		// At once, as two requests come.
		await Promise.all([store.actions.add(action, crypto), store.actions.add({ ...action, to: "é" }, crypto)]);
		await store.actions.add({ ...action, to: undefined }, crypto);
		const rows = await store.actions.after(0, 10);
		assert.deepEqual(
			rows.map(({ serial }) => serial),
			[1, 2, 3],
		);
		let link = crypto.sha256(utf8Encode(ACTIONS_START)).subarray(0, 8);
		for (const { record, body } of rows) {
			const next = crypto.sha256(concat(link, record.subarray(0, 24))).subarray(0, 8);
			assert.isTrue(equal(next, record.subarray(24)));
			assert.isTrue(equal(record.subarray(16, 24), crypto.sha256(utf8Encode(body)).subarray(0, 8)));
			link = next;
		}
		assert.deepEqual(rows[0]?.details, { n: 1 });
		assert.lengthOf(await store.actions.after(2, 10), 1);
	});
});
