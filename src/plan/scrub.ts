// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../protocol/bytes.js";
import type { Crypto, Hash } from "../../protocol/crypto.js";
import { PAGE, type PlanState, recordPages, tablePages } from "../../protocol/plan/format.js";
import type { Slot } from "./slot.js";

/**
 * Verifies a body, one page a step: each page against its check, which finds rot, and in the end the whole against the hash
 * that the site signed, which finds a change made on purpose.
 */
export class Scrub {
	readonly #slot: Slot;
	readonly #hash: Hash;
	readonly #expected: Uint8Array;
	readonly #pages: number;
	readonly #page = new Uint8Array(PAGE);
	#next = 0;
	#bad = false;

	constructor(crypto: Crypto, slot: Slot, state: PlanState) {
		this.#slot = slot;
		this.#hash = crypto.hash();
		this.#expected = state.bodyHash;
		this.#pages = tablePages(state) + recordPages(state);
	}

	step(): "more" | "good" | "damaged" | "forged" {
		if (this.#next < this.#pages) {
			if (!this.#slot.readPage(this.#next, this.#page)) {
				this.#bad = true;
				this.#next++;
				return "damaged";
			}
			this.#hash.update(this.#page);
			this.#next++;
			return "more";
		}
		if (this.#bad) return "damaged";
		return equal(this.#hash.digest(), this.#expected) ? "good" : "forged";
	}
}
