// SPDX-License-Identifier: Apache-2.0

/**
 * One life of the firmware, from power-on to power-off: what it made of the platform (timers, ports, pins) dies with it,
 * in the middle of whatever it did. Its clock begins at 0.
 */

import type { Closable, IOClass } from "../hal/contracts/io.js";
import type { Clock } from "../hal/contracts/time.js";
import type { VirtualTime } from "./time.js";
import type { Work } from "./work.js";

const TRANSFERS: readonly string[] = Object.freeze(["read", "write", "transfer", "hold"]);

export class FirmwareRun {
	readonly #time: VirtualTime;
	readonly #began: number;
	/** What is open. */
	readonly #made = new Set<Closable>();
	readonly #onException: ((error: unknown) => void) | undefined;
	/** Charges what the firmware computes; without it that takes no time. */
	readonly work: Work | undefined;
	#over = false;
	/** While it stands still: what is due. */
	#late: (() => void)[] | undefined;

	/** `onException`: what a platform does with an exception that leaves a callback; without it the run stops there. */
	constructor(time: VirtualTime, onException?: (error: unknown) => void, work?: Work) {
		this.#time = time;
		this.work = work;
		this.#began = time.now();
		this.#onException = onException;
	}

	readonly clock: Clock = {
		now: () => this.#time.now() - this.#began,
		alarm: (callback) => {
			const made = this.#keep(this.#time.alarm(this.callback(callback, "alarm")));
			return this.work?.methods(made, "alarm", ["set"]) ?? made;
		},
	};

	/** `callback` for as long as this life lasts; `event`: what the firmware hears by it. */
	callback<A extends unknown[]>(callback: (...args: A) => void, event = "event"): (...args: A) => void {
		return (...args) => {
			if (this.#over) return;
			if (this.#late !== undefined) {
				this.#late.push(() => this.callback(callback, event)(...args));
				return;
			}
			this.work?.enter(event);
			try {
				callback(...args);
			} catch (error) {
				// Its power went in the middle: what it would have done of that it does no more.
				if (this.#over) return;
				if (this.#onException === undefined) throw error;
				this.#onException(error);
			} finally {
				if (!this.#over) this.work?.leave();
			}
		};
	}

	/** An IO class whose instances and callbacks end with this life; its reads and writes are meetings of the firmware under `name`. */
	own<O extends object, I extends Closable, C extends IOClass<O, I>>(
		io: C & IOClass<O, I>,
		name?: string,
	): C {
		return new Proxy(io, {
			construct: (target, [options]: [O], derived) => {
				const wrapped = { ...options } as Record<string, unknown>;
				for (const on of ["onReadable", "onWritable", "onError"]) {
					const callback = wrapped[on];
					if (typeof callback === "function") wrapped[on] = this.callback(callback as () => void, name);
				}
				const made = this.#keep<I>(Reflect.construct(target, [wrapped], derived));
				return (name !== undefined && this.work?.methods(made, name, TRANSFERS)) || made;
			},
		});
	}

	/** Closed with this life, or before. */
	#keep<I extends Closable>(made: I): I {
		const { close } = made;
		this.#made.add(made);
		made.close = () => {
			this.#made.delete(made);
			close.call(made);
		};
		return made;
	}

	/** Nothing of the firmware runs for `ms`, while the world goes on; what was due meanwhile comes late. */
	stall(ms: number): void {
		this.#late = [];
		this.#time.run(ms);
		const late = this.#late;
		this.#late = undefined;
		for (const callback of late) this.#time.after(0, callback);
	}

	/** Nothing of the firmware runs any more, and what it made stays as it is. */
	hang(): void {
		this.#over = true;
	}

	end(): void {
		this.#over = true;
		for (const made of [...this.#made]) made.close();
	}
}
