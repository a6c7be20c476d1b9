// SPDX-License-Identifier: Apache-2.0

import { type ClientRequest, request } from "node:http";
import { assert } from "chai";
import { concat, writeUint32 } from "../../../../protocol/bytes.js";
import { EVENTS } from "../../../../protocol/events.js";
import { BODY_SIZE, LINK_SIZE } from "../../../../protocol/log/record.js";
import { verifyLines } from "../../../../site/lib/log/lines.js";
import { until } from "../../../support/until.js";
import { cookieIn, PASSWORD, TestSite } from "../test-site.js";

/** One client of /api/events, as it comes off the wire. */
class Listener {
	text = "";
	status = 0;
	ended = false;
	readonly #request: ClientRequest;

	constructor(
		site: TestSite,
		{ after, cookie, token = site.owner }: { after?: string; cookie?: string; token?: string } = {},
	) {
		this.#request = request(
			`${site.server.url}/api/events`,
			{
				headers: {
					...(cookie === undefined ? { authorization: `Bearer ${token}` } : { cookie }),
					...(after !== undefined && { "last-event-id": after }),
				},
			},
			(response) => {
				this.status = response.statusCode!;
				response
					.setEncoding("utf8")
					.on("data", (text: string) => {
						this.text += text;
					})
					.on("close", () => {
						this.ended = true;
					})
					.on("error", () => {});
			},
		);
		this.#request
			.on("error", () => {
				this.ended = true;
			})
			.end();
	}

	/** Ids and kinds of what came. */
	get events(): string[] {
		return [...this.text.matchAll(/id: (\d+)\nevent: (\S+)\n/g)].map(([, id, kind]) => `${id} ${kind}`);
	}

	async began(): Promise<this> {
		await until("it begins", () => this.text.includes("retry:"));
		return this;
	}

	async heard(count: number): Promise<string[]> {
		await until(
			`${count} events`,
			() => this.events.length >= count,
			() => this.text,
		);
		return this.events;
	}

	leave(): void {
		this.#request.destroy();
	}
}

describe("events of a site", () => {
	let site: TestSite;
	let listeners: Listener[];

	beforeEach(async () => {
		listeners = [];
		site = new TestSite();
		await site.start();
	});
	afterEach(async () => {
		for (const listener of listeners) listener.leave();
		await site.end();
	});

	const listen = (options?: ConstructorParameters<typeof Listener>[1]): Listener => {
		const listener = new Listener(site, options);
		listeners.push(listener);
		return listener;
	};
	const say = async (kind: string, door: string | undefined = "FRONT"): Promise<void> => {
		const { feed } = site.server.site.store;
		await feed.add({ at: site.now, kind, door, body: { words: "a\nb" } });
		site.server.site.feed.look();
	};

	it("come as they happen to all who listen, each once and in order", async () => {
		const one = await listen().began();
		await say("hello");
		const two = await listen().began();
		await say("alarm");
		assert.deepEqual(await one.heard(2), ["1 hello", "2 alarm"]);
		assert.deepEqual(await two.heard(1), ["2 alarm"]);
		assert.include(one.text, 'data: {"at":1900086400,"door":"FRONT","body":{"words":"a\\nb"}}\n\n');
	});

	it("go on after the last one that a client has, and say where some are lost", async () => {
		for (let i = 0; i < 1200; i++)
			await site.server.site.store.feed.add({ at: 1, kind: "x", door: undefined, body: {} });
		const one = await listen({ after: "3" }).began();
		await say("last");
		const events = await one.heard(1198);
		assert.equal(events[0], "4 x");
		assert.equal(events.at(-1), "1201 last");
		assert.lengthOf(new Set(events), 1198);
		const ahead = await listen({ after: "5000" }).began();
		assert.deepEqual(await ahead.heard(1), ["1201 gap"]);
		await say("more");
		assert.deepEqual(await ahead.heard(2), ["1201 gap", "1202 more"]);
	});

	it("another process's come too", async () => {
		const one = await listen().began();
		await site.server.site.store.feed.add({ at: 1, kind: "elsewhere", door: undefined, body: {} });
		assert.deepEqual(await one.heard(1), ["1 elsewhere"]);
	});

	it("end when their token does", async () => {
		const one = await listen({ token: await site.token("viewer", site.now + 1) }).began();
		await until("ended", () => one.ended);
	});

	it("end at once with their session: at sign-out, with a password, a role, a person, a token that go", async () => {
		const ask = (cookie: string, method: string, path: string, body?: object): ReturnType<TestSite["ask"]> =>
			site.ask(method, path, { cookie, ...(body && { body }) });
		const owner = await site.person("owner");
		const one = await site.person("viewer", undefined, "one");
		const two = await site.person("viewer", undefined, "two");
		const elsewhere = await site.ask("POST", "/api/sign-in", {
			cookie: "",
			body: { login: "two", password: PASSWORD },
		});
		const third = cookieIn(elsewhere.headers);
		const streams = [];
		for (const cookie of [owner, one, two, third]) streams.push(await listen({ cookie }).began());
		const [ofOwner, ofOne, ofTwo, ofThird] = streams as [Listener, Listener, Listener, Listener];
		await ask(one, "POST", "/api/sign-out");
		await until("of a sign-out", () => ofOne.ended);
		assert.isFalse(ofTwo.ended);
		await ask(two, "DELETE", "/api/me/sessions");
		await until("of another browser's", () => ofThird.ended);
		const { administrators } = (await ask(owner, "GET", "/api/administrators")).body;
		const id = administrators.find(({ login }: { login: string }) => login === "two").id;
		await ask(owner, "PUT", `/api/administrators/${id}`, { name: "Two", role: "administrator" });
		await until("of another role", () => ofTwo.ended);
		const ofToken = await listen({ token: await site.token("viewer") }).began();
		const { tokens } = (await site.ask("GET", "/api/tokens")).body;
		await site.ask("DELETE", `/api/tokens/${tokens[0].id}`);
		await until("of a token", () => ofToken.ended);
		assert.isFalse(ofOwner.ended);
		await ask(owner, "PUT", "/api/me/password", { password: `${PASSWORD} 2` });
		await until("of another password", () => ofOwner.ended);
	});

	it("of other doors, and of the site, no manager hears", async () => {
		const one = await listen({ cookie: await site.person("manager", ["FRONT"]) }).began();
		await say("hello", "BACK");
		await site.server.site.store.feed.add({ at: 1, kind: "site", door: undefined, body: {} });
		await say("hello");
		assert.deepEqual(await one.heard(1), ["3 hello"]);
		const back = await listen({ cookie: await site.person("manager", ["BACK"], "b"), after: "0" }).began();
		assert.deepEqual(await back.heard(1), ["1 hello"]);
		assert.notInclude(back.text, "FRONT");
	});

	it("end with the server, and no new stream begins with a token that has ended", async () => {
		const one = await listen().began();
		await site.server.close();
		await until("ended", () => one.ended);
		await site.start();
		const token = await site.token("viewer", site.now + 1000);
		site.now += 1000;
		const late = listen({ token });
		await until("refused", () => late.status !== 0);
		assert.equal(late.status, 401);
	});
});

describe("the log over the API", () => {
	let site: TestSite;
	const PHONE = "2b7d9ce0114f6685";

	/** A reader's chain of records. */
	function chain(count: number): Uint8Array[] {
		let link: Uint8Array = new Uint8Array(LINK_SIZE);
		return Array.from({ length: count }, (_, i) => {
			const record = new Uint8Array(BODY_SIZE + LINK_SIZE);
			writeUint32(record, 0, i + 1);
			writeUint32(record, 4, 1_900_000_000 + i);
			record.set([i % 2 === 0 ? EVENTS.decision : EVENTS.exit, 2], 8);
			if (i % 2 === 0) record.set(Buffer.from(PHONE, "hex"), 16);
			link = site.crypto.sha256(concat(link, record.subarray(0, BODY_SIZE))).subarray(0, LINK_SIZE);
			record.set(link, BODY_SIZE);
			return record;
		});
	}

	before(async () => {
		site = new TestSite();
		await site.start();
		const { store } = site.server.site;
		for (const [door, byte] of [
			["FRONT", 1],
			["BACK", 2],
		] as const) {
			await store.doors.put(door, {});
			const publicKey = new Uint8Array(32).fill(byte);
			await store.doors.register(door, { publicKey, credential: new Uint8Array(8).fill(byte) }, site.now);
		}
		const name = "=HYPERLINK(1)";
		const credentials = [{ id: PHONE, entry: {}, publicKey: undefined, issued: undefined }];
		await store.users.put(
			[{ id: "u1", name, email: undefined, phone: undefined, entry: { accessPlans: [] }, credentials }],
			site.now,
		);
		const [front, back] = (await store.doors.list()).map(({ reader }) => reader);
		for (const [reader, count] of [
			[front!, 30],
			[back!, 2],
		] as const) {
			const records = chain(count);
			const link = records.at(-1)!.subarray(BODY_SIZE);
			const cursor = { serial: count, link, before: link, signed: false };
			await store.log.append(reader.id, concat(...records), cursor, site.now);
		}
	});
	after(() => site.end());

	it("pages through all records, the newest first or the oldest, by door, person and event", async () => {
		const all = async (
			query: string,
		): Promise<{ id: number; serial: number; door: string; event: string; person?: string }[]> => {
			const rows = [];
			for (let cursor = ""; ; ) {
				const { body } = await site.ask("GET", `/api/log?limit=7${query}${cursor}`);
				rows.push(...body.rows);
				if (body.next === null) return rows;
				cursor = `&cursor=${body.next}`;
			}
		};
		const newest = await all("");
		assert.lengthOf(newest, 32);
		assert.deepEqual(await all("&order=oldest"), [...newest].reverse());
		assert.sameMembers(
			(await all("&door=BACK")).map(({ door }) => door),
			["BACK", "BACK"],
		);
		const ofPerson = await all("&user=u1");
		assert.lengthOf(ofPerson, 16);
		assert.isTrue(ofPerson.every(({ event, person }) => event === "decision" && person === "=HYPERLINK(1)"));
		assert.lengthOf(await all("&event=exit"), 16);
		assert.lengthOf(await all("&event=nonsense"), 0);
		assert.lengthOf(await all("&event=constructor,__proto__"), 0);
		assert.lengthOf(await all("&since=1900000010"), 20, "by when it happened");
		assert.lengthOf(await all("&since=1900000010&until=1900000011"), 2);
		assert.lengthOf(await all(`&since=${site.now}`), 0);
		const ids = (await all("&order=arrival")).map(({ id }) => id);
		assert.deepEqual(
			ids,
			[...ids].sort((a, b) => a - b),
		);
		assert.lengthOf(ids, 32);
		assert.equal((await site.ask("GET", "/api/log?order=arrival&words=x")).body.reason, "bad-order");
	});

	it("is to a manager that of these doors, however it is asked for", async () => {
		const cookie = await site.person("manager", ["BACK"]);
		const rows = async (query: string): Promise<string[]> =>
			(await site.ask("GET", `/api/log?${query}`, { cookie })).body.rows.map(
				({ door }: { door: string }) => door,
			);
		for (const query of ["", "door=BACK", "door=FRONT,BACK", "user=u1&door=BACK"])
			assert.sameMembers([...new Set(await rows(query))], ["BACK"], query);
		assert.deepEqual(await rows("door=FRONT"), []);
		const status = async (path: string): Promise<number> => (await site.ask("GET", path, { cookie })).status;
		assert.equal(await status("/api/log?order=arrival"), 403);
		assert.equal(await status("/api/log?order=arrival&door=FRONT"), 403);
		assert.equal(await status("/api/log?order=arrival&door=BACK"), 200);
		assert.equal(await status("/api/doors/FRONT/log/export"), 403);
		assert.equal(await status("/api/doors/BACK/log/export"), 200);
		const { text } = await site.ask("GET", "/api/log/export", { cookie });
		assert.notInclude(text, "FRONT");
		assert.lengthOf(text.trim().split("\n"), 3);
	});

	it("exports a reader's log that `lintel log verify` takes, and CSV that no spreadsheet runs", async () => {
		const { headers, text } = await site.ask("GET", "/api/doors/FRONT/log/export");
		assert.match(headers.get("content-disposition")!, /FRONT-\d+\.jsonl/);
		assert.lengthOf(text.trim().split("\n"), 30);
		const changed = text.replace('"detail":0', '"detail":1');
		const reasons = (lines: string): string[] =>
			verifyLines(lines, site.crypto).problems.map(({ reason }) => reason);
		assert.notInclude(reasons(text), "bad-link");
		assert.notDeepEqual(reasons(changed), reasons(text));
		const csv = (await site.ask("GET", "/api/doors/FRONT/log/export?format=csv")).text;
		assert.include(csv, "'=HYPERLINK(1)");
		assert.notMatch(csv, /(^|,)"?=/m);
		assert.equal((await site.ask("GET", "/api/doors/NONE/log/export")).status, 404);
		assert.equal((await site.ask("GET", "/api/doors/FRONT/log/export?reader=2")).status, 404);
	});
});
