// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../hal/contracts/time.js";

interface Event {
	at: number;
	order: number;
	action: (() => void) | undefined;
}

/** Time as a model of hardware needs it: that of the event that it is in, where there is one. */
export interface WorldTime {
	/** Microseconds since the world began. */
	readonly micros: number;
	/** Calls `action` once, `micros` from now; the function that is given back cancels. */
	after(micros: number, action: () => void): () => void;
}

/**
 * The simulated world's time: events in order of their microsecond, then of their scheduling, so that a run is the
 * same every time. Nothing here looks at the computer's clock; `pace` in `sim/realtime.ts` ties it to real time.
 */
export class VirtualTime implements Clock, WorldTime {
	#now = 0;
	#order = 0;
	readonly #events = new Queue();
	readonly #hardware = new Queue();

	/** Microseconds since the world began. */
	get micros(): number {
		return this.#now;
	}

	now(): number {
		return Math.floor(this.#now / 1000);
	}

	/** Calls `action` once, `micros` from now; the function that is given back cancels. */
	after(micros: number, action: () => void): () => void {
		return this.#schedule(this.#events, micros, action);
	}

	/** Of what goes on while the firmware computes: a chip, the air, a phone. What is scheduled here must not enter the firmware. */
	readonly hardware: WorldTime = ((time: VirtualTime) => ({
		get micros() {
			return time.#now;
		},
		after: (micros: number, action: () => void) => time.#schedule(time.#hardware, micros, action),
	}))(this);

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

	/** The processor is busy. Hardware goes on; the firmware hears of it, and of all else that was due meanwhile, late. */
	spend(micros: number): void {
		const until = this.#now + Math.round(micros);
		for (let at = this.#hardware.next; at !== undefined && at <= until; at = this.#hardware.next)
			this.#runHardware();
		this.#now = until;
	}

	/** When the next event is due, microseconds; `undefined` when nothing will ever happen. */
	get next(): number | undefined {
		const [event, hardware] = [this.#events.next, this.#hardware.next];
		return event === undefined || hardware === undefined ? (event ?? hardware) : Math.min(event, hardware);
	}

	/** Runs one event; false when there is none. */
	step(): boolean {
		const [event, hardware] = [this.#events.first, this.#hardware.first];
		if (hardware !== undefined && (event === undefined || before(hardware, event))) this.#runHardware();
		else if (event === undefined) return false;
		else {
			this.#now = Math.max(this.#now, event.at);
			this.#events.pop()();
		}
		return true;
	}

	/** Runs everything due until `end`, µs, and leaves time there, or where a processor is busy to: in however many pieces time passes, the same happens in it. */
	runTo(end: number): void {
		for (let at = this.next; at !== undefined && at <= end; at = this.next) this.step();
		this.#now = Math.max(this.#now, end);
	}

	/** The same for the next `ms`. */
	run(ms: number): void {
		this.runTo(this.#now + Math.round(ms * 1000));
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

	/** At its own moment, though the processor may have computed past it. */
	#runHardware(): void {
		const reached = this.#now;
		this.#now = this.#hardware.next!;
		try {
			this.#hardware.pop()();
		} finally {
			this.#now = Math.max(reached, this.#now);
		}
	}

	#schedule(queue: Queue, micros: number, action: () => void): () => void {
		const event: Event = { at: this.#now + Math.max(0, Math.round(micros)), order: this.#order++, action };
		queue.push(event);
		return () => {
			event.action = undefined;
		};
	}
}

/** Binary heap by (at, order). */
class Queue {
	readonly #heap: Event[] = [];

	get first(): Event | undefined {
		while (this.#heap[0] && this.#heap[0].action === undefined) this.#remove();
		return this.#heap[0];
	}

	get next(): number | undefined {
		return this.first?.at;
	}

	/** Takes the first out; its action. */
	pop(): () => void {
		const event = this.#remove();
		const action = event.action!;
		event.action = undefined;
		return action;
	}

	push(event: Event): void {
		const heap = this.#heap;
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

	#remove(): Event {
		const heap = this.#heap;
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
