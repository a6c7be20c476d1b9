// SPDX-License-Identifier: Apache-2.0

/**
 * When a phone counts as near, with the default and bounds of each setting. One threshold holds for all phones: a phone that
 * has not proved itself can only claim its platform, and a claim must not lower the threshold.
 */
export const PROXIMITY_FIELDS = Object.freeze({
	/**
	 * A phone whose smoothed signal is at or above this level is near, dBm. The default is about 30 to 50 cm from the antenna of
	 * an ESP32 module, the phone in hand; above -30 dBm it would have to touch the antenna, at -90 dBm every phone in radio range
	 * is near.
	 */
	near: Object.freeze({ default: -58, min: -90, max: -30, unit: "dBm" }),
	/**
	 * A phone that is near stays so until its signal falls this far below `near`, dB. With more than 20 dB it stays near in the
	 * whole room.
	 */
	hysteresis: Object.freeze({ default: 6, min: 0, max: 20, unit: "dB" }),
});

export type ProximityConfig = { readonly [F in keyof typeof PROXIMITY_FIELDS]: number };

export const DEFAULT_PROXIMITY: ProximityConfig = Object.freeze({
	near: PROXIMITY_FIELDS.near.default,
	hysteresis: PROXIMITY_FIELDS.hysteresis.default,
});
