// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32 } from "../../protocol/bytes.js";
import { AT, BODY_SIZE, LINK_SIZE, RECORD_SIZE } from "../../protocol/log/record.js";
import { LOG_RECORDS } from "../../protocol/sync/bounds.js";
import type { Message, MessageOf } from "../../protocol/sync/messages.js";
import type { LogCursor } from "../log/cursor.js";
import type { Speaker } from "./speaker.js";
import type { SyncTarget } from "./target.js";

/** A site that takes nothing of what it is sent is sent no more in the session, after so many tries. */
const MAX_IDLE = 3;

/**
 * Sends the log: records in their chain, and before the first of a sector its checkpoint. The site says how far it has them, which
 * counts where the link that it says is the reader's own; where that is less than it once had (it was restored), the reader goes back
 * as far as its log does.
 */
export class LogSender implements Speaker {
	private readonly target: SyncTarget;
	/** There is one while something is to be sent: it takes 76 slots. */
	private cursor: LogCursor | undefined;
	/** The record that is sent next. */
	private next = 1;
	/** Of what waits for its answer: first record, last (0: it is a checkpoint), and that one's link. */
	private first = 0;
	private last = 0;
	private readonly link = new Uint8Array(LINK_SIZE);
	/** First record of the sector whose checkpoint the site was sent last. */
	private introduced = 0;
	/** Answers in a row by which nothing went on. */
	private idle = 0;
	private stopped = false;
	/** The site was shown a record of which it has another. */
	private isDisputed = false;
	/** The link of the record that is acknowledged, and its serial. */
	private readonly known = new Uint8Array(LINK_SIZE);
	private knownOf = 0;

	constructor(target: SyncTarget) {
		this.target = target;
	}

	begin(): void {
		this.introduced = this.idle = 0;
		this.stopped = this.isDisputed = false;
		this.next = this.target.log.acknowledged + 1;
	}

	/** Of the record that is acknowledged; zeros where that is none, or is there no more. */
	acknowledgedLink(): Uint8Array {
		const { acknowledged } = this.target.log;
		if (this.knownOf !== acknowledged) {
			const link = this.linkOf(acknowledged);
			if (link === undefined) this.known.fill(0);
			else this.known.set(link);
			this.knownOf = acknowledged;
		}
		return this.known;
	}

	say(id: number): Message | undefined {
		const { log } = this.target;
		const from = Math.max(this.next, log.oldest);
		const record = this.stopped || from > log.last ? undefined : this.at(from).next();
		if (record === undefined) {
			this.cursor = undefined;
			return undefined;
		}
		return this.checkpoint(id) ?? this.records(id, record, readUint32(record, 0));
	}

	private checkpoint(id: number): MessageOf<"checkpoint"> | undefined {
		const { begins, checkpoint } = this.cursor!;
		const first = readUint32(checkpoint, AT.first);
		if (!begins || this.introduced === first) return undefined;
		this.first = first;
		this.last = 0;
		return { name: "checkpoint", id, first, checkpoint };
	}

	/** The record and those behind it, without a hole, up to the end of its sector. */
	private records(id: number, record: Uint8Array, first: number): MessageOf<"log"> {
		const cursor = this.cursor!;
		const most = Math.min(LOG_RECORDS, this.target.log.last - first + 1);
		const records = new Uint8Array(most * RECORD_SIZE);
		let count = 0;
		for (let next: Uint8Array | undefined = record; next !== undefined; ) {
			records.set(next, RECORD_SIZE * count++);
			if (count === most) break;
			next = cursor.next();
			if (next !== undefined && (cursor.begins || readUint32(next, 0) !== first + count)) break;
		}
		const size = count * RECORD_SIZE;
		this.first = first;
		this.last = first + count - 1;
		this.link.set(records.subarray(size - LINK_SIZE, size));
		return { name: "log", id, first, records: count === most ? records : records.subarray(0, size) };
	}

	answered(answer: Message): boolean {
		if (answer.name === "ack" && answer.refusal !== null) this.stop(answer.refusal);
		else if (answer.name === "logged") this.logged(answer);
		else return false;
		return true;
	}

	private logged({ link, serial }: MessageOf<"logged">): void {
		const { log } = this.target;
		const isOurs = serial > 0 && serial === this.last ? equal(link, this.link) : this.hasLink(serial, link);
		if (!isOurs) {
			this.dispute(serial);
			return;
		}
		const { first } = this;
		if (this.last === 0) this.introduced = first;
		if (serial > log.acknowledged && serial >= log.oldest) {
			log.acknowledge(serial);
			this.known.set(link);
			this.knownOf = serial;
		}
		const next = serial + 1;
		// What lies between is gone, which the site sees by the serials.
		const goesOn = next > first || (this.last === 0 && Math.max(next, log.oldest) === first);
		if (next < first && next >= log.oldest) this.introduced = 0;
		this.idle = goesOn ? 0 : this.idle + 1;
		this.next = next;
		if (this.idle === MAX_IDLE) this.stop("the site takes nothing");
	}

	/** The site has another record of this serial: it is shown the reader's, and has to say which counts. */
	private dispute(serial: number): void {
		if (this.isDisputed || serial > this.target.log.last) this.stop("the site has another log");
		else {
			this.isDisputed = true;
			this.next = serial;
		}
	}

	/** Whether the record has this link, as far as the log goes back: one that is gone can be anything. */
	private hasLink(serial: number, link: Uint8Array): boolean {
		const { log } = this.target;
		if (serial > log.last) return false;
		if (serial < log.oldest) return true;
		const own = this.linkOf(serial);
		return own !== undefined && equal(own, link);
	}

	private linkOf(serial: number): Uint8Array | undefined {
		const { log } = this.target;
		if (serial < log.oldest || serial > log.last) return undefined;
		const record = this.at(serial).next();
		return record !== undefined && readUint32(record, 0) === serial ? record.subarray(BODY_SIZE) : undefined;
	}

	/** The cursor, before this record. */
	private at(serial: number): LogCursor {
		this.cursor ??= this.target.log.read(serial);
		if (this.cursor.position !== serial) this.cursor.seek(serial);
		return this.cursor;
	}

	private stop(why: string): void {
		this.stopped = true;
		this.target.trace(`sync: the log is not sent on: ${why}`);
	}
}
