// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal } from "../../protocol/bytes.js";
import type { Crypto, Hash } from "../../protocol/crypto.js";
import type { PlanRefusal } from "../../protocol/plan/envelope.js";
import { bodyLength, PAGE, type PlanState } from "../../protocol/plan/format.js";
import { JOURNAL_SECTORS, SECTOR } from "../../protocol/plan/layout.js";
import { checkPage } from "../../protocol/plan/page.js";
import type { Slot } from "./slot.js";

/** A snapshot that is being written. */
export interface Incoming {
	readonly bodyHash: Uint8Array;
	/** Bytes of its body, and how many of them were taken. */
	readonly length: number;
	readonly taken: number;
}

const PAGES = SECTOR / PAGE;

/**
 * Writes a snapshot into the idle slot. Each call does a bounded piece: at most one page programmed and one sector erased a
 * page. The snapshot takes effect by the commit mark, which the store writes.
 *
 * A sector of the body is erased before the last page of the one before is programmed, so what a power cut leaves ends with a blank
 * page, whatever was in the slot before, and can be gone on with.
 */
export class SnapshotWriter implements Incoming {
	private readonly flash: Flash;
	private readonly crypto: Crypto;
	readonly slot: Slot;
	readonly state: PlanState;
	readonly length: number;
	private page: Uint8Array = new Uint8Array(PAGE);
	#taken = 0;
	private verified = 0;
	private sealed = 0;
	private erased = 0;
	private hash: Hash | undefined;

	/**
	 * Erases the slot's header sector first, so that the old plan is void before anything else changes, and the first of the body.
	 * `goOn`: where a power cut has left a part of the same snapshot, it goes on behind that.
	 */
	constructor(
		flash: Flash,
		crypto: Crypto,
		slot: Slot,
		envelope: Uint8Array,
		state: PlanState,
		goOn = false,
	) {
		this.flash = flash;
		this.crypto = crypto;
		this.slot = slot;
		this.state = state;
		this.length = bodyLength(state);
		this.hash = crypto.hash();
		slot.holdBody(state);
		const isBegun = goOn && slot.isBegun(envelope);
		if (isBegun) this.#taken = this.found();
		else slot.invalidate();
		flash.erase((slot.bodyAt + this.#taken) / SECTOR);
		if (!isBegun) slot.writeHeader(envelope);
	}

	get bodyHash(): Uint8Array {
		return this.state.bodyHash;
	}

	get taken(): number {
		return this.#taken;
	}

	/** Bytes that are in flash for certain: the sectors before the last that is full, whose last page the cut may have torn. */
	private found(): number {
		const pages = this.length / PAGE;
		let sector = 0;
		while (sector * PAGES < pages && this.slot.isWritten(Math.min(pages, (sector + 1) * PAGES) - 1)) sector++;
		return Math.max(0, sector - 1) * SECTOR;
	}

	write(chunk: Uint8Array): PlanRefusal | undefined {
		if (this.#taken + chunk.length > this.length) return "too-long";
		let at = 0;
		while (at < chunk.length) {
			const filled = this.#taken % PAGE;
			const part = chunk.subarray(at, at + PAGE - filled);
			this.page.set(part, filled);
			at += part.length;
			this.#taken += part.length;
			if (this.#taken % PAGE === 0) {
				const number = this.#taken / PAGE - 1;
				if (!checkPage(number, this.page, this.crypto)) return "body-mismatch";
				this.program(number);
			}
		}
		return undefined;
	}

	private program(number: number): void {
		const next = (number + 1) * PAGE;
		if (next % SECTOR === 0 && next < this.length) this.flash.erase((this.slot.bodyAt + next) / SECTOR);
		this.slot.writePage(number, this.page);
	}

	/**
	 * Verifies one page, or seals one, or erases one sector of the journal. Returns true once all is in flash as it was signed.
	 * No page is sealed before the whole body was found to be the signed one.
	 */
	verify(): boolean | PlanRefusal {
		if (this.#taken < this.length) return "truncated";
		const pages = this.length / PAGE;
		if (this.hash !== undefined) {
			if (this.verified < pages) {
				this.slot.readUnsealed(this.verified++, this.page);
				this.hash.update(this.page);
				return false;
			}
			if (!equal(this.hash.digest(), this.state.bodyHash)) {
				// Nothing of it may be gone on with.
				this.slot.invalidate();
				return "body-mismatch";
			}
			this.hash = undefined;
		}
		if (this.sealed < pages) return this.slot.sealPage(this.sealed++, this.page) ? false : "flash-fault";
		if (this.erased < JOURNAL_SECTORS) {
			this.flash.erase(this.slot.journalAt / SECTOR + this.erased);
			this.erased++;
			return false;
		}
		// What puts it in force needs the room.
		this.page = new Uint8Array(0);
		return true;
	}
}
