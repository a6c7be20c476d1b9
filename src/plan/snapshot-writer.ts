// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal } from "../../protocol/bytes.js";
import type { Crypto, Hash } from "../../protocol/crypto.js";
import type { PlanRefusal } from "../../protocol/plan/envelope.js";
import { bodyLength, PAGE, type PlanState } from "../../protocol/plan/format.js";
import { JOURNAL_SECTORS, SECTOR } from "../../protocol/plan/layout.js";
import { checkPage } from "../../protocol/plan/page.js";
import type { Slot } from "./slot.js";

/**
 * Writes a snapshot into the idle slot. Each call does a bounded piece: at most one page programmed and one sector erased a
 * page. The snapshot takes effect by the commit mark, which the store writes.
 */
export class SnapshotWriter {
	private readonly flash: Flash;
	private readonly crypto: Crypto;
	readonly slot: Slot;
	readonly state: PlanState;
	private readonly length: number;
	private page: Uint8Array = new Uint8Array(PAGE);
	/** Bytes of the body taken so far. */
	private taken = 0;
	private verified = 0;
	private sealed = 0;
	private erased = 0;
	private hash: Hash | undefined;

	/** Erases the slot's header sector first, so that the old plan is void before anything else changes. */
	constructor(flash: Flash, crypto: Crypto, slot: Slot, envelope: Uint8Array, state: PlanState) {
		this.flash = flash;
		this.crypto = crypto;
		this.slot = slot;
		this.state = state;
		this.length = bodyLength(state);
		this.hash = crypto.hash();
		slot.invalidate();
		slot.holdBody(state);
		slot.writeHeader(envelope);
	}

	write(chunk: Uint8Array): PlanRefusal | undefined {
		if (this.taken + chunk.length > this.length) return "too-long";
		let at = 0;
		while (at < chunk.length) {
			const filled = this.taken % PAGE;
			const part = chunk.subarray(at, at + PAGE - filled);
			this.page.set(part, filled);
			at += part.length;
			this.taken += part.length;
			if (this.taken % PAGE === 0) {
				const number = this.taken / PAGE - 1;
				if (!checkPage(number, this.page, this.crypto)) return "body-mismatch";
				this.program(number);
			}
		}
		return undefined;
	}

	private program(number: number): void {
		const address = this.slot.bodyAt + number * PAGE;
		if (address % SECTOR === 0) this.flash.erase(address / SECTOR);
		this.slot.writePage(number, this.page);
	}

	/**
	 * Verifies one page, or seals one, or erases one sector of the journal. Returns true once all is in flash as it was signed.
	 * No page is sealed before the whole body was found to be the signed one.
	 */
	verify(): boolean | PlanRefusal {
		if (this.taken < this.length) return "truncated";
		const pages = this.length / PAGE;
		if (this.hash !== undefined) {
			if (this.verified < pages) {
				this.slot.readUnsealed(this.verified++, this.page);
				this.hash.update(this.page);
				return false;
			}
			if (!equal(this.hash.digest(), this.state.bodyHash)) return "body-mismatch";
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
