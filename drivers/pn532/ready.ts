// SPDX-License-Identifier: Apache-2.0

import type { Digital } from "../../hal/contracts/io.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import type { DigitalUse } from "./port.js";

/** Interval of looks at a chip without interrupt line, ms, where nothing else is said. */
const POLL_MS = 1;
/** Interval after a fault of the bus, ms: an I2C bus that is held down blocks for its whole time-out at each look. */
const FAULT_MS = 20;
/** An interrupt line that contradicted the chip this often is ignored from then on. */
const CONTRADICTIONS = 3;

/**
 * Decides when to look at a chip on SPI or I2C: when its interrupt line falls (P70_IRQ, low while the chip has a frame for the
 * host, UM0701-02 6.3), or every millisecond where it has none. A line that stayed high while the chip had a frame is ignored
 * from then on.
 */
export class Readiness {
	private readonly alarm: Alarm;
	private line: Digital | undefined;
	#expecting = false;
	private contradictions = 0;
	private lookMs = POLL_MS;
	/** The alarm may be set: where the line works it hardly ever is. */
	private isSet = false;

	constructor(clock: Clock, interrupt: DigitalUse | undefined, look: () => void) {
		this.alarm = clock.alarm(() => {
			if (this.#expecting) look();
		});
		if (interrupt) {
			this.line = new interrupt.io({
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

	/** True: the line reports a frame. `undefined`: the chip has to be asked. */
	get signalled(): boolean | undefined {
		return this.line === undefined ? undefined : this.line.read() === 0;
	}

	/** The line reported a frame that the chip did not have; several times in a row it is stuck low. */
	contradicted(): void {
		if (++this.contradictions >= CONTRADICTIONS) this.distrust();
		else this.lookIn(POLL_MS);
	}

	/** The chip had a frame that the line did not report. */
	distrust(): void {
		this.line?.close();
		this.line = undefined;
	}

	/** `lookMs`: the interval of looks where there is no line. */
	expect(on: boolean, lookMs = POLL_MS): void {
		this.#expecting = on;
		this.lookMs = lookMs;
		if (!on) {
			if (this.isSet) this.alarm.clear();
			this.isSet = false;
		} else if (this.line === undefined) this.lookIn(lookMs);
		else if (this.line.read() === 0) this.lookIn(0);
	}

	private lookIn(ms: number): void {
		this.isSet = true;
		this.alarm.set(ms);
	}

	/** No frame yet: looks again later. */
	again(faulty: boolean): void {
		if (!this.#expecting) return;
		if (faulty) this.lookIn(FAULT_MS);
		else if (this.line === undefined) this.lookIn(this.lookMs);
	}

	close(): void {
		this.#expecting = false;
		this.alarm.close();
		this.distrust();
	}
}

/** Views of the first n bytes of a buffer, each made once, so that a poll loop allocates none. */
export class Views {
	readonly buffer: Uint8Array;
	private readonly views: (Uint8Array | undefined)[] = [];

	constructor(buffer: Uint8Array) {
		this.buffer = buffer;
	}

	first(count: number): Uint8Array {
		if (count > 48) return this.buffer.subarray(0, count);
		let view = this.views[count];
		if (view === undefined) {
			view = this.buffer.subarray(0, count);
			this.views[count] = view;
		}
		return view;
	}
}
