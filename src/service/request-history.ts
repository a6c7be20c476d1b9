// SPDX-License-Identifier: Apache-2.0

import { readUint16, readUint32, writeUint16, writeUint32 } from "../../protocol/bytes.js";
import { CLIENT_LENGTH } from "../../protocol/provisioning/frame.js";

/** Number of rows, one a client. */
export const CLIENTS = 16;
/** Clients repeat a request within this time, ms. Until then a row is not given to another client. */
export const REPEAT_MS = 4000;

/** Offsets in a row: client, number of its last request, time of that (4, ms), whether it is executed. */
const NUMBER = CLIENT_LENGTH;
const HEARD = NUMBER + 2;
const DONE = HEARD + 4;
const ROW = DONE + 1;

/** `done`: the request is executed already. `old`: its client has sent a newer one. */
export type Repetition = "new" | "done" | "old";

/**
 * The last request of each recent client that changed or moved something, in 240 bytes. Requests that may be executed again take no row, so
 * idle clients cannot evict others.
 */
export class RequestHistory {
	private readonly rows = new Uint8Array(CLIENTS * ROW);
	private used = 0;

	/** Compares a request with its client's row, if there is one, and takes its number into the row. */
	look(client: Uint8Array, number: number, now: number): Repetition {
		const row = this.find(client);
		if (row < 0) return "new";
		const rows = this.rows;
		writeUint32(rows, row + HEARD, now >>> 0);
		// Numbers wrap around and compare as in RFC 1982, 3.2.
		const ahead = (number - readUint16(rows, row + NUMBER)) & 0xffff;
		if (ahead === 0) return rows[row + DONE] === 1 ? "done" : "new";
		if (ahead >= 0x8000) return "old";
		writeUint16(rows, row + NUMBER, number);
		rows[row + DONE] = 0;
		return "new";
	}

	/**
	 * Notes that a request is executed now. Returns false where no row is free: all are of clients that may still repeat theirs.
	 * `alone`: no other client has authority, so their rows are free.
	 */
	note(client: Uint8Array, number: number, now: number, alone: boolean): boolean {
		const row = this.rowFor(client, now, alone);
		if (row < 0) return false;
		const rows = this.rows;
		rows.set(client, row);
		writeUint16(rows, row + NUMBER, number);
		writeUint32(rows, row + HEARD, now >>> 0);
		rows[row + DONE] = 1;
		return true;
	}

	/** Whether this is the last request of `client` and is executed. */
	isDone(client: Uint8Array, number: number): boolean {
		const row = this.find(client);
		return row >= 0 && this.rows[row + DONE] === 1 && readUint16(this.rows, row + NUMBER) === number;
	}

	private find(client: Uint8Array): number {
		const rows = this.rows;
		for (let row = 0; row < this.used * ROW; row += ROW) {
			let i = 0;
			while (i < CLIENT_LENGTH && rows[row + i] === client[i]) i++;
			if (i === CLIENT_LENGTH) return row;
		}
		return -1;
	}

	/** The client's row, a free one, or that of the client that was silent longest; -1 where that is too recent. */
	private rowFor(client: Uint8Array, now: number, alone: boolean): number {
		const own = this.find(client);
		if (own >= 0) return own;
		if (this.used < CLIENTS) return this.used++ * ROW;
		let oldest = 0;
		let max = 0;
		for (let row = 0; row < this.rows.length; row += ROW) {
			const silent = (now - readUint32(this.rows, row + HEARD)) >>> 0;
			if (silent < max) continue;
			max = silent;
			oldest = row;
		}
		return alone || max >= REPEAT_MS ? oldest : -1;
	}
}
