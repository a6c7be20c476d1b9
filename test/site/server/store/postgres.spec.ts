// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../../../hal/node/crypto.js";
import { concat, equal } from "../../../../protocol/bytes.js";
import { openStore } from "../../../../site/server/store/store.js";
import { Postgres } from "../../../support/postgres.js";

describe("store on PostgreSQL", function () {
	this.timeout(120_000);
	const crypto = new NodeCrypto();
	let server: Postgres;
	before(async function () {
		server = await Postgres.start(this);
	});
	after(() => server?.stop());

	it("of two servers keeps one chain of actions, and events that rise as they are seen", async () => {
		const url = await server.database();
		// At once: each finds that the tables are missing, and one makes them.
		const stores = await Promise.all([openStore(url), openStore(url)]);
		const seen: number[] = [];
		const work = stores.flatMap((store, n) =>
			Array.from({ length: 20 }, async (_, i) => {
				await store.actions.add({ at: i, by: `s${n}`, what: "x", to: undefined, details: i }, crypto);
				await store.feed.add({ at: i, kind: "x", door: undefined, body: i });
				const events = await store.feed.after(seen.at(-1) ?? 0, 1000);
				for (const { id } of events) if (id > (seen.at(-1) ?? 0)) seen.push(id);
			}),
		);
		await Promise.all(work);
		const actions = await stores[0]!.actions.after(0, 100);
		assert.deepEqual(
			actions.map(({ serial }) => serial),
			Array.from({ length: 40 }, (_, i) => i + 1),
		);
		for (const [i, { record }] of actions.entries()) {
			if (i === 0) continue;
			const before = actions[i - 1]!.record.subarray(24);
			const link = crypto.sha256(concat(before, record.subarray(0, 24))).subarray(0, 8);
			assert.isTrue(equal(link, record.subarray(24)), `link ${i + 1}`);
		}
		// Whoever goes on behind the newest that it has seen misses none.
		assert.lengthOf(seen, 40);
		for (const store of stores) await store.close();
	});

	it("goes on when its connections were cut: what was not confirmed is not there, what was is", async () => {
		const url = await server.database();
		const store = await openStore(url);
		await store.facts.set("brokerEpoch", 1);
		const cut = store.transaction(async (tx) => {
			await tx.facts.set("brokerEpoch", 2);
			await server.cut(url);
			await tx.facts.set("firstStart", 2);
		});
		const [result] = await Promise.allSettled([cut]);
		assert.equal(result?.status, "rejected");
		assert.equal(await store.facts.get("brokerEpoch"), 1);
		await store.facts.set("brokerEpoch", 3);
		assert.equal(await store.facts.get("brokerEpoch"), 3);
		await server.cut(url);
		await store.facts.set("brokerEpoch", 4);
		assert.equal(await store.facts.get("brokerEpoch"), 4);
		await store.close();
	});

	it("that cannot be reached is refused with what to do", async () => {
		const [result] = await Promise.allSettled([openStore("postgres://lintel@%2Fnowhere/site")]);
		const { reason } = result as PromiseRejectedResult;
		assert.equal(reason.reason, "no-store");
		assert.match(reason.advice, /address, name and password/);
	});
});
