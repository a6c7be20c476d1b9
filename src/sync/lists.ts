// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32 } from "../../protocol/bytes.js";
import { clearFrame, type Message, type MessageOf } from "../../protocol/sync/messages.js";
import { listIn } from "../../protocol/trust/envelope.js";
import { LIST_FIXED } from "../../protocol/trust/list.js";
import { RecordError } from "../config/record.js";
import { joined } from "../config/trust-lists.js";
import type { Speaker } from "./speaker.js";
import type { SyncTarget } from "./target.js";

/**
 * Brings the reader the trust lists that it lacks, one version after the other: as the broker keeps the newest, or in pieces, in a
 * session or in the clear. Each proves itself, so it does not matter who brings it.
 */
export class Lists implements Speaker {
	private readonly target: SyncTarget;
	/** There is a list of this version, it is said; 0: nothing newer is known of. */
	private known = 0;
	/** One is to be asked for. */
	private missing = false;
	/** The pieces of a signed list that have come, in the session or in the clear before it. */
	private signed: Uint8Array | undefined;
	/** Id of the message that asks, in a session; 0: none waits for its answer. */
	private said = 0;

	constructor(target: SyncTarget) {
		this.target = target;
	}

	begin(): void {
		this.said = 0;
	}

	/** Whether a list is to be asked for. */
	get isMissing(): boolean {
		return this.missing;
	}

	private get next(): number {
		return this.target.store.lists.newest.version + 1;
	}

	/** A server that this reader's list does not know may be one of the next list. */
	suspect(): void {
		this.missing = true;
	}

	/** Takes a list that came whole, from anyone. Returns whether it has changed something. */
	offered(signed: Uint8Array): boolean {
		const payload = listIn(signed);
		if (payload === undefined || payload.length < LIST_FIXED) return false;
		const version = readUint32(payload, 4);
		const { next } = this;
		if (version > next) {
			this.known = version;
			this.missing = true;
		}
		return version === next && this.take(signed) === null;
	}

	/** Whether it is the newest that the reader has. */
	isNewest(signed: Uint8Array): boolean {
		const payload = listIn(signed);
		return payload !== undefined && equal(payload, this.target.store.lists.newest.payload);
	}

	/** Asks for the next one in the clear: a frame. It is asked for once. */
	request(): Uint8Array {
		this.missing = false;
		return clearFrame({ name: "want", id: 1, version: this.next });
	}

	/** Takes a piece that came in the clear. Returns whether it has completed a list that changed something. */
	inTheClear({ at, piece, size, version }: MessageOf<"list">): boolean {
		return version === this.next && this.piece(piece, at, size) === null && version < this.next;
	}

	/** A piece of the next list of `size` bytes; with the last one it is taken. Returns a refusal, or null. */
	piece(piece: Uint8Array, at: number, size: number): string | null {
		const signed = at + piece.length > size ? undefined : joined(this.signed, piece, at);
		if (signed === undefined) return "out-of-order";
		const isWhole = signed.length === size;
		this.signed = isWhole ? undefined : signed;
		return isWhole ? this.take(signed) : null;
	}

	private take(signed: Uint8Array): string | null {
		const { reader, store } = this.target;
		try {
			const refusal = store.lists.takeWhole(signed, false, reader.plan);
			if (refusal !== undefined) return refusal;
		} catch (error) {
			if (!(error instanceof RecordError)) throw error;
			return "flash-fault";
		}
		this.missing = this.known >= this.next;
		return null;
	}

	say(id: number): Message | undefined {
		if (!this.missing && id !== this.said) return undefined;
		this.missing = false;
		this.said = id;
		return { name: "want", id, version: this.next };
	}

	answered(answer: Message): boolean {
		if (answer.name !== "ack") return false;
		this.said = 0;
		return true;
	}
}
