import { equal } from "../../protocol/bytes.js";
import type { Crypto, Hash } from "../../protocol/crypto.js";
import { PAGE, type PlanState, recordPages, tablePages } from "../../protocol/plan/format.js";
import type { Slot } from "./slot.js";

/**
 * Walks through a body, one page a step: each page against its check (bits rot), and in the end the whole against the
 * hash that the site signed (somebody wrote to the flash).
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
