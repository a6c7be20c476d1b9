// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { readUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { MAX_ENVELOPE } from "../../protocol/plan/format.js";
import { JOURNAL_SIZE } from "../../protocol/plan/layout.js";
import { FRAME_HEADER, frameSize, readFrame, writeFrame } from "./frame.js";

export const MAGIC_ENTRY = 0x4c504a45;
/** Bytes kept free for deltas that only revoke. */
export const RESERVE = 4096;

/** The signed deltas of a slot, in their order of arrival. Places are bytes from the start of the journal. */
export class Journal {
	private readonly flash: Flash;
	private readonly crypto: Crypto;
	private readonly base: number;
	/** Place of the next delta. */
	private end = 0;

	constructor(flash: Flash, base: number, crypto: Crypto) {
		this.flash = flash;
		this.base = base;
		this.crypto = crypto;
	}

	get used(): number {
		return this.end;
	}

	/** Flash address of a place. */
	address(place: number): number {
		return this.base + place;
	}

	/** Finds the end. Returns the place of each whole entry; torn ones are skipped. */
	scan(): number[] {
		const places: number[] = [];
		const header = new Uint8Array(FRAME_HEADER);
		let at = 0;
		let torn = false;
		while (at < JOURNAL_SIZE) {
			this.flash.read(this.base + at, header);
			const blank = isBlank(header);
			// After an entry comes the next one, the torn beginning of one, or nothing at all.
			if (blank && !torn) break;
			if (!blank) {
				const entry = this.entry(at);
				if (entry !== undefined) {
					places.push(at);
					at += frameSize(entry.length);
					torn = false;
					this.end = at;
					continue;
				}
				torn = true;
				this.end = at + FRAME_HEADER;
			}
			at += FRAME_HEADER;
		}
		return places;
	}

	/** The delta at `place`. */
	entry(place: number): Uint8Array | undefined {
		const max = Math.min(MAX_ENVELOPE, JOURNAL_SIZE - place - FRAME_HEADER);
		return max <= 0 ? undefined : readFrame(this.flash, this.base + place, MAGIC_ENTRY, max, this.crypto);
	}

	hasRoom(length: number, revokeOnly: boolean): boolean {
		return this.end + frameSize(length) <= JOURNAL_SIZE - (revokeOnly ? 0 : RESERVE);
	}

	/** Writes a delta and reads it back. Returns its place, or `undefined` where the flash did not take it. */
	append(envelope: Uint8Array): number | undefined {
		const place = this.end;
		this.end += frameSize(envelope.length);
		writeFrame(this.flash, this.base + place, MAGIC_ENTRY, envelope, this.crypto);
		return this.entry(place) === undefined ? undefined : place;
	}

	/** Writes an entry a second time where there is room: see `Slot.confirm`. The first of the two that is whole counts. */
	confirm(place: number): void {
		const entry = this.entry(place);
		if (entry !== undefined && this.hasRoom(entry.length, true)) this.append(entry);
	}
}

function isBlank(header: Uint8Array): boolean {
	for (let i = 0; i < FRAME_HEADER; i += 4) if (readUint32(header, i) !== 0xffffffff) return false;
	return true;
}
