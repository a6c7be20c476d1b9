// SPDX-License-Identifier: Apache-2.0

import type { Sql } from "./database.js";

/** A connection that writes, in a transaction that has begun. */
export interface Writer extends Sql {
	commit(): Promise<void>;
	/** After a commit that failed, too. */
	rollBack(): Promise<void>;
}

/** Transactions that are made durable together at most. */
const MAX_GROUP = 256;
/** Where several came together more are coming: the next group is gathered for so many times as long as the last commit took, and no longer than this, ms. */
const GATHER = 2;
const MAX_GATHER_MS = 50;

interface Job {
	readonly work: (sql: Sql) => Promise<unknown>;
	readonly settle: (result: unknown) => void;
	readonly fail: (error: unknown) => void;
}

/**
 * Transactions, one after the other. Those that are asked for while another goes on share one commit, each in a savepoint of its own: what
 * costs is the disk's confirmation, not the rows.
 */
export class Commits {
	readonly #writer: () => Promise<Writer>;
	readonly #jobs: Job[] = [];
	/** When the next group may begin, by `performance.now`. */
	#from = 0;
	#flushing: Promise<void> | undefined;

	/** `writer` begins a transaction for a group. */
	constructor(writer: () => Promise<Writer>) {
		this.#writer = writer;
	}

	/** What `work` throws is its own: those beside it go on. */
	do<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
		return new Promise<T>((resolve, reject) => {
			this.#jobs.push({ work, settle: resolve as (result: unknown) => void, fail: reject });
			this.#flushing ??= this.#soon().then(() => this.#flush());
		});
	}

	#soon(): Promise<void> {
		const wait = this.#from - performance.now();
		return new Promise((resolve) => (wait > 1 ? setTimeout(resolve, wait) : setImmediate(resolve)));
	}

	/** Resolves when all that was asked for has ended. */
	async ended(): Promise<void> {
		while (this.#flushing !== undefined) await this.#flushing;
	}

	async #flush(): Promise<void> {
		while (this.#jobs.length > 0) await this.#group(this.#jobs.splice(0, MAX_GROUP));
		this.#flushing = undefined;
	}

	async #group(jobs: readonly Job[]): Promise<void> {
		const settled: (() => void)[] = [];
		let writer: Writer | undefined;
		try {
			writer = await this.#writer();
			for (const job of jobs) settled.push(await attempt(job, writer));
			const began = performance.now();
			await writer.commit();
			const ended = performance.now();
			this.#from = jobs.length === 1 ? 0 : ended + Math.min(MAX_GATHER_MS, GATHER * (ended - began));
		} catch (error) {
			await writer?.rollBack();
			for (const { fail } of jobs) fail(error);
			return;
		}
		for (const settle of settled) settle();
	}
}

async function attempt({ work, settle, fail }: Job, writer: Writer): Promise<() => void> {
	await writer.all("SAVEPOINT job");
	try {
		const result = await work(writer);
		await writer.all("RELEASE SAVEPOINT job");
		return () => settle(result);
	} catch (error) {
		await writer.all("ROLLBACK TO SAVEPOINT job");
		await writer.all("RELEASE SAVEPOINT job");
		return () => fail(error);
	}
}
