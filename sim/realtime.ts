// SPDX-License-Identifier: Apache-2.0

/** The longest between two looks at the computer's clock, ms: an event may have been added from outside. */
const LOOK_MS = 50;
/** The most of the computer's time that passes in the world at once, ms: where the computer has been busy or asleep, the world has stood still. */
const MAX_STEP_MS = 2 * LOOK_MS;

/** What can be run at the computer's pace: a world's time, or a scene. */
export interface Paced {
	/** Its time, µs. */
	readonly micros: number;
	/** When something is due next; `undefined`: never. */
	readonly next: number | undefined;
	/** Runs what is due until then, and may end later. */
	runTo(micros: number): void;
}

/** Ties a simulated world to the computer's clock, so that people and other programs can take part in it. */
export class RealTime {
	readonly #time: Paced;
	readonly #speed: number;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#running = false;
	/** When the world was last brought up to the present, ms of the computer. */
	#last = 0;
	/** How far the world is ahead, µs: its reader computed past the present. */
	#ahead = 0;
	#inside = false;

	/** `speed`: seconds of the world in a second; 1 is real time. */
	constructor(time: Paced, speed = 1) {
		this.#time = time;
		this.#speed = speed;
	}

	start(): this {
		if (this.#running) return this;
		this.#running = true;
		this.#last = performance.now();
		this.#schedule();
		return this;
	}

	stop(): void {
		this.#running = false;
		clearTimeout(this.#timer);
	}

	/** Something from outside happens now: brings the world up to the present, then runs `action` in it. */
	now(action: () => void): void {
		if (this.#inside) {
			action();
			return;
		}
		this.#catchUp();
		this.#within(action);
		if (this.#running) this.#schedule();
	}

	#catchUp(): void {
		if (!this.#running) return;
		const now = performance.now();
		const passed = Math.min(now - this.#last, MAX_STEP_MS) * this.#speed;
		this.#last = now;
		const present = this.#time.micros - this.#ahead + passed * 1000;
		this.#within(() => this.#time.runTo(present));
		this.#ahead = this.#time.micros - present;
	}

	#within(action: () => void): void {
		this.#inside = true;
		try {
			action();
		} finally {
			this.#inside = false;
		}
	}

	#schedule(): void {
		clearTimeout(this.#timer);
		const { next } = this.#time;
		const wait =
			next === undefined ? LOOK_MS : Math.min(LOOK_MS, (next - this.#time.micros) / (1000 * this.#speed));
		this.#timer = setTimeout(() => {
			this.#catchUp();
			if (this.#running) this.#schedule();
		}, wait);
	}
}
