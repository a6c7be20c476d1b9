// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { type KeptNews, NewsKeeper } from "../../../site/server/news-keeper.js";
import type { SiteStore } from "../../../site/server/store/store.js";
import { sqlite } from "./store/engines.js";

const news = (door: string, kind: string, n: number, settled?: KeptNews["settled"]): KeptNews => ({
	...{ door, at: n, kind, report: kind, body: { n }, settled, alarms: undefined },
});

describe("what doors say", () => {
	let close: () => Promise<void>;
	let store: SiteStore;
	let transactions: number;
	const failures: unknown[] = [];
	let keeper: NewsKeeper;

	beforeEach(async () => {
		const made = sqlite();
		store = await made.open();
		close = async () => {
			await store.close();
			await made.end();
		};
		for (const door of ["A", "B"]) await store.doors.put(door, {});
		transactions = failures.length = 0;
		const transaction = store.transaction.bind(store);
		store.transaction = (work) => {
			transactions++;
			return transaction(work);
		};
		keeper = new NewsKeeper({ store, fed: () => undefined, failed: (error) => failures.push(error) });
	});
	afterEach(() => close());

	it("is kept in its order, in few transactions where all speak at once", async () => {
		for (let n = 0; n < 800; n++) keeper.add(news(n % 2 ? "A" : "B", "health", n));
		await keeper.ended();
		assert.isAtMost(transactions, 3);
		assert.deepEqual(
			(await store.feed.after(0, 1000)).map(({ body }) => (body as { n: number }).n),
			Array.from({ length: 800 }, (_, n) => n),
		);
		assert.deepEqual(
			(await store.doors.reports()).map(({ body, door }) => [door, body]),
			[
				["A", { n: 799 }],
				["B", { n: 798 }],
			],
		);
		assert.deepEqual(failures, []);
	});

	it("that a setting was taken is kept before an administrator's next one", async () => {
		const settings = { sounds: 0, spread: null, ssid: null, password: null };
		await store.doors.setSettings("A", settings);
		keeper.add(news("B", "health", 1));
		keeper.add(news("A", "settings", 2, "settings"));
		await store.doors.setSettings("A", { ...settings, sounds: 2 });
		await keeper.ended();
		assert.deepEqual((await store.doors.find("A"))?.settings, { ...settings, sounds: 2 });
		assert.lengthOf(await store.feed.after(0, 10), 2);
	});

	it("that cannot be kept is told, and what follows is kept", async () => {
		keeper.add(news("nowhere", "health", 1));
		await keeper.ended();
		keeper.add(news("A", "health", 2));
		await keeper.ended();
		assert.lengthOf(failures, 1);
		assert.lengthOf(await store.feed.after(0, 10), 1);
	});
});
