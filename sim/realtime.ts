import type { VirtualTime } from "./time.js";

/** Ties a simulated world to the computer's clock, so that people and other programs can take part in it. */
export class RealTime {
	readonly #time: VirtualTime;
	readonly #speed: number;
	#timer: NodeJS.Timeout | undefined;
	#running = false;
	/** Where both clocks were last set side by side: milliseconds of the computer, microseconds of the world. */
	#origin = { real: 0, world: 0 };
	#inside = false;

	/** `speed`: seconds of the world in a second; 1 is real time. */
	constructor(time: VirtualTime, speed = 1) {
		this.#time = time;
		this.#speed = speed;
	}

	start(): this {
		if (this.#running) return this;
		this.#running = true;
		this.#origin = { real: performance.now(), world: this.#time.micros };
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
		const due = this.#origin.world + (performance.now() - this.#origin.real) * 1000 * this.#speed;
		if (due > this.#time.micros) this.#within(() => this.#time.run((due - this.#time.micros) / 1000));
		// It was run ahead by hand, and goes on from there.
		else this.#origin = { real: performance.now(), world: this.#time.micros };
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
		// Looks again now and then also when nothing is due: an event may have been added from outside.
		const wait = next === undefined ? 50 : Math.min(50, (next - this.#time.micros) / (1000 * this.#speed));
		this.#timer = setTimeout(() => {
			this.#catchUp();
			if (this.#running) this.#schedule();
		}, wait);
	}
}
