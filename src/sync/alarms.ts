// SPDX-License-Identifier: Apache-2.0

import { readUint32 } from "../../protocol/bytes.js";
import { ALARMS } from "../../protocol/events.js";
import { KIND_AT, RECORD_SIZE } from "../../protocol/log/record.js";
import type { Message } from "../../protocol/sync/messages.js";
import type { LogCursor } from "../log/cursor.js";
import type { SyncContext } from "./context.js";
import type { Speaker } from "./speaker.js";

/** Records that are looked at in one turn, so that no tap waits for it. */
const LOOK = 8;

/**
 * Tells the site of alarms ahead of the log: copies of their records, one at a time. It keeps one record; where more alarms come
 * before that one is answered, it finds them in the log.
 */
export class TellAlarms implements Speaker {
	private readonly sync: SyncContext;
	private readonly record = new Uint8Array(RECORD_SIZE);
	/** `record` is to be told. */
	private waits = false;
	/** Everything up to here was told, or is none. */
	private told = 0;
	/** There may be others behind it. */
	private more = true;
	private cursor: LogCursor | undefined;
	/** Of the message that waits for its answer; 0: none does. */
	private id = 0;

	constructor(sync: SyncContext) {
		this.sync = sync;
	}

	begin(): void {
		this.id = 0;
	}

	/** The log has a new event of this kind, or counts it. */
	recorded(kind: number): void {
		if (!ALARMS.includes(kind)) return;
		const { newest } = this.sync.target.log;
		if (this.waits || this.more || newest[KIND_AT] !== kind || readUint32(newest, 0) <= this.told) {
			this.more = true;
			return;
		}
		this.record.set(newest);
		this.waits = true;
	}

	say(id: number): Message | undefined {
		if (id !== this.id && !this.waits && !(this.more && this.find())) return undefined;
		this.id = id;
		return { name: "alarm", id, record: this.record };
	}

	answered(answer: Message): boolean {
		if (answer.name !== "ack") return false;
		this.told = Math.max(this.told, readUint32(this.record, 0));
		this.waits = false;
		this.id = 0;
		return true;
	}

	/** Looks at some records more: whether one is an alarm. What the site has by the log is none. */
	private find(): boolean {
		const { log } = this.sync.target;
		if (this.told < log.acknowledged) {
			this.told = log.acknowledged;
			this.cursor = undefined;
		}
		this.cursor ??= log.read(this.told + 1);
		for (let left = LOOK; left > 0; left--) {
			const record = this.cursor.next();
			if (record === undefined) {
				this.more = false;
				this.cursor = undefined;
				this.told = Math.max(this.told, log.last);
				return false;
			}
			this.told = readUint32(record, 0);
			if (!ALARMS.includes(record[KIND_AT]!)) continue;
			this.record.set(record);
			this.waits = true;
			return true;
		}
		this.sync.wake();
		return false;
	}
}
