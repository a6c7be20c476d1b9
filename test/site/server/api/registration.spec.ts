// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { assert } from "chai";
import { toHex } from "../../../../protocol/bytes.js";
import { newSeed } from "../../../../site/lib/new-site.js";
import { openStore } from "../../../../site/server/store/store.js";
import { type Answer, TestSite } from "../test-site.js";

describe("registration of readers", () => {
	let site: TestSite;

	beforeEach(async () => {
		site = new TestSite();
		await site.start();
	});
	afterEach(() => site.end());

	const newKey = (): string => toHex(site.crypto.ed25519KeyPair(newSeed()).publicKey);
	const register = (door: string, key: string, replaces?: string): Promise<Answer> =>
		site.ask("POST", "/api/doors", {
			body: { door, name: door, key, readerId: key.slice(0, 16), ...(replaces && { replaces }) },
		});
	const readerOf = async (door: string): Promise<string | undefined> =>
		(await site.ask("GET", `/api/doors/${door}/registration`)).body.reader?.key;
	const outcome = ({ body, status }: Answer): string => (status === 200 ? body.registered : body.reason);

	it("of two for one door at once takes one", async () => {
		const keys = Array.from({ length: 8 }, newKey);
		const outcomes = (await Promise.all(keys.map((key) => register("FRONT", key)))).map(outcome);
		assert.sameMembers(outcomes, ["new", ...Array.from({ length: 7 }, () => "other-reader")]);
		assert.equal(await readerOf("FRONT"), keys[outcomes.indexOf("new")]);
	});

	it("takes one reader for one door, of all at which it is shown at once", async () => {
		const key = newKey();
		const doors = Array.from({ length: 8 }, (_, i) => `D${i}`);
		const outcomes = (await Promise.all(doors.map((door) => register(door, key)))).map(outcome);
		assert.sameMembers(outcomes, ["new", ...Array.from({ length: 7 }, () => "other-door")]);
		const at = await Promise.all(doors.map(readerOf));
		assert.deepEqual(
			at,
			outcomes.map((one) => (one === "new" ? key : undefined)),
		);
	});

	it("replaces one reader by one, and notes none that was refused", async () => {
		const [first, ...others] = Array.from({ length: 5 }, newKey) as [string, ...string[]];
		await register("FRONT", first);
		const outcomes = (await Promise.all(others.map((key) => register("FRONT", key, first)))).map(outcome);
		assert.sameMembers(outcomes, ["replaced", "other-reader", "other-reader", "other-reader"]);
		const store = await openStore(join(site.folder, "data", "site.db"));
		try {
			const noted = (await store.actions.after(0, 100)).filter(({ what }) => what === "register-reader");
			assert.sameMembers(
				noted.map(({ details }) => (details as { key: string }).key),
				[first, others[outcomes.indexOf("replaced")]],
			);
		} finally {
			await store.close();
		}
	});

	it("keeps a removed door's reader: it comes back with the door", async () => {
		const [first, second] = [newKey(), newKey()];
		await register("FRONT", first);
		await site.ask("DELETE", "/api/doors/FRONT");
		assert.equal(await readerOf("FRONT"), first);
		assert.equal(outcome(await register("FRONT", second)), "other-reader");
		assert.equal(outcome(await register("FRONT", second, first)), "replaced");
		assert.equal(await readerOf("FRONT"), second);
	});

	describe("tells a spread", () => {
		const PLAN = { site: "ACME", timeZone: "UTC0", accessPlans: {}, users: [] };
		const putDoors = async (count: number): Promise<void> => {
			const doors = Object.fromEntries(Array.from({ length: count }, (_, i) => [`D${i}`, {}]));
			assert.equal((await site.ask("PUT", "/api/plan", { body: { ...PLAN, doors } })).status, 204);
		};
		const spreadTold = async (door: string): Promise<number> =>
			(await register(door, newKey())).body.server.spread;
		const waiting = async (door: string): Promise<number | null | undefined> => {
			const { settings } = (await site.ask("GET", `/api/doors/${door}`)).body;
			return settings?.state === "waiting" ? settings.spread : undefined;
		};

		it("of a minute where there are few doors, and longer where there are many", async () => {
			assert.equal(await spreadTold("FRONT"), 60);
			await putDoors(3000);
			assert.equal(await spreadTold("D0"), 100);
		});

		it("that is an administrator's where one has set it", async () => {
			await putDoors(1);
			await site.ask("PATCH", "/api/doors/D0/settings", { body: { spread: 7 } });
			assert.equal(await spreadTold("D0"), 7);
			assert.equal(await spreadTold("FRONT"), 60);
		});

		it("to the doors that are there already, once there are so many that it is twice as long", async () => {
			await putDoors(2);
			for (const door of ["D0", "D1"]) await register(door, newKey());
			await site.ask("PATCH", "/api/doors/D1/settings", { body: { spread: 7 } });
			await putDoors(3700);
			assert.isUndefined(await waiting("D0"));
			assert.equal(await spreadTold("D2"), 124);
			assert.deepEqual(await Promise.all(["D0", "D1", "D2"].map(waiting)), [124, 7, undefined]);
		});
	});
});
