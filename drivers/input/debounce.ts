// SPDX-License-Identifier: Apache-2.0

import type { Digital, DigitalClass, DigitalOptions } from "../../hal/contracts/io.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";

/** A contact's level counts once it has been stable for this time, ms; contacts bounce for 1 to 20 ms. */
export const DEBOUNCE = 50;

export interface ContactOptions extends Omit<DigitalOptions, "mode" | "onReadable" | "edge"> {
	io: DigitalClass;
	clock: Clock;
	/** The contact's normal state. A closed contact pulls the pin to ground. */
	normally: "closed" | "open";
	/** The debounced input changed. `active`: the contact is not in its normal state. */
	onChange: (active: boolean) => void;
}

/**
 * A dry contact between a pin and ground. It costs nothing while nothing changes: an edge sets an alarm, which reads the pin
 * again. A contact that keeps bouncing is read every `DEBOUNCE` ms and reports no change until it is stable.
 */
export class Contact {
	private readonly pin: Digital;
	private readonly alarm: Alarm;
	private readonly activeLevel: number;
	private readonly onChange: (active: boolean) => void;
	private seen: number;
	#active: boolean;

	constructor(options: ContactOptions) {
		const { io, clock, normally, onChange, ...rest } = options;
		this.activeLevel = normally === "closed" ? 1 : 0;
		this.onChange = onChange;
		this.alarm = clock.alarm(() => this.settle());
		this.pin = new io({
			...rest,
			mode: "input-pull-up",
			edge: "both",
			onReadable: () => this.edge(),
		});
		this.seen = this.pin.read();
		this.#active = this.seen === this.activeLevel;
	}

	/** The debounced state. */
	get active(): boolean {
		return this.#active;
	}

	close(): void {
		this.alarm.close();
		this.pin.close();
	}

	private edge(): void {
		this.seen = this.pin.read();
		this.alarm.set(DEBOUNCE);
	}

	private settle(): void {
		const level = this.pin.read();
		// Edges may be lost while the pin bounces, so its present level counts.
		if (level !== this.seen) {
			this.seen = level;
			this.alarm.set(DEBOUNCE);
			return;
		}
		const active = level === this.activeLevel;
		if (active === this.#active) return;
		this.#active = active;
		this.onChange(active);
	}
}
