// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, toHex } from "../../../../protocol/bytes.js";
import { NO_LOG, type SiteCursor } from "../../../../site/lib/log/intake.js";
import type { PlanDocument } from "../../../../site/lib/plan/document.js";
import { apply, type Change, type Content, usersOf } from "../../../../site/server/content.js";
import { readContent, writeChange, writeContent } from "../../../../site/server/store/document.js";
import { recordOf } from "../../../../site/server/store/log.js";
import type { SiteStore } from "../../../../site/server/store/store.js";
import type { User } from "../../../../site/server/store/users.js";
import { documents } from "./documents.js";
import { ENGINES, type Engine } from "./engines.js";

const DOOR = "front";
const key = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const cti = (n: number): Uint8Array => new Uint8Array(8).fill(n);

/** A record as readers write them; its link is not computed, since the store checks none. */
function record(serial: number, subject = 0, link = serial): Uint8Array {
	const bytes = new Uint8Array(32);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, serial);
	view.setUint32(4, 0xffff_fff0);
	bytes.set([16, 2, 0xab, 0xcd, 0xff, 0xff, 0xff, 0xfe], 8);
	bytes.fill(subject, 16, 24);
	bytes.fill(link, 24);
	return bytes;
}

function cursor(serial: number): SiteCursor {
	const link = new Uint8Array(8).fill(serial);
	return { serial, link, before: link, signed: true };
}

function user(id: string, credentials: readonly string[], name = `Name of ${id}`): User {
	return {
		id,
		name,
		email: `${id}@example.com`,
		phone: undefined,
		entry: { accessPlans: ["all"] },
		credentials: credentials.map((id) => ({ id, entry: {}, publicKey: undefined, issued: undefined })),
	};
}

/** A change that brings something of `document` in, or takes something of `content` away. */
function changeTo(
	document: PlanDocument,
	content: Content,
	kind: number,
	i: number,
	newId: () => string,
): Change | undefined {
	const pick = <T>(all: readonly T[]): T | undefined => all[i % all.length];
	const isRemoval = i % 3 === 2;
	const from = isRemoval ? content.document : document;
	switch (kind) {
		case 0: {
			const [known] = content.users;
			if (isRemoval) return known && { kind: "user", id: known.id, user: undefined };
			const [entry] = usersOf(document, i % 2 === 0 ? content.users : [], newId);
			// One whose credentials are another's is no plan file.
			const ids = new Set(content.users.flatMap(({ credentials }) => credentials.map(({ id }) => id)));
			if (entry === undefined || entry.credentials.some(({ id }) => ids.has(id))) return undefined;
			return { kind: "user", id: entry.id, user: { ...entry, email: "a@example.com" } };
		}
		case 1: {
			const id = pick(Object.keys(from.doors));
			return id === undefined
				? undefined
				: { kind: "door", id, entry: isRemoval ? undefined : document.doors[id] };
		}
		case 2: {
			const {
				site: _,
				holidays: _h,
				schedules: _s,
				accessPlans: _a,
				doors: _d,
				users: _u,
				...settings
			} = document;
			return { kind: "settings", settings };
		}
		case 6: {
			// Some of those that are there, changed, and some more.
			const known = content.users.filter((_, at) => at % 2 === i % 2);
			const ids = new Set(content.users.flatMap(({ credentials }) => credentials.map(({ id }) => id)));
			const more = usersOf(document, [], newId).filter(
				({ credentials }) => !credentials.some(({ id }) => ids.has(id)),
			);
			const changed = known.map((user) => ({
				...user,
				phone: String(i),
				credentials: user.credentials.slice(1),
			}));
			return { kind: "users", users: [...more, ...changed] };
		}
		default: {
			const part = (["holidays", "schedules", "accessPlans"] as const)[kind - 3]!;
			const name = pick(Object.keys(from[part] ?? {}));
			if (name === undefined) return undefined;
			return { kind: "part", part, name, body: isRemoval ? undefined : document[part]?.[name] } as Change;
		}
	}
}

for (const server of ENGINES) {
	let engine: Engine;
	let store: SiteStore;

	describe(`store on ${server.name}`, function () {
		this.timeout(120_000);
		before(function () {
			return server.start(this);
		});
		after(() => server.stop());
		beforeEach(async () => {
			engine = await server.make();
			store = await engine.open();
		});
		afterEach(async () => {
			await store.close();
			await engine.end();
		});

		async function reopen(): Promise<void> {
			await store.close();
			store = await engine.open();
		}

		let made = 0;
		const newId = (): string => `u${made++}`;

		/** Brings in a plan file in place of what is there. */
		async function bring(document: PlanDocument): Promise<void> {
			const before = await store.users.list();
			const content = { document, users: usersOf(document, before, newId) };
			await store.transaction((tx) => writeContent(tx, content, 1));
		}

		async function assertHolds(document: PlanDocument): Promise<void> {
			const content = await readContent(store);
			assert.deepEqual(content?.document, document);
			// Records of schedules go by number: the order counts, too.
			for (const part of ["holidays", "schedules", "accessPlans", "doors"] as const)
				assert.deepEqual(Object.keys(content!.document[part] ?? {}), Object.keys(document[part] ?? {}));
		}

		it("gives back each plan file as it was brought in, also in place of another", async () => {
			await fc.assert(
				fc.asyncProperty(documents, async (document) => {
					await bring(document);
					await assertHolds(document);
				}),
				{ numRuns: 60 },
			);
		});

		it("holds after each change what memory holds", async () => {
			const pair = fc.tuple(documents, documents);
			await fc.assert(
				fc.asyncProperty(pair, fc.array(fc.nat(6), { maxLength: 12 }), async ([first, second], order) => {
					await bring(first);
					let content = (await readContent(store))!;
					for (const [i, kind] of order.entries()) {
						const change = changeTo(second, content, kind, i, newId);
						if (change === undefined) continue;
						content = apply(content, change, newId);
						await store.transaction((tx) => writeChange(tx, change, content, 1));
						await assertHolds(content.document);
						assert.deepEqual(await store.users.list(), content.users);
					}
				}),
				{ numRuns: 25 },
			);
		});

		it("knows users of a plan file again by their credentials", async () => {
			const of = (users: { name: string; ids: string[] }[]): PlanDocument => ({
				...{ site: "s", timeZone: "UTC0", accessPlans: {}, doors: {} },
				users: users.map(({ name, ids }) => ({
					name,
					accessPlans: [],
					credentials: ids.map((id) => ({ id })),
				})),
			});
			await bring(
				of([
					{ name: "A", ids: ["00000000000000aa"] },
					{ name: "B", ids: ["00000000000000bb"] },
				]),
			);
			const [a, b] = await store.users.list();
			await bring(
				of([
					{ name: "Bee", ids: ["00000000000000BB", "00000000000000bc"] },
					{ name: "C", ids: ["00000000000000cc"] },
				]),
			);
			const users = await store.users.list();
			assert.deepEqual(
				users.map(({ name }) => name),
				["Bee", "C"],
			);
			assert.equal(users[0]?.id, b?.id);
			assert.notInclude([a?.id, b?.id], users[1]?.id);
			assert.equal(await store.users.ownerOf("00000000000000aa"), a?.id, "whose a former credential was");
		});

		it("keeps facts, doors, settings, reports and readers over a restart", async () => {
			await store.facts.set("brokerEpoch", 7);
			await store.doors.put(DOOR, { officeMode: true });
			await store.doors.setSettings(DOOR, { sounds: 0, spread: null, ssid: "é", password: null });
			await store.doors.register(DOOR, { publicKey: key(1), credential: cti(1) }, 100);
			await store.doors.report({ door: DOOR, kind: "hello", at: 1, body: { version: 1 } });
			await store.doors.report({ door: DOOR, kind: "hello", at: 2, body: { version: 2 } });
			await reopen();
			assert.equal(await store.facts.get("brokerEpoch"), 7);
			const [door] = await store.doors.list();
			assert.deepEqual(door?.entry, { officeMode: true });
			assert.equal(door?.settings?.ssid, "é");
			assert.equal(toHex(door!.reader!.publicKey), toHex(key(1)));
			assert.deepEqual(door?.reader?.cursor, NO_LOG);
			assert.deepEqual(await store.doors.reports(DOOR), [
				{ door: DOOR, kind: "hello", at: 2, body: { version: 2 } },
			]);
		});

		it("has one reader a door, and knows those before it with their logs", async () => {
			await store.doors.put(DOOR, {});
			await store.doors.register(DOOR, { publicKey: key(1), credential: cti(1) }, 100);
			const [first] = await store.doors.readers(DOOR);
			await store.log.append(first!.id, record(1), cursor(1), 101);
			await store.doors.register(DOOR, { publicKey: key(2), credential: cti(2) }, 200);
			const door = await store.doors.find(DOOR);
			assert.equal(toHex(door!.reader!.publicKey), toHex(key(2)));
			assert.deepEqual(
				(await store.doors.readers(DOOR)).map(({ replaced, cursor }) => [replaced, cursor.serial]),
				[
					[undefined, 0],
					[200, 1],
				],
			);
			// The first one comes back, as after a repair: it goes on where it was.
			await store.doors.register(DOOR, { publicKey: key(1), credential: cti(1) }, 300);
			assert.equal((await store.doors.find(DOOR))?.reader?.cursor.serial, 1);
		});

		it("gives records byte by byte, with door and person, and no name once the person is erased", async () => {
			await store.doors.put(DOOR, {});
			await store.doors.register(DOOR, { publicKey: key(1), credential: cti(1) }, 100);
			await store.users.put([user("u1", [toHex(cti(0xa1)), toHex(cti(0xa2))])], 1);
			const [reader] = await store.doors.readers(DOOR);
			const records = [record(1), record(2, 0xa1), record(3, 0xa2), record(4, 0xbb)];
			await store.log.append(reader!.id, concat(...records), cursor(4), 500);
			// The credential is gone from the plan; whose it was is still known.
			await store.users.put([user("u1", [toHex(cti(0xa2))])], 2);
			await reopen();
			const rows = await store.log.rows({ door: DOOR, forward: true, limit: 10 });
			assert.deepEqual(
				rows.map((row) => toHex(recordOf(row))),
				records.map(toHex),
			);
			assert.deepEqual(
				rows.map(({ person }) => person),
				[undefined, "Name of u1", "Name of u1", undefined],
			);
			assert.lengthOf(await store.log.rows({ user: "u1", limit: 10 }), 2);
			await store.users.remove("u1", 600);
			assert.lengthOf(await store.users.list(), 0);
			assert.equal((await store.log.rows({ user: "u1", limit: 1 }))[0]?.person, "Name of u1");
			await store.privacy.erase("u1");
			const [row] = await store.log.rows({ user: "u1", limit: 1 });
			assert.isUndefined(row?.person);
			assert.equal(row?.user, "u1");
			await reopen();
			assert.deepEqual((await store.doors.find(DOOR))?.reader?.cursor, cursor(4));
		});

		it("keeps records that have a serial twice beside each other, once each", async () => {
			await store.doors.put(DOOR, {});
			await store.doors.register(DOOR, { publicKey: key(1), credential: cti(1) }, 100);
			const [reader] = await store.doors.readers(DOOR);
			await store.log.append(reader!.id, record(1), cursor(1), 500);
			const other = record(1, 0, 99);
			await store.log.addFork(reader!.id, other, 501, 1);
			await store.log.addFork(reader!.id, other, 502, 2);
			await store.log.addFork(reader!.id, record(1, 0, 98), 503, 1);
			assert.deepEqual((await store.log.forks(reader!.id)).map(toHex), [toHex(other)]);
			assert.equal(toHex(recordOf((await store.log.rows({ limit: 1 }))[0]!)), toHex(record(1)));
		});

		it("does a transaction whole or not at all, whatever becomes of those beside it", async () => {
			const good = store.transaction((tx) => tx.facts.set("brokerEpoch", 1));
			const bad = store.transaction(async (tx) => {
				await tx.facts.set("firstStart", 2);
				await tx.facts.set("restored", 2);
				throw new RangeError("stop");
			});
			const last = store.facts.set("brokerSecret", "00");
			const results = await Promise.allSettled([good, bad, last]);
			assert.deepEqual(
				results.map(({ status }) => status),
				["fulfilled", "rejected", "fulfilled"],
			);
			assert.instanceOf((results[1] as PromiseRejectedResult).reason, RangeError);
			assert.equal(await store.facts.get("brokerEpoch"), 1);
			assert.isUndefined(await store.facts.get("firstStart"));
			assert.isUndefined(await store.facts.get("restored"));
		});

		it("refuses rows whose owner is not there", async () => {
			const report = { door: "none", kind: "hello", at: 1, body: {} };
			const [result] = await Promise.allSettled([store.doors.report(report)]);
			assert.equal(result?.status, "rejected");
		});

		it("numbers events upwards, also where the newest were cut away", async () => {
			const { id } = await store.feed.add({ at: 1, kind: "door", door: DOOR, body: { a: 1 } });
			await reopen();
			const next = await store.feed.add({ at: 2, kind: "site", door: undefined, body: null });
			assert.isAbove(next.id, id);
			assert.deepEqual(await store.feed.after(id, 10), [next]);
			assert.deepEqual(await store.feed.bounds(), { oldest: id, newest: next.id });
		});

		it("takes a token by its hash until its end", async () => {
			const token = { id: "t1", name: "Home", role: "viewer", made: 10, until: 20 };
			await store.tokens.add(token, key(5));
			assert.deepEqual(await store.tokens.find(key(5), 19), token);
			assert.isUndefined(await store.tokens.find(key(5), 20));
			assert.isUndefined(await store.tokens.find(key(6), 11));
			await store.tokens.remove("t1");
			assert.isUndefined(await store.tokens.find(key(5), 11));
		});

		it("keeps the deltas that lead to a door's plan, and those only", async () => {
			await store.doors.put(DOOR, {});
			const image = { site: "s", door: DOOR, issued: 1, expires: 0, tables: key(1), records: key(2) };
			const put = (version: number, delta: boolean): Promise<void> =>
				store.plans.put(
					{ image: { ...image, version }, epoch: 3, envelope: cti(version) },
					delta ? { base: version - 1, version, envelope: cti(100 + version) } : undefined,
				);
			for (let version = 1; version <= 12; version++) await put(version, version > 1);
			assert.equal((await store.plans.find("s", DOOR))?.image.version, 12);
			assert.deepEqual(
				(await store.plans.deltas(DOOR)).map(({ base, version, envelope }) => [base, version, envelope[0]]),
				[4, 5, 6, 7, 8, 9, 10, 11].map((base) => [base, base + 1, base + 101]),
			);
			await put(13, false);
			assert.lengthOf(await store.plans.deltas(DOOR), 0);
		});
	});
}
