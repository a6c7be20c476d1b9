// SPDX-License-Identifier: Apache-2.0

import type { Digital, DigitalClass } from "../../hal/contracts/io.js";
import type { Colour, Pattern } from "../../hal/contracts/output.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";

/** A sounder: a passive one, driven by PWM, or an active one, which is only switched. */
export interface Sounder {
	/** Hertz; 0 is silence. */
	tone(hertz: number): void;
	close(): void;
}

export interface IndicatorOptions<Signal extends string> {
	clock: Clock;
	/** What each signal looks and sounds like. */
	patterns: Readonly<Record<Signal, Pattern>>;
	/** The light's three channels, each with its pin; high is on unless `activeLow`. */
	light?: {
		io: DigitalClass;
		red: Record<string, unknown>;
		green: Record<string, unknown>;
		blue: Record<string, unknown>;
		activeLow?: boolean;
	};
	sounder?: Sounder | undefined;
	sounds?: "all" | "alarms-only" | "none";
}

/** Bits of red, green, blue. */
const CHANNELS: Readonly<Record<Colour, number>> = Object.freeze({
	off: 0,
	red: 1,
	green: 2,
	blue: 4,
	amber: 3,
	white: 7,
});

/** Plays the pattern of a signal on a three-colour light and a sounder. Allocates nothing from step to step. */
export class Indicator<Signal extends string> {
	private readonly patterns: Readonly<Record<Signal, Pattern>>;
	private readonly pins: readonly Digital[];
	private readonly onLevel: number;
	private readonly sounder: Sounder | undefined;
	private readonly sounds: "all" | "alarms-only" | "none";
	private readonly lightAlarm: Alarm;
	private readonly soundAlarm: Alarm;
	#signal: Signal | undefined;
	private pattern: Pattern | undefined;
	private lightStep = 0;
	private soundStep = 0;
	private lit = -1;
	/** The sounder may sound. */
	private sounding = true;

	constructor(options: IndicatorOptions<Signal>) {
		const { clock, light, patterns, sounder, sounds } = options;
		this.patterns = patterns;
		this.onLevel = light?.activeLow ? 0 : 1;
		const off = 1 - this.onLevel;
		this.pins = light
			? [light.red, light.green, light.blue].map(
					(pin) => new light.io({ ...pin, mode: "output", initialValue: off }),
				)
			: [];
		this.sounder = sounder;
		this.sounds = sounds ?? "all";
		this.lightAlarm = clock.alarm(() => this.lightNext());
		this.soundAlarm = clock.alarm(() => this.soundNext());
		this.light(0);
	}

	get signal(): Signal | undefined {
		return this.#signal;
	}

	/** Starts the pattern of `signal`; does nothing when it plays already. */
	show(signal: Signal): void {
		if (signal === this.#signal) return;
		this.#signal = signal;
		this.pattern = this.patterns[signal];
		this.lightStep = 0;
		this.soundStep = 0;
		this.lightAlarm.clear();
		this.soundAlarm.clear();
		this.tone(0);
		this.lightNext();
		if (this.sounds === "all" || (this.sounds === "alarms-only" && this.pattern.alarm)) this.soundNext();
	}

	close(): void {
		this.lightAlarm.close();
		this.soundAlarm.close();
		this.light(0);
		for (const pin of this.pins) pin.close();
		this.sounder?.tone(0);
		this.sounder?.close();
	}

	private lightNext(): void {
		const { colour, light } = this.pattern!;
		const step = this.lightStep;
		this.light(step % 2 === 0 ? CHANNELS[colour] : 0);
		if (light.length === 0) return;
		this.lightStep = (step + 1) % light.length;
		this.lightAlarm.set(light[step]!);
	}

	private soundNext(): void {
		const { sound, repeat, tone } = this.pattern!;
		const step = this.soundStep;
		if (step === sound.length) {
			this.tone(0);
			if (!repeat || step === 0) return;
			this.soundStep = 0;
			this.soundNext();
			return;
		}
		this.tone(step % 2 === 0 ? tone : 0);
		this.soundStep = step + 1;
		this.soundAlarm.set(sound[step]!);
	}

	private tone(hertz: number): void {
		if (hertz === 0 && !this.sounding) return;
		this.sounding = hertz !== 0;
		this.sounder?.tone(hertz);
	}

	private light(channels: number): void {
		const { pins, onLevel } = this;
		const changed = this.lit < 0 ? 7 : channels ^ this.lit;
		if (changed === 0) return;
		this.lit = channels;
		for (let i = 0; i < pins.length; i++)
			if (changed & (1 << i)) pins[i]!.write(channels & (1 << i) ? onLevel : 1 - onLevel);
	}
}
