// SPDX-License-Identifier: Apache-2.0

import pg from "pg";
import { CONNECT_MS, typeParsers } from "./postgres.js";

/** Between processes that share a database, besides its tables: "turn". */
const TURN = 0x7475_726e;
const CHANNEL = "lintel";

/** What PostgreSQL does for processes that share a database, besides keeping it: words between them, and turns. */
export class SharedDatabase {
	readonly #url: string;
	readonly #heard: (words: string) => void;
	#listener: Promise<pg.Client> | undefined;
	#turn: Promise<pg.Client> | undefined;
	#isClosed = false;

	/** `heard`: another process has said this; "": it has written something. */
	constructor(url: string, heard: (words: string) => void) {
		this.#url = url;
		this.#heard = heard;
	}

	/** Outside the order of writes. Where the connection is broken it rejects, and the next makes another. */
	async all<Row>(statement: string, ...values: readonly (string | number)[]): Promise<Row[]> {
		this.#listener ??= this.#connect((client) => client.query(`LISTEN ${CHANNEL}`));
		const listener = this.#listener;
		try {
			return (await (await listener).query(statement, [...values])).rows as Row[];
		} catch (error) {
			if (this.#listener === listener) this.#listener = undefined;
			await listener.then((client) => client.end()).catch(() => undefined);
			throw error;
		}
	}

	/** To all processes that listen now, this one too. */
	async say(words: object): Promise<void> {
		await this.all("SELECT pg_notify($1, $2)", CHANNEL, JSON.stringify(words));
	}

	/** Does `work` while no other process does such; one that ends or is cut off holds nobody up. */
	async alone<T>(work: () => Promise<T>): Promise<T> {
		const client = await this.#inTurn();
		try {
			return await work();
		} finally {
			await client.query(`SELECT pg_advisory_unlock(${TURN})`).catch(() => this.#dropTurn());
		}
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		for (const one of [this.#listener, this.#turn])
			await one?.then((client) => client.end()).catch(() => undefined);
	}

	async #inTurn(again = true): Promise<pg.Client> {
		this.#turn ??= this.#connect();
		try {
			const client = await this.#turn;
			await client.query(`SELECT pg_advisory_lock(${TURN})`);
			return client;
		} catch (error) {
			this.#dropTurn();
			if (!again) throw error;
			return this.#inTurn(false);
		}
	}

	/** With its connection the turn ends. */
	#dropTurn(): void {
		this.#turn?.then((client) => client.end()).catch(() => undefined);
		this.#turn = undefined;
	}

	async #connect(begin?: (client: pg.Client) => Promise<unknown>): Promise<pg.Client> {
		if (this.#isClosed) throw new Error("the database is closed");
		const client = new pg.Client({
			connectionString: this.#url,
			connectionTimeoutMillis: CONNECT_MS,
			types: typeParsers,
		});
		// What it is asked next rejects.
		client.on("error", () => undefined);
		client.on("notification", ({ payload }) => this.#heard(payload ?? ""));
		await client.connect();
		await begin?.(client);
		return client;
	}
}
