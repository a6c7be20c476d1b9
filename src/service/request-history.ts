import { readUint16, readUint32, writeUint16, writeUint32 } from "../../protocol/bytes.js";
import { CLIENT_LENGTH } from "../../protocol/provisioning/frame.js";

/** Clients that are remembered at once. */
export const CLIENTS = 16;
/** Who repeats a request does so within this, ms: so long no client is forgotten for another's sake. */
export const REPEAT_MS = 4000;

/** A row: client, number of its last request, when it was last heard (4, ms), whether that request is done for good. */
const NUMBER = CLIENT_LENGTH;
const HEARD = NUMBER + 2;
const DONE = HEARD + 4;
const ROW = DONE + 1;

/** Of a request: `done` where it is executed already, `old` where its client has asked something newer. */
export type Repetition = "new" | "done" | "old";

/**
 * The last request of each of the last clients that changed or moved something: 240 bytes. Who only looks gets no row, so
 * clients that come and go push nobody out.
 */
export class RequestHistory {
	readonly #rows = new Uint8Array(CLIENTS * ROW);
	#used = 0;

	/** What this request is. Where its client has a row, its number is that client's last from here on. */
	look(client: Uint8Array, number: number, now: number): Repetition {
		const row = this.#find(client);
		if (row < 0) return "new";
		const rows = this.#rows;
		writeUint32(rows, row + HEARD, now >>> 0);
		// Numbers go round, and compare as in RFC 1982 section 3.2.
		const ahead = (number - readUint16(rows, row + NUMBER)) & 0xffff;
		if (ahead === 0) return rows[row + DONE] === 1 ? "done" : "new";
		if (ahead >= 0x8000) return "old";
		writeUint16(rows, row + NUMBER, number);
		rows[row + DONE] = 0;
		return "new";
	}

	/**
	 * This request is executed now, and never again. False where there is no row for it: all are of clients that may still
	 * repeat theirs. `alone`: no other client may do anything any more, so none of them counts.
	 */
	note(client: Uint8Array, number: number, now: number, alone: boolean): boolean {
		const row = this.#rowFor(client, now, alone);
		if (row < 0) return false;
		const rows = this.#rows;
		rows.set(client, row);
		writeUint16(rows, row + NUMBER, number);
		writeUint32(rows, row + HEARD, now >>> 0);
		rows[row + DONE] = 1;
		return true;
	}

	/** Whether this is the last request of `client`, and executed for good. */
	isDone(client: Uint8Array, number: number): boolean {
		const row = this.#find(client);
		return row >= 0 && this.#rows[row + DONE] === 1 && readUint16(this.#rows, row + NUMBER) === number;
	}

	#find(client: Uint8Array): number {
		const rows = this.#rows;
		for (let row = 0; row < this.#used * ROW; row += ROW) {
			let i = 0;
			while (i < CLIENT_LENGTH && rows[row + i] === client[i]) i++;
			if (i === CLIENT_LENGTH) return row;
		}
		return -1;
	}

	/** The client's own, or a free one, or that of the client which has been silent longest. */
	#rowFor(client: Uint8Array, now: number, alone: boolean): number {
		const own = this.#find(client);
		if (own >= 0) return own;
		if (this.#used < CLIENTS) return this.#used++ * ROW;
		let oldest = 0;
		let most = 0;
		for (let row = 0; row < this.#rows.length; row += ROW) {
			const silent = (now - readUint32(this.#rows, row + HEARD)) >>> 0;
			if (silent < most) continue;
			most = silent;
			oldest = row;
		}
		return alone || most >= REPEAT_MS ? oldest : -1;
	}
}
