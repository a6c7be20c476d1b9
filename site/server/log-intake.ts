// SPDX-License-Identifier: Apache-2.0

import { equal, fromHex } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { AT, RECORD_SIZE } from "../../protocol/log/record.js";
import type { MessageOf } from "../../protocol/sync/messages.js";
import {
	type Intake,
	type IntakeProblem,
	type LogRefusal,
	repeatedIn,
	type SiteCursor,
	takeLog,
} from "../lib/log/intake.js";
import { alarmsOfLog } from "./alarms.js";
import type { Reader } from "./store/doors.js";
import type { SiteStore } from "./store/store.js";

/** Records of other histories that are kept of one reader: enough to show that there are two. */
const MAX_FORKS = 1000;
/** Records that are taken of one reader in a day by the server's clock, so that none fills the disk: a busy door has 2,000. */
export const MAX_DAILY = 20_000;
const DAY_S = 86_400;

export interface IntakePorts {
	readonly store: SiteStore;
	readonly crypto: Crypto;
	/** Seconds since 1970. */
	seconds(): number;
	/** `MAX_DAILY` where absent. */
	readonly maxDaily?: number;
	/** The feed has more. */
	fed(): void;
}

/** What an administrator has to know of readers' logs. */
export interface LogGate {
	/** Nothing is taken of this reader's log: it has two histories. */
	isHeld(reader: number): boolean;
	/** It has, as this record shows. */
	forked(reader: Reader, serial: number): void;
}

type LogMessage = MessageOf<"log" | "checkpoint">;

/** A reader's log, as far as it is here. */
export class ReaderLog {
	readonly reader: Reader;
	readonly #ports: IntakePorts;
	readonly #gate: LogGate;
	#cursor: SiteCursor;
	/** Since when `#taken` is counted: the day's number since 1970. */
	#day = 0;
	#taken = 0;
	/** The last day on which there was more than is taken. */
	#over = 0;
	/** Two sessions of one door may bring the same records: one after the other. */
	#last: Promise<unknown> = Promise.resolve();

	constructor(reader: Reader, ports: IntakePorts, gate: LogGate) {
		this.reader = reader;
		this.#ports = ports;
		this.#gate = gate;
		this.#cursor = reader.cursor;
	}

	get cursor(): SiteCursor {
		return this.#cursor;
	}

	/** It has brought more records today than are taken in a day. */
	get isOver(): boolean {
		return this.#over === this.#today;
	}

	get #today(): number {
		return Math.floor(this.#ports.seconds() / DAY_S);
	}

	/**
	 * Takes what the reader says of its log. What it resolves with is durable: rows and cursor are one transaction, and those of many
	 * readers share a commit. It rejects where the store cannot keep it; then nothing is taken.
	 */
	take(message: LogMessage): Promise<SiteCursor | LogRefusal> {
		const done = this.#last.then(() => this.#take(message));
		this.#last = done.catch(() => undefined);
		return done;
	}

	async #take(message: LogMessage): Promise<SiteCursor | LogRefusal> {
		const { crypto } = this.#ports;
		if (this.#gate.isHeld(this.reader.id)) {
			if (message.name === "log") await this.#keepFork(message);
			return "other-log";
		}
		const known = await this.#known(message);
		const intake = takeLog(this.#cursor, message, this.reader.publicKey, crypto, known);
		if (typeof intake === "string") {
			if (intake !== "other-log") return intake;
			if (message.name === "log") await this.#keepFork(message);
			this.#gate.forked(this.reader, message.first);
			return intake;
		}
		const { checkpoint, cursor, records } = intake;
		if (!this.#mayTake(records.length / RECORD_SIZE)) return "too-many-records";
		try {
			if (checkpoint || records.length > 0) await this.#keep(intake, message);
		} catch (error) {
			// Another process may have taken it: what the reader says again is compared with that.
			await this.#lookUp();
			throw error;
		}
		this.#cursor = cursor;
		return cursor;
	}

	/** Counts these records, unless they are more than may come in a day. */
	#mayTake(count: number): boolean {
		const today = this.#today;
		if (today !== this.#day) this.#taken = 0;
		this.#day = today;
		if (this.#taken + count > (this.#ports.maxDaily ?? MAX_DAILY)) this.#over = today;
		else this.#taken += count;
		return this.#over !== today;
	}

	async #lookUp(): Promise<void> {
		const { door, id } = this.reader;
		const readers = await this.#ports.store.doors.readers(door);
		this.#cursor = readers.find((reader) => reader.id === id)?.cursor ?? this.#cursor;
	}

	/** What is here of what a message repeats: where it differs there are two histories. */
	async #known(message: LogMessage): Promise<Uint8Array | undefined> {
		const repeated = repeatedIn(this.#cursor, message);
		if (repeated === undefined) return undefined;
		const { log } = this.#ports.store;
		const { of, serial } = repeated;
		if (of === "checkpoint") return (await log.checkpoint(this.reader.id, serial))?.subarray(AT.check);
		const link = (await log.links(this.reader.id, serial, serial)).get(serial);
		return link === undefined ? undefined : fromHex(link);
	}

	async #keep({ checkpoint, cursor, problems, records }: Intake, message: LogMessage): Promise<void> {
		const { fed, seconds, store } = this.#ports;
		const { door, id } = this.reader;
		const at = seconds();
		await store.transaction(async (tx) => {
			await tx.log.append(id, records, cursor, at);
			if (checkpoint && message.name === "checkpoint")
				await tx.log.addCheckpoint(id, message.first, message.checkpoint);
			if (records.length > 0) {
				await alarmsOfLog(tx, { door, reader: id }, records, at);
				const from = cursor.serial - records.length / RECORD_SIZE + 1;
				await tx.feed.add({ at, kind: "log", door, body: { reader: id, from, to: cursor.serial } });
			}
			for (const problem of problems)
				await tx.feed.add({ at, kind: "log-problem", door, body: body(id, problem) });
		});
		fed();
	}

	/** Keeps what differs from what is here; the reader is told nothing good of either. */
	async #keepFork({ first, records }: MessageOf<"log">): Promise<void> {
		const { seconds, store } = this.#ports;
		const { id } = this.reader;
		const count = records.length / RECORD_SIZE;
		const known = await store.log.links(id, first, first + count - 1);
		for (let i = 0; i < count; i++) {
			const record = records.subarray(i * RECORD_SIZE, (i + 1) * RECORD_SIZE);
			const link = known.get(first + i);
			if (link !== undefined && equal(fromHex(link), record.subarray(24))) continue;
			await store.log.addFork(id, record, seconds(), MAX_FORKS);
		}
	}
}

function body(reader: number, { from, reason, to }: IntakeProblem): Record<string, unknown> {
	return { reader, reason, from, to };
}
