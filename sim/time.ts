// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../hal/contracts/time.js";

interface Event {
	at: number;
	order: number;
	action: (() => void) | undefined;
}

/**
 * The simulated world's time: events in order of their microsecond, then of their scheduling, so that a run is the
 * same every time. Nothing here looks at the computer's clock; `pace` in `sim/realtime.ts` ties it to real time.
 */
export class VirtualTime implements Clock {
	#now = 0;
	#order = 0;
	/** Binary heap by (at, order). */
	readonly #events: Event[] = [];

	/** Microseconds since the world began. */
	get micros(): number {
		return this.#now;
	}

	now(): number {
		return Math.floor(this.#now / 1000);
	}

	/** Calls `action` once, `micros` from now; the function that is given back cancels. */
	after(micros: number, action: () => void): () => void {
		const event: Event = { at: this.#now + Math.max(0, Math.round(micros)), order: this.#order++, action };
		this.#push(event);
		return () => {
			event.action = undefined;
		};
	}

	alarm(callback: () => void): Alarm {
		let cancel: (() => void) | undefined;
		const clear = (): void => {
			cancel?.();
			cancel = undefined;
		};
		return {
			set: (ms) => {
				clear();
				cancel = this.after(ms * 1000, () => {
					cancel = undefined;
					callback();
				});
			},
			clear,
			close: clear,
		};
	}

	/** Time passes in which nothing can happen: a processor that computes. What was due meanwhile comes late. */
	spend(micros: number): void {
		this.#now += Math.round(micros);
	}

	/** When the next event is due, microseconds; `undefined` when nothing will ever happen. */
	get next(): number | undefined {
		while (this.#events[0] && this.#events[0].action === undefined) this.#pop();
		return this.#events[0]?.at;
	}

	/** Runs one event; false when there is none. */
	step(): boolean {
		if (this.next === undefined) return false;
		const event = this.#pop();
		this.#now = Math.max(this.#now, event.at);
		const action = event.action!;
		event.action = undefined;
		action();
		return true;
	}

	/** Runs everything due until `end`, µs. Never goes back: in however many pieces time passes, the same happens in it. */
	runTo(end: number): void {
		for (let at = this.next; at !== undefined && at <= end; at = this.next) this.step();
		this.#now = Math.max(this.#now, end);
	}

	/** Runs everything due in the next `ms` and leaves time there. */
	run(ms: number): void {
		const end = this.#now + Math.round(ms * 1000);
		for (let at = this.next; at !== undefined && at <= end; at = this.next) this.step();
		this.#now = end;
	}

	/** Runs until `done()`; false when `limit` ms passed or nothing was left to happen. */
	runUntil(done: () => boolean, limit: number): boolean {
		const end = this.#now + Math.round(limit * 1000);
		while (!done()) {
			const at = this.next;
			if (at === undefined || at > end) {
				this.#now = Math.max(this.#now, end);
				return done();
			}
			this.step();
		}
		return true;
	}

	#push(event: Event): void {
		const heap = this.#events;
		let i = heap.length;
		heap.push(event);
		while (i > 0) {
			const parent = (i - 1) >> 1;
			if (!before(event, heap[parent]!)) break;
			heap[i] = heap[parent]!;
			i = parent;
		}
		heap[i] = event;
	}

	#pop(): Event {
		const heap = this.#events;
		const top = heap[0]!;
		const last = heap.pop()!;
		if (heap.length > 0) {
			let i = 0;
			for (;;) {
				let child = 2 * i + 1;
				if (child >= heap.length) break;
				if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
				if (!before(heap[child]!, last)) break;
				heap[i] = heap[child]!;
				i = child;
			}
			heap[i] = last;
		}
		return top;
	}
}

function before(a: Event, b: Event): boolean {
	return a.at < b.at || (a.at === b.at && a.order < b.order);
}
