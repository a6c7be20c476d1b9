import type { Clock } from "../../hal/contracts/time.js";

/** Kinds of target, by what may take its place in the field unnoticed: a card does not hide a phone. */
const NONE = 0;
export const CARD = 1;
export const PHONE = 2;

/** Not polled for this long, on top of the polls that absence takes, a target that was let go counts as away, ms. */
const OUTAGE_MS = 250;

/** Whether a target that was let go still lies in the field, so that it is not offered again. */
export class Pn532Presence {
	readonly #clock: Clock;
	readonly #absentPolls: number;
	readonly #absentMs: number;
	#kind = NONE;
	/** Empty polls since it was seen. */
	#missed = 0;
	/** When it was last seen, ms. */
	#seenAt = 0;

	constructor(clock: Clock, absentPolls: number, pollMs: number) {
		this.#clock = clock;
		this.#absentPolls = absentPolls;
		this.#absentMs = OUTAGE_MS + absentPolls * pollMs;
	}

	letGo(kind: number): void {
		this.#kind = kind;
		this.#missed = 0;
		this.#seenAt = this.#clock.now();
	}

	/** The next target is offered, whatever it is. */
	forget(): void {
		this.#kind = NONE;
	}

	/**
	 * Whether what answers now, with this SAK, is what was let go. A phone that comes while a card lies there is new,
	 * another UID of a phone is not; after an outage without polls, anything is.
	 */
	recognizes(sak: number): boolean {
		const kind = sak & 0x20 ? PHONE : CARD;
		const now = this.#clock.now();
		if (this.#kind < kind || now - this.#seenAt >= this.#absentMs) return false;
		this.#missed = 0;
		this.#seenAt = now;
		return true;
	}

	/** A poll found nothing. */
	missed(): void {
		if (this.#kind !== NONE && ++this.#missed >= this.#absentPolls) this.#kind = NONE;
	}
}
