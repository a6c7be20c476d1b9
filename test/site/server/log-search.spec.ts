// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, fromHex, writeUint16, writeUint32 } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import { RECORD_SIZE } from "../../../protocol/log/record.js";
import { REASONS } from "../../../protocol/reasons.js";
import { SeededRandom } from "../../../sim/random.js";
import { NO_LOG } from "../../../site/lib/log/intake.js";
import { type LogFilter, searchLog } from "../../../site/server/log-search.js";
import type { LogRow } from "../../../site/server/store/log.js";
import type { SiteStore } from "../../../site/server/store/store.js";
import { ENGINES, type Engine, type EngineServer } from "./store/engines.js";

const BEGAN = 1_900_000_000;
const DOORS = ["front", "back", "yard"] as const;
const PEOPLE = [
	["u1", "Ada Obermeier", ["a1a1a1a1a1a1a1a1", "a1a1a1a1a1a1a1a2"]],
	["u2", "Ben", ["b1b1b1b1b1b1b1b1"]],
	["u3", "Änne Obermeier", ["c1c1c1c1c1c1c1c1"]],
] as const;
const STRANGER = "dddddddddddddddd";
const KINDS = [EVENTS.decision, EVENTS.decision, EVENTS.exit, EVENTS.forced, EVENTS.restart, EVENTS.command];
const DENIALS = [REASONS.granted, REASONS["outside-schedule"], REASONS.revoked, REASONS["wrong-door"]];

for (const server of ENGINES) {
	describe(`server: search of the log on ${server.name}`, () => {
		before(function () {
			this.timeout(120_000);
			return server.start(this);
		});
		after(() => server.stop());
		search(server);
	});
}

function search(server: EngineServer): void {
	const dice = new SeededRandom(19);
	const pick = <T>(from: readonly T[]): T => from[dice.uint32() % from.length]!;
	let engine: Engine;
	let store: SiteStore;
	let all: LogRow[];

	before(async () => {
		engine = await server.make();
		store = await engine.open();
		for (const [id, name, credentials] of PEOPLE)
			await store.users.put(
				[
					{
						...{ id, name, email: undefined, phone: undefined, entry: { accessPlans: [] } },
						credentials: credentials.map((one) => ({
							...{ id: one, entry: {}, publicKey: undefined, issued: undefined },
						})),
					},
				],
				BEGAN,
			);
		// The yard has had two readers.
		for (const [i, door] of ["front", "back", "yard", "yard"].entries()) {
			await store.doors.put(door, {});
			await store.doors.rename(door, `Door of the ${door}`);
			const key = new Uint8Array(32).fill(i + 1);
			await store.doors.register(door, { publicKey: key, credential: key.slice(0, 8) }, BEGAN + i);
			const { id } = (await store.doors.find(door))!.reader!;
			// Batches come late, clocks are unset or ahead.
			for (let batch = 0; batch < 3; batch++) {
				const records = Array.from({ length: 300 }, (_, n) => someRecord(batch * 300 + n + 1));
				const cursor = { ...NO_LOG, serial: batch * 300 + 300 };
				await store.log.append(id, concat(...records), cursor, BEGAN + 5000 + batch * 100);
			}
		}
		all = await store.log.rows({ forward: true, limit: 100_000 });
	});
	after(async () => {
		await store.close();
		await engine.end();
	});

	function someRecord(serial: number): Uint8Array {
		const record = new Uint8Array(RECORD_SIZE);
		const kind = pick(KINDS);
		writeUint32(record, 0, serial);
		writeUint32(record, 4, BEGAN + (dice.uint32() % 6000));
		record[8] = kind;
		record[9] = dice.uint32() % 8 === 0 ? 0 : 2;
		if (kind === EVENTS.decision) {
			writeUint16(record, 10, pick(DENIALS));
			record.set(fromHex(pick([...PEOPLE.flatMap(([, , ids]) => ids), STRANGER])), 16);
		} else if (kind === EVENTS.command) writeUint16(record, 10, 0x0101);
		else if (kind === EVENTS.restart) writeUint16(record, 10, pick([1, 4]));
		writeUint32(record, 24, dice.uint32());
		return record;
	}

	/** All pages of an answer. */
	async function found(filter: Omit<LogFilter, "from">, limit: number): Promise<number[]> {
		const ids: number[] = [];
		let from: LogFilter["from"];
		for (let pages = 0; ; pages++) {
			assert.isBelow(pages, 1000, "it comes to an end");
			const { next, rows } = await searchLog(store, { ...filter, from }, limit);
			assert.isAtMost(rows.length, limit);
			ids.push(...rows.map(({ id }) => id));
			if (next === undefined) return ids;
			from = next;
		}
	}

	/** The same by looking at each record; `words`: what of a record they may be in, as the spec knows it. */
	function expected(filter: Omit<LogFilter, "from">, has: (row: LogRow) => boolean = () => true): number[] {
		const { doors, forward, kinds, reasons, since = 0, until = Number.POSITIVE_INFINITY, user } = filter;
		const rows = all.filter(
			(row) =>
				(doors === undefined || doors.includes(row.door)) &&
				(kinds === undefined || kinds.includes(row.kind)) &&
				(reasons === undefined || (row.kind === EVENTS.decision && reasons.includes(row.detail & 255))) &&
				(user === undefined || row.user === user) &&
				happened(row) >= since &&
				happened(row) <= until &&
				has(row),
		);
		rows.sort((a, b) => happened(a) - happened(b) || a.id - b.id);
		return (forward ? rows : rows.reverse()).map(({ id }) => id);
	}

	const happened = ({ received, time, trust }: LogRow): number =>
		trust === "unset" ? received : Math.min(received, time);

	it("by any of door, person, kind, reason and time, in pages of any size, both ways, is what a look at each record finds", async () => {
		for (let round = 0; round < 30; round++) {
			const some = <T>(value: () => T): T | undefined => (dice.uint32() % 3 === 0 ? value() : undefined);
			const since = some(() => BEGAN + (dice.uint32() % 6000));
			const filter = {
				doors: some(() => (dice.uint32() % 4 === 0 ? ["yard", "back"] : [pick([...DOORS, "none"])])),
				user: some(() => pick(PEOPLE)[0]),
				kinds: some(() => [pick(KINDS), EVENTS.forced]),
				reasons: some(() => [pick(DENIALS)]),
				...{ since, until: some(() => (since ?? BEGAN) + (dice.uint32() % 3000)) },
				forward: dice.uint32() % 2 === 0,
			};
			const ids = await found(filter, pick([1000, 137, 50]));
			assert.deepEqual(ids, expected(filter), JSON.stringify(filter));
		}
	});

	it("by words: each is in a name, in the sentence in any language, or is the credential", async () => {
		const cases: readonly (readonly [string, (row: LogRow) => boolean])[] = [
			["Ada", ({ user }) => user === "u1"],
			["obermeier", ({ user }) => user === "u1" || user === "u3"],
			["änne", ({ user }) => user === "u3"],
			["yard", ({ door }) => door === "yard"],
			["ada yard", ({ door, user }) => user === "u1" && door === "yard"],
			["revoked", ({ detail, kind }) => kind === EVENTS.decision && detail === REASONS.revoked],
			["gesperrt", ({ detail, kind }) => kind === EVENTS.decision && detail === REASONS.revoked],
			[
				"refused ben",
				({ detail, kind, user }) => kind === EVENTS.decision && detail !== REASONS.granted && user === "u2",
			],
			["forced back", ({ door, kind }) => kind === EVENTS.forced && door === "back"],
			["hung", ({ detail, kind }) => kind === EVENTS.restart && detail === 4],
			[STRANGER, ({ subject }) => subject === STRANGER],
			["nonsense-word", () => false],
			["ada nonsense-word", () => false],
			["%", () => false],
		];
		for (const [words, has] of cases) {
			const filter = { words, forward: false };
			assert.deepEqual(await found(filter, 100), expected(filter, has), words);
		}
	});

	it("looks at only so many records for a page, and goes on from there", async () => {
		const scan = store.log.scan.bind(store.log);
		let looked = 0;
		store.log.scan = async (...of) => {
			const some = await scan(...of);
			looked += some.length;
			return some;
		};
		try {
			// No index has it: a word of a sentence that no record says.
			const { next, rows } = await searchLog(store, { words: "tamper", forward: false }, 10);
			assert.deepEqual([rows, next], [[], undefined]);
			assert.equal(looked, all.length);
			looked = 0;
			await searchLog(store, { reasons: [REASONS.revoked], forward: false }, 10_000);
			assert.isBelow(looked, all.length / 3, "only denials");
		} finally {
			store.log.scan = scan;
		}
	});
}
