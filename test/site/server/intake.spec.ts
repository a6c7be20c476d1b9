// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { assert } from "chai";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import type { LogRefusal, SiteCursor } from "../../../site/lib/log/intake.js";
import { recordOf } from "../../../site/server/store/log.js";
import { LogChain } from "./log-chain.js";
import { SITE, SiteBench } from "./site-bench.js";
import { ENGINES, type EngineServer } from "./store/engines.js";

const key = (n: number): Uint8Array => new Uint8Array(32).fill(n);

for (const server of ENGINES) {
	describe(`server: intake of logs on ${server.name}`, () => {
		before(function () {
			this.timeout(120_000);
			return server.start(this);
		});
		after(() => server.stop());
		intake(server);
		killedIntake(server);
	});
}

function intake(server: EngineServer): void {
	let bench: SiteBench;
	const chain = new LogChain(7);

	beforeEach(async () => {
		bench = new SiteBench(await server.make());
		await bench.open();
		await bench.bring({
			...{
				site: SITE,
				timeZone: "UTC0",
				accessPlans: { all: [{ schedule: "always" }] },
				doors: { front: {} },
			},
			users: [{ name: "Ada", accessPlans: ["all"], credentials: [{ id: "a1".repeat(8) }] }],
		});
		await bench.core.books.register("front", { publicKey: key(1), credential: new Uint8Array(8) });
	});
	afterEach(async () => {
		assert.deepEqual(bench.failures, []);
		await bench.end();
	});

	function take(message: MessageOf<"log" | "checkpoint">, reader = key(1)): Promise<SiteCursor | LogRefusal> {
		return new Promise((done) => bench.core.books.takeLog("front", reader, message, done));
	}

	async function reopen(): Promise<void> {
		await bench.close();
		await bench.open();
	}

	const serialOf = (result: SiteCursor | LogRefusal): unknown =>
		typeof result === "string" ? result : result.serial;

	async function stored(): Promise<string[]> {
		const rows = await bench.store.log.rows({ door: "front", forward: true, limit: 1000 });
		return rows.map((row) => toHex(recordOf(row)));
	}

	it("has rows and cursor when it says so, also after a restart; what comes again changes nothing", async () => {
		await take(chain.begin());
		assert.equal(serialOf(await take(chain.batch(1))), 24);
		await reopen();
		assert.deepEqual(bench.core.books.cursor("front", key(1)).link, chain.record(24).slice(24));
		assert.equal(serialOf(await take(chain.batch(1))), 24);
		// Part of it is here.
		assert.equal(serialOf(await take(chain.batch(20))), 43);
		assert.deepEqual(await stored(), chain.records.slice(0, 43).map(toHex));
		const reader = (await bench.store.doors.readers("front"))[0]!;
		assert.deepEqual(
			(await bench.store.log.checkpoints(reader.id)).map(({ serial }) => serial),
			[1],
		);
	});

	it("takes what two sessions bring at once, one after the other", async () => {
		const results = await Promise.all([
			take(chain.begin()),
			take(chain.batch(1)),
			take(chain.batch(1)),
			take(chain.batch(25)),
		]);
		assert.deepEqual(results.map(serialOf), [0, 24, 24, 48]);
		assert.lengthOf(await stored(), 48);
	});

	it("keeps the bytes as they were said, whatever becomes of the bearer's buffer", async () => {
		await take(chain.begin());
		const batch = chain.batch(1);
		const done = take(batch);
		batch.records.fill(0xff);
		await done;
		assert.deepEqual(await stored(), chain.records.slice(0, 24).map(toHex));
	});

	it("keeps another history beside its own and acknowledges neither", async () => {
		await take(chain.begin());
		await take(chain.batch(1));
		const other = new LogChain(8);
		assert.equal(await take(other.batch(23)), "other-log");
		assert.equal(await take(other.batch(23)), "other-log");
		assert.equal(bench.core.books.cursor("front", key(1)).serial, 24);
		const reader = (await bench.store.doors.readers("front"))[0]!;
		assert.deepEqual(
			(await bench.store.log.forks(reader.id)).map(toHex),
			other.records.slice(22, 46).map(toHex),
		);
		assert.lengthOf(await stored(), 24);
	});

	it("takes so many records of a reader in a day, acknowledges none of the rest, and takes those on the next", async () => {
		bench.maxDaily = 100;
		await reopen();
		await take(chain.begin());
		const results: unknown[] = [];
		for (const first of [1, 25, 49, 73, 97, 97]) results.push(serialOf(await take(chain.batch(first))));
		assert.deepEqual(results, [24, 48, 72, 96, "too-many-records", "too-many-records"]);
		assert.match(
			bench.core.books.heldLog("front") ?? "",
			/more than 100 records of its log today.* tomorrow/,
		);
		assert.lengthOf(await stored(), 96);
		bench.seconds += 86_400;
		assert.isUndefined(bench.core.books.heldLog("front"));
		assert.equal(serialOf(await take(chain.batch(97))), 120);
	});

	it("says which records are missing, and goes on behind them", async () => {
		await take(chain.begin());
		await take(chain.batch(1));
		assert.equal(serialOf(await take(chain.batch(30))), 53);
		const events = await bench.store.feed.after(0, 100);
		assert.deepEqual(
			events.filter(({ kind }) => kind === "log-problem").map(({ body }) => body),
			[{ reader: 1, reason: "missing", from: 25, to: 29 }],
		);
	});

	it("takes nothing of a reader that is not the door's, and begins anew with another one", async () => {
		await take(chain.begin());
		await take(chain.batch(1));
		await bench.core.books.register("front", { publicKey: key(2), credential: new Uint8Array(8) });
		let answered = false;
		bench.core.books.takeLog("front", key(1), chain.batch(25), () => {
			answered = true;
		});
		const other = new LogChain(9);
		assert.equal(serialOf(await take(other.begin(), key(2))), 0);
		assert.equal(serialOf(await take(other.batch(1), key(2))), 24);
		assert.isFalse(answered);
		assert.lengthOf(await stored(), 48);
	});

	it("names who was at which door", async () => {
		const named = new LogChain(10);
		named.record(1, fromHex("a1".repeat(8)));
		await take(named.begin());
		await take(named.batch(1, 1));
		const [row] = await bench.store.log.rows({ limit: 1 });
		assert.deepEqual([row?.door, row?.person], ["front", "Ada"]);
	});

	it("answers nothing where the store cannot keep it, and takes it later", async () => {
		await take(chain.begin());
		const { transaction } = bench.store;
		bench.store.transaction = () => Promise.reject(new Error("the disk is full"));
		let answered = false;
		bench.core.books.takeLog("front", key(1), chain.batch(1), () => {
			answered = true;
		});
		await new Promise((resolve) => setImmediate(resolve));
		bench.store.transaction = transaction;
		assert.equal(serialOf(await take(chain.batch(1))), 24);
		assert.isFalse(answered);
		assert.match(String(bench.failures.shift()), /disk is full/);
		assert.lengthOf(await stored(), 24);
	});
}

function killedIntake(server: EngineServer): void {
	it("has lost no acknowledged record when it is killed, and goes on without one doubled", async function () {
		this.timeout(120_000);
		const engine = await server.make();
		const acknowledged = new Map<string, number>();
		for (let run = 1; run <= 3; run++) {
			await killed(engine.place, run, acknowledged);
			const bench = new SiteBench(engine);
			await bench.open();
			for (const [door, serial] of acknowledged) {
				const chain = new LogChain(Number(door.slice(1)));
				const { cursor } = (await bench.store.doors.find(door))!.reader!;
				assert.isAtLeast(cursor.serial, serial, `${door} after run ${run}`);
				const rows = await bench.store.log.rows({ door, forward: true, limit: 1_000_000 });
				assert.lengthOf(rows, cursor.serial);
				for (const row of rows) assert.equal(row.link, toHex(chain.record(row.serial).subarray(24)));
			}
			await bench.close();
		}
		assert.equal(acknowledged.size, 20);
		await engine.end();
	});
}

/** Runs a server that takes logs of 20 readers, and kills it in the middle. `acknowledged`: what each reader was told. */
function killed(place: string, run: number, acknowledged: Map<string, number>): Promise<void> {
	const program = new URL("./intake-program.js", import.meta.url).pathname;
	const child = spawn(process.execPath, [program, place], { stdio: ["ignore", "pipe", "inherit"] });
	let left = 50 + run * 37;
	return new Promise((resolve, reject) => {
		const lines = createInterface({ input: child.stdout });
		lines.on("line", (line) => {
			const [door, serial] = line.split(" ");
			acknowledged.set(door!, Number(serial));
			if (--left === 0) child.kill("SIGKILL");
		});
		child.on("close", (_, signal) => {
			if (signal === "SIGKILL") resolve();
			else reject(new Error("it ended by itself"));
		});
	});
}
