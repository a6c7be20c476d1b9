/**
 * When a phone counts as near. One threshold holds for all phones: a phone that has not proved itself can only claim its
 * platform, and a claim must not lower the threshold.
 */
export interface ProximityConfig {
	/** A phone whose smoothed signal is at or above this level is near, dBm. */
	readonly near: number;
	/** A phone that is near stays so until its signal falls this far below `near`, dB. */
	readonly hysteresis: number;
}

/** The default: about 30 to 50 cm from the antenna of an ESP32 module, the phone in hand. */
export const DEFAULT_PROXIMITY: ProximityConfig = Object.freeze({ near: -58, hysteresis: 6 });

/**
 * Bounds of the settings. Above -30 dBm a phone would have to touch the antenna; at -90 dBm every phone in radio range is near;
 * with more than 20 dB of hysteresis a phone stays near in the whole room.
 */
export const PROXIMITY_FIELDS: { readonly [name in keyof ProximityConfig]: readonly [number, number] } =
	Object.freeze({
		near: Object.freeze([-90, -30] as const),
		hysteresis: Object.freeze([0, 20] as const),
	});
