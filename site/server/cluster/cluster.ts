// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import type { CommandResult, DoorCommand } from "../../lib/sync/door-command.js";
import { SharedDatabase } from "../store/shared-database.js";
import { Shares } from "./shares.js";

/** A process says so often that it is there, ms. */
const BEAT_MS = 2000;
/** One that has not for so long is none, ms: by the database's clock for the others, by its own for itself. */
const LEASE_MS = 6000;
/** A command is given on within so long after it was asked for, ms; its result is waited for. */
const COMMAND_MS = 5000;
const RESULT_MS = 12_000;

const NOW = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/** What a process says to another. */
type Words =
	| { readonly is: "here" }
	| {
			readonly is: "command";
			readonly to: string;
			readonly from: string;
			readonly id: string;
			readonly door: string;
			readonly what: string;
			readonly for: number;
			readonly by: string;
			/** By the database's clock, ms. */
			readonly at: number;
	  }
	| { readonly is: "result"; readonly to: string; readonly id: string; readonly result: CommandResult };

/** What the processes of a site have in common, as its parts ask for it. */
export interface Shared {
	/** Of this process. */
	readonly id: string;
	/** Whether a door is this process's. */
	owns(door: string): boolean;
	/** One process of the site at a time. */
	alone<T>(work: () => Promise<T>): Promise<T>;
}

export interface ClusterEvents {
	/** Others have written. */
	written(): void;
	/** Doors have other owners: those that became this process's are not before it resolves. */
	moved(): Promise<void>;
	/** They are now. `first`: of all processes this one tells the doors. */
	settled(first: boolean): void;
	/** Once in each beat. */
	beat(): Promise<void>;
	/** A command to a door of this process, from another. */
	command(door: string, command: DoorCommand, done: (result: CommandResult) => void): void;
	failed(error: unknown): void;
}

/**
 * The processes that serve one site: each has a lease in their database, which ends by the database's clock, and the doors are shared
 * out among those that have one.
 */
export class Cluster implements Shared {
	readonly id = randomBytes(8).toString("hex");
	readonly #database: SharedDatabase;
	#events: ClusterEvents | undefined;
	/** By the leases that are known. */
	#shares = new Shares([]);
	/** By which this process has read what it has to know of its doors. */
	#settled = new Shares([]);
	/** When the last lease was asked for that was given, ms. */
	#leased = Number.NEGATIVE_INFINITY;
	/** The database's clock less this process's, ms. */
	#ahead = 0;
	#timer: NodeJS.Timeout | undefined;
	#isLeaving = false;
	#last: Promise<void> = Promise.resolve();
	readonly #asked = new Map<string, (result: CommandResult) => void>();

	constructor(url: string) {
		this.#database = new SharedDatabase(url, (words) => this.#heard(words));
	}

	owns(door: string): boolean {
		if (performance.now() > this.#leased + LEASE_MS) return false;
		return this.#shares.ownerOf(door) === this.id && this.#settled.ownerOf(door) === this.id;
	}

	/** Whether a door has had another owner before the newest change, as far as this process knows. */
	hasMoved(door: string): boolean {
		return this.#shares.ownerOf(door) !== this.#settled.ownerOf(door);
	}

	alone<T>(work: () => Promise<T>): Promise<T> {
		return this.#database.alone(work);
	}

	/** From now on it has doors. */
	async join(events: ClusterEvents): Promise<void> {
		this.#events = events;
		await this.#beat();
		await this.#database.say({ is: "here" } satisfies Words);
		this.#timer = setInterval(() => this.#beatSoon(), BEAT_MS);
	}

	/** Commands a door of another process, now or never. */
	async ask(door: string, { by, for: seconds, what }: DoorCommand): Promise<CommandResult> {
		const to = this.#shares.ownerOf(door);
		if (to === undefined || to === this.id) return { refusal: "no-session" };
		const id = randomBytes(8).toString("hex");
		const at = performance.now() + this.#ahead;
		const words: Words = {
			...{ is: "command", to, from: this.id, id, door },
			...{ what, for: seconds, by: toHex(by), at },
		};
		return new Promise<CommandResult>((resolve) => {
			const done = (result: CommandResult): void => {
				clearTimeout(timer);
				this.#asked.delete(id);
				resolve(result);
			};
			const timer = setTimeout(() => done("unknown"), RESULT_MS);
			this.#asked.set(id, done);
			this.#database.say(words).catch(() => done("unknown"));
		});
	}

	/** The others have its doors at once. */
	async leave(): Promise<void> {
		clearInterval(this.#timer);
		this.#isLeaving = true;
		await this.#last;
		this.#leased = Number.NEGATIVE_INFINITY;
		try {
			await this.#database.all("DELETE FROM processes WHERE id = $1", this.id);
			await this.#database.say({ is: "here" } satisfies Words);
		} catch {
			// Its lease ends by itself.
		}
	}

	close(): Promise<void> {
		return this.#database.close();
	}

	#beatSoon(): void {
		if (this.#isLeaving) return;
		this.#last = this.#last.then(() => this.#beat()).catch((error) => this.#events?.failed(error));
	}

	async #beat(): Promise<void> {
		try {
			await this.#lease();
		} finally {
			// Without a lease it has no doors.
			if (performance.now() > this.#leased + LEASE_MS) this.#shares = new Shares([]);
			await this.#settle();
		}
		await this.#events?.beat();
	}

	async #lease(): Promise<void> {
		const asked = performance.now();
		const [row] = await this.#database.all<{ beat: number }>(
			`INSERT INTO processes (id, beat) VALUES ($1, ${NOW})
			ON CONFLICT (id) DO UPDATE SET beat = excluded.beat RETURNING beat`,
			this.id,
		);
		await this.#database.all(`DELETE FROM processes WHERE beat < ${NOW} - ${10 * LEASE_MS}`);
		const rows = await this.#database.all<{ id: string }>(
			`SELECT id FROM processes WHERE beat > ${NOW} - ${LEASE_MS}`,
		);
		this.#leased = asked;
		this.#ahead = row!.beat - asked;
		const processes = rows.map(({ id }) => id);
		if (!this.#shares.isOf(processes)) this.#shares = new Shares(processes);
	}

	async #settle(): Promise<void> {
		const shares = this.#shares;
		if (shares === this.#settled) return;
		await this.#events?.moved();
		this.#settled = shares;
		this.#events?.settled(shares.processes[0] === this.id);
	}

	#heard(text: string): void {
		const events = this.#events;
		if (events === undefined) return;
		if (text === "") {
			events.written();
			return;
		}
		const words = JSON.parse(text) as Words;
		if (words.is === "here") this.#beatSoon();
		else if (words.to !== this.id) return;
		else if (words.is === "result") this.#asked.get(words.id)?.(words.result);
		else this.#command(words, events);
	}

	#command(words: Words & { is: "command" }, events: ClusterEvents): void {
		const { at, by, door, for: seconds, from, id, what } = words;
		const answer = (result: CommandResult): void => {
			this.#database
				.say({ is: "result", to: from, id, result } satisfies Words)
				.catch((error) => events.failed(error));
		};
		// A process that was held up does nothing that was for then.
		if (performance.now() + this.#ahead - at > COMMAND_MS) answer({ refusal: "too-late" });
		else if (!this.owns(door)) answer({ refusal: "no-session" });
		else events.command(door, { what, for: seconds, by: fromHex(by) }, answer);
	}
}
