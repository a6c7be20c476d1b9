import type { Digital, DigitalClass, DigitalOptions } from "../../hal/contracts/io.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";

/** A contact's level counts once it has been the same for this long, milliseconds; contacts bounce for 1 to 20. */
export const DEBOUNCE = 50;

export interface ContactOptions extends Omit<DigitalOptions, "mode" | "onReadable" | "edge"> {
	io: DigitalClass;
	clock: Clock;
	/** The contact's normal state; it pulls the pin to ground when closed. */
	normally: "closed" | "open";
	/** The debounced input changed: `active` is not normal. */
	onChange: (active: boolean) => void;
}

/**
 * A dry contact between a pin and ground. Costs nothing while nothing changes: an edge sets an alarm, the alarm looks
 * again. A contact that never rests is looked at every DEBOUNCE and reports nothing until it does.
 */
export class Contact {
	readonly #pin: Digital;
	readonly #alarm: Alarm;
	readonly #activeLevel: number;
	readonly #onChange: (active: boolean) => void;
	#seen: number;
	#active: boolean;

	constructor(options: ContactOptions) {
		const { io, clock, normally, onChange, ...rest } = options;
		this.#activeLevel = normally === "closed" ? 1 : 0;
		this.#onChange = onChange;
		this.#alarm = clock.alarm(() => this.#settle());
		this.#pin = new io({
			...rest,
			mode: "input-pull-up",
			edge: "both",
			onReadable: () => this.#edge(),
		});
		this.#seen = this.#pin.read();
		this.#active = this.#seen === this.#activeLevel;
	}

	/** The debounced state. */
	get active(): boolean {
		return this.#active;
	}

	close(): void {
		this.#alarm.close();
		this.#pin.close();
	}

	#edge(): void {
		this.#seen = this.#pin.read();
		this.#alarm.set(DEBOUNCE);
	}

	#settle(): void {
		const level = this.#pin.read();
		// An edge may be lost while the pin bounces: what counts is what is there now.
		if (level !== this.#seen) {
			this.#seen = level;
			this.#alarm.set(DEBOUNCE);
			return;
		}
		const active = level === this.#activeLevel;
		if (active === this.#active) return;
		this.#active = active;
		this.#onChange(active);
	}
}
