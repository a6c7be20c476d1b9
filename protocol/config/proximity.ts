/**
 * What a site sets of a door. One threshold for all phones: before it has proved itself a phone could only claim what
 * platform it is, and a claim must not widen the gate.
 */
export interface ProximityConfig {
	/** dBm. At or above this, smoothed, a phone is in hand at the reader. */
	readonly near: number;
	/** Once near, it stays near until it falls this many dB below. */
	readonly hysteresis: number;
}

/** About 30 to 50 cm in front of an ESP32 module's antenna with a phone in hand. */
export const DEFAULT_PROXIMITY: ProximityConfig = Object.freeze({ near: -58, hysteresis: 6 });

/**
 * Bounds of what a site may set. Above -30 dBm a phone would have to touch the antenna, below -90 no phone that is heard
 * at all is shut out; more than 20 dB of hysteresis is the whole room.
 */
export const PROXIMITY_FIELDS: { readonly [name in keyof ProximityConfig]: readonly [number, number] } =
	Object.freeze({
		near: Object.freeze([-90, -30] as const),
		hysteresis: Object.freeze([0, 20] as const),
	});
