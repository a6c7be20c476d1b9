// SPDX-License-Identifier: Apache-2.0

/**
 * How near a phone is, from the strength of its signal. Signal strength is no distance: bodies, pockets and walls move
 * it by 10 dB and more, and an attacker who relays the radio sets it at will. It keeps the door from opening for a phone
 * that lies in the room behind it; it is no proof of presence.
 */

import type { ProximityConfig } from "../../protocol/config/proximity.js";

/** What became of one phone at the gate. */
export interface GateReading {
	/** dBm, smoothed. */
	readonly level: number;
	readonly near: boolean;
}

/** Samples until the first verdict. */
const WARM_UP = 2;
/** The newest sample's weight is 1/4: four samples at 50 ms follow a hand that comes near in about 200 ms. */
const SHIFT = 2;
/** dBm × 16, so that smoothing stays in integers. */
const SCALE = 16;

/** Smooths one connection's samples and judges them with hysteresis. */
export class Proximity {
	private config: ProximityConfig;
	#level = 0;
	private samples = 0;
	#near = false;

	constructor(config: ProximityConfig) {
		this.config = config;
	}

	reset(config: ProximityConfig = this.config): void {
		this.config = config;
		this.samples = 0;
		this.#near = false;
	}

	/** `rssi` in dBm; what no controller reports (outside -127..20, Core 5.4 Vol 4 Part E 7.5.4) is ignored. */
	sample(rssi: number): void {
		if (!(rssi >= -127 && rssi <= 20)) return;
		const value = Math.round(rssi) * SCALE;
		this.#level = this.samples === 0 ? value : this.#level + ((value - this.#level) >> SHIFT);
		if (this.samples < WARM_UP) this.samples++;
		const edge = this.#near ? this.config.near - this.config.hysteresis : this.config.near;
		// In whole dB: smoothing stops up to 3/16 dB short of a level that it rises to.
		this.#near = this.samples >= WARM_UP && Math.round(this.#level / SCALE) >= edge;
	}

	get near(): boolean {
		return this.#near;
	}

	/** Smoothed, dBm; `undefined` before the first sample. */
	get level(): number | undefined {
		return this.samples === 0 ? undefined : Math.round(this.#level / SCALE);
	}
}
