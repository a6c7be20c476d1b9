import type { Digital } from "../../hal/contracts/io.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import type { DigitalUse } from "./port.js";

/** Between two looks at a chip without interrupt line, ms. */
const POLL_MS = 1;
/** The same after the bus failed: an I2C that is held down blocks for its whole time-out at each look. */
const FAULT_MS = 20;
/** So often an interrupt line may tell an untruth. */
const CONTRADICTIONS = 3;

/**
 * Knows when to look at a chip on SPI or I2C: when its interrupt line falls (P70_IRQ, low while the chip has a frame for
 * the host, UM0701-02 6.3), or every millisecond where there is none. A line that stays mute while the chip did have
 * something is not believed again.
 */
export class Readiness {
	readonly #alarm: Alarm;
	#line: Digital | undefined;
	#expecting = false;
	#contradictions = 0;

	constructor(clock: Clock, interrupt: DigitalUse | undefined, look: () => void) {
		this.#alarm = clock.alarm(() => {
			if (this.#expecting) look();
		});
		if (interrupt) {
			this.#line = new interrupt.io({
				mode: "input-pull-up",
				...interrupt,
				edge: "falling",
				onReadable: () => {
					if (this.#expecting) look();
				},
			});
		}
	}

	get expecting(): boolean {
		return this.#expecting;
	}

	/** True: the line says so; `undefined`: ask the chip. */
	get signalled(): boolean | undefined {
		return this.#line === undefined ? undefined : this.#line.read() === 0;
	}

	/** The line said so and the chip says no: once is chance, often is a line that hangs low. */
	contradicted(): void {
		if (++this.#contradictions >= CONTRADICTIONS) this.distrust();
		else this.#alarm.set(POLL_MS);
	}

	/** The chip had a frame and the line did not tell. */
	distrust(): void {
		this.#line?.close();
		this.#line = undefined;
	}

	expect(on: boolean): void {
		this.#expecting = on;
		if (!on) this.#alarm.clear();
		else if (this.#line === undefined) this.#alarm.set(POLL_MS);
		else if (this.#line.read() === 0) this.#alarm.set(0);
	}

	/** Nothing there yet: look again later. */
	again(faulty: boolean): void {
		if (!this.#expecting) return;
		if (faulty) this.#alarm.set(FAULT_MS);
		else if (this.#line === undefined) this.#alarm.set(POLL_MS);
	}

	close(): void {
		this.#expecting = false;
		this.#alarm.close();
		this.distrust();
	}
}

/** Views of the first n bytes of one buffer, made once each, so that a poll loop allocates none. */
export class Views {
	readonly buffer: Uint8Array;
	readonly #views: (Uint8Array | undefined)[] = [];

	constructor(size: number) {
		this.buffer = new Uint8Array(size);
	}

	first(count: number): Uint8Array {
		if (count > 48) return this.buffer.subarray(0, count);
		let view = this.#views[count];
		if (view === undefined) {
			view = this.buffer.subarray(0, count);
			this.#views[count] = view;
		}
		return view;
	}
}
