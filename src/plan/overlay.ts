// SPDX-License-Identifier: Apache-2.0

import type { Delta } from "../../protocol/plan/format.js";
import { ID, MAX_CHANGES, RECORD } from "../../protocol/plan/format.js";

/** Kinds of change of one credential. */
export const PUT = 0;
export const REVOKE = 1;
export const REMOVE = 2;

/** From this number of changes on the store merges them. */
export const MANY_CHANGES = 96;

/**
 * The places in the journal of the changes since the slot was installed: 16 bits of each id and the place, in the order in
 * which they apply (the last one wins). The changes themselves stay in flash.
 */
export class Overlay {
	private readonly tags = new Uint16Array(MAX_CHANGES);
	/** Place in the journal (14 bits) and kind of change (2 bits). */
	private readonly places = new Uint16Array(MAX_CHANGES);
	count = 0;

	/** Adds the changes of a delta whose payload starts at `place` in the journal. */
	addAll(delta: Delta, payload: Uint8Array, place: number): void {
		let at = delta.removesAt;
		for (let n = delta.removes; n > 0; n--, at += ID) this.add(payload, at, place, REMOVE);
		for (let n = delta.revokes; n > 0; n--, at += ID) this.add(payload, at, place, REVOKE);
		for (let n = delta.puts; n > 0; n--, at += RECORD) this.add(payload, at, place, PUT);
	}

	private add(payload: Uint8Array, at: number, place: number, kind: number): void {
		this.tags[this.count] = tagOf(payload, at);
		this.places[this.count] = ((place + at) << 2) | kind;
		this.count++;
	}

	/** Index of the last entry before `before` that may be about `id`; -1 when there is none. */
	find(id: Uint8Array, before: number): number {
		return before <= 0 ? -1 : this.tags.lastIndexOf(tagOf(id, 0), before - 1);
	}

	place(index: number): number {
		return this.places[index]! >> 2;
	}

	kind(index: number): number {
		return this.places[index]! & 3;
	}
}

export function changes(delta: Delta): number {
	return delta.removes + delta.revokes + delta.puts;
}

function tagOf(bytes: Uint8Array, at: number): number {
	return (bytes[at + 6]! << 8) | bytes[at + 7]!;
}
