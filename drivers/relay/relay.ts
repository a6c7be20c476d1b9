import type { GuardedOutput, GuardedOutputClass, GuardedOutputOptions } from "../../hal/contracts/output.js";

/**
 * The longest that the relay stays on without the firmware's word, milliseconds. Whatever happens to the firmware (a
 * hang, an exception, a loop in a callback), the relay is off this long after its last word at the latest; after a reset
 * or a brown-out at once.
 */
export const LEASE_MS = 2000;

/** How often whoever keeps the relay on has to say so again, milliseconds: three words may be late before it falls. */
export const RENEWAL = 500;

export interface RelayOptions extends GuardedOutputOptions {
	io: GuardedOutputClass;
}

/**
 * The one owner of the strike's relay: it makes the guarded output itself and gives it to nobody. It has no timer that
 * could keep the relay on for a firmware that no longer thinks: each word comes from a step of the door, which has
 * looked at the time.
 */
export class Relay {
	readonly #output: GuardedOutput;
	/** On, and for longer than one lease: then it must not be found off. */
	#expected = false;
	/** Words that found the relay fallen off under a lease that should have held. */
	#lapses = 0;

	constructor(options: RelayOptions) {
		const { io, ...rest } = options;
		this.#output = new io(rest);
	}

	/** On for as long as wanted (`ms`, may be Infinity), but never for longer than LEASE without another word. */
	on(ms: number): void {
		if (!(ms > 0)) {
			this.off();
			return;
		}
		if (this.#expected && this.#output.read() === 0) this.#lapses++;
		this.#expected = ms > LEASE_MS;
		this.#output.hold(ms < LEASE_MS ? Math.ceil(ms) : LEASE_MS);
	}

	off(): void {
		this.#expected = false;
		this.#output.release();
	}

	/** What the pin does, not what was asked for. */
	get energised(): boolean {
		return this.#output.read() === 1;
	}

	get lapses(): number {
		return this.#lapses;
	}

	/** Off, and no more. */
	close(): void {
		this.off();
		this.#output.close();
	}
}
