// SPDX-License-Identifier: Apache-2.0

/** What a site forgets and when, what it gives out of one person, and that its chains hold all the same. */
import { assert } from "chai";
import { concat } from "../../../protocol/bytes.js";
import { verifyActions } from "../../../site/lib/log/actions.js";
import { verifyLines } from "../../../site/lib/log/lines.js";
import { eraseOld, RetentionTask } from "../../../site/server/privacy/retention.js";
import { LogChain } from "./log-chain.js";
import { DAY, TestSite } from "./test-site.js";

const VERA = "aa".repeat(8);

describe("what a site keeps of people", () => {
	let site: TestSite;
	let vera: string;
	let reader: number;
	const chain = new LogChain(3);

	/** So many more records of the door, which came now. */
	const come = async (count: number): Promise<void> => {
		const { store } = site.server.site;
		const { cursor } = (await store.doors.find("FRONT"))!.reader!;
		const records = Array.from({ length: count }, (_, i) =>
			chain.record(cursor.serial + 1 + i, Buffer.from(VERA, "hex")),
		);
		const link = records.at(-1)!.slice(24);
		const next = { serial: cursor.serial + count, link, before: link, signed: false };
		await store.log.append(reader, concat(...records), next, site.now);
	};

	beforeEach(async () => {
		site = new TestSite();
		await site.start();
		const { store } = site.server.site;
		await store.doors.put("FRONT", {});
		const own = { publicKey: new Uint8Array(32).fill(1), credential: new Uint8Array(8).fill(1) };
		await store.doors.register("FRONT", own, site.now);
		reader = (await store.doors.find("FRONT"))!.reader!.id;
		await store.log.addCheckpoint(reader, 1, chain.checkpoint);
		const added = await site.ask("POST", "/api/users", {
			body: {
				...{ name: "Vera Void", email: "vera@void.example", phone: "+43 1 234" },
				...{ accessPlans: [], credentials: [{ id: VERA }] },
			},
		});
		vera = added.body.id;
		await come(10);
	});
	afterEach(() => site.end());

	const keep = async (body: object): Promise<number> =>
		(
			await site.ask("PUT", "/api/settings/privacy", {
				body: { names: null, events: null, audit: null, ...body },
			})
		).status;
	const erase = (): Promise<void> => {
		const { crypto, store } = site.server.site;
		return eraseOld(store, site.now, crypto);
	};
	const log = async (): Promise<string> => (await site.ask("GET", "/api/doors/FRONT/log/export")).text;
	const serials = async (): Promise<number[]> =>
		(await log())
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line).serial);

	it("is for ever until an owner says for how long, in days", async () => {
		assert.deepEqual((await site.ask("GET", "/api/settings/privacy")).body, {
			names: null,
			events: null,
			audit: null,
		});
		assert.equal(await keep({ names: 30 }), 204);
		assert.equal((await site.ask("GET", "/api/settings/privacy")).body.names, 30);
		assert.equal(await keep({ events: 0 }), 400);
		assert.equal(await keep({ audit: 29 }), 400);
		assert.equal(await keep({ names: 40_000 }), 400);
	});

	it("has no name any more of who was removed so long ago, and the name of everybody else", async () => {
		await site.ask("POST", "/api/users", { body: { name: "Otto", accessPlans: [] } });
		await site.ask("DELETE", `/api/users/${vera}`);
		await keep({ names: 30 });
		site.now += 30 * DAY;
		await erase();
		const person = async (): Promise<unknown> =>
			(await site.ask("GET", `/api/users/${vera}/export`)).body.person;
		assert.deepEqual(await person(), { name: "Vera Void", email: "vera@void.example", phone: "+43 1 234" });
		site.now += 1;
		await erase();
		assert.isNull(await person());
		assert.equal((await site.ask("GET", "/api/users")).body.users[0].name, "Otto");
		const rows = (await site.ask("GET", "/api/log")).body.rows;
		assert.lengthOf(rows, 10);
		assert.isUndefined(rows[0].person);
		const actions = await site.server.site.store.actions.after(0, 100);
		const erased = actions.filter(({ what }) => what === "erase-old");
		assert.lengthOf(erased, 1, "nothing is written down where nothing was erased");
		assert.deepInclude(erased[0], { by: "machine", details: { names: 1, events: 0, actions: 0 } });
	});

	it("has no events any more that came so long ago; the log goes on, and what is left of it is proved", async () => {
		const report = verifyLines(await log(), site.crypto);
		assert.isTrue(report.intact, JSON.stringify(report));
		site.now += 10 * DAY;
		await come(5);
		site.now += 10 * DAY;
		await come(5);
		assert.equal(await keep({ events: 15 }), 204);
		assert.deepEqual(await serials(), [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
		const cut = verifyLines(await log(), site.crypto);
		assert.deepInclude(cut, { intact: true, first: 11, last: 20 });
		site.now += 10 * DAY;
		await erase();
		assert.deepInclude(verifyLines(await log(), site.crypto), { intact: true, first: 16, last: 20 });
		site.now += 100 * DAY;
		await erase();
		assert.deepEqual(await serials(), [20], "the newest is kept");
		await come(2);
		assert.deepInclude(verifyLines(await log(), site.crypto), { intact: true, first: 20, last: 22 });
		const lines = (await log()).split("\n");
		lines[1] = lines[1]!.replace('"value":3', '"value":4');
		assert.isFalse(verifyLines(lines.join("\n"), site.crypto).intact);
	});

	it("has no old actions any more, and its audit is proved from the oldest that is left on", async () => {
		site.now += 40 * DAY;
		const token = await site.token("viewer");
		assert.isNotEmpty(token);
		assert.equal(await keep({ audit: 30 }), 204);
		const { text } = await site.ask("GET", "/api/audit/export");
		const report = verifyActions(text, site.crypto);
		assert.isTrue(report.intact, JSON.stringify(report));
		assert.equal(report.first, 2, "the person who was added is gone");
		assert.notInclude(text, vera);
		assert.include(text, '"before"');
		site.now += 400 * DAY;
		await erase();
		const later = verifyActions((await site.ask("GET", "/api/audit/export")).text, site.crypto);
		assert.isTrue(later.intact);
		assert.isAbove(later.first, 2);
	});

	it("is given out whole for one person: who it is, credentials, invitations, events, audit; removed or not", async () => {
		const { body, headers } = await site.ask("GET", `/api/users/${vera}/export`);
		assert.include(headers.get("content-disposition"), `${vera}.json`);
		assert.deepInclude(body.person, { name: "Vera Void", email: "vera@void.example" });
		assert.equal(body.credentials[0].id, VERA);
		assert.deepEqual(body.invitations, []);
		assert.lengthOf(body.events, 10);
		assert.deepInclude(body.events[0], { door: "FRONT", serial: 1, event: "decision" });
		assert.deepEqual(
			body.audit.map(({ what }: { what: string }) => what),
			["add-user"],
		);
		await site.ask("DELETE", `/api/users/${vera}`);
		const after = (await site.ask("GET", `/api/users/${vera}/export`)).body;
		assert.equal(after.person.name, "Vera Void");
		assert.deepEqual(
			after.audit.map(({ what }: { what: string }) => what),
			["remove-user", "export-person", "add-user"],
		);
		assert.equal((await site.ask("GET", "/api/users/unknown/export")).status, 404);
	});

	it("of who is erased nothing has the name: no table, no answer, no export", async () => {
		const { store } = site.server.site;
		await site.ask("DELETE", `/api/users/${vera}`);
		assert.equal((await site.ask("POST", `/api/users/${vera}/erase`)).status, 204);
		const data = (await site.ask("GET", `/api/users/${vera}/export`)).body;
		assert.isNull(data.person);
		const dump = JSON.stringify([
			data,
			await store.actions.after(0, 1000),
			await store.feed.after(0, 1000),
			(await site.ask("GET", "/api/log")).text,
			(await site.ask("GET", "/api/log/export")).text,
			(await site.ask("GET", "/api/audit/export")).text,
		]);
		for (const secret of ["Vera", "vera@", "+43"]) assert.notInclude(dump, secret);
	});

	it("of an administrator who was removed is a name until it is erased", async () => {
		const otto = await site.person("administrator", undefined, "otto");
		const { id } = (await site.ask("GET", "/api/me", { cookie: otto })).body;
		const eraseName = async (): Promise<number> =>
			(await site.ask("POST", `/api/administrators/${id}/erase`)).status;
		assert.equal(await eraseName(), 404, "still there");
		await site.ask("DELETE", `/api/administrators/${id}`);
		assert.equal((await site.server.site.store.administrators.names()).get(id), "Some administrator");
		assert.equal(await eraseName(), 204);
		assert.equal((await site.server.site.store.administrators.names()).get(id), "");
	});

	it("is looked after once a day", async () => {
		let now = 0;
		let runs = 0;
		const task = new RetentionTask(
			async () => {
				runs++;
			},
			() => now,
			() => {},
		);
		for (; now < 3 * DAY; now += 3600) await task.look();
		assert.equal(runs, 3);
		await task.close();
	});
});
