// SPDX-License-Identifier: Apache-2.0

/** The supply of chip and inputs, mV. */
const SUPPLY_MV = 3300;
/**
 * Full scale of a calibrated reading of the SDK's at its default attenuation, mV: 2.45 V on each chip, and not the supply
 * (`kAttenuationTable` of modules/io/analog/esp32, 8.2.3).
 */
const SDK_MV = 2450;

/** What the SDK's ADC read, as a share of the supply. `read`: absent where it gave nothing, which counts as a cut line. */
export function shareOfSupply(read: number | undefined, resolution: number): number {
	return read === undefined ? (1 << resolution) - 1 : Math.floor((read * SDK_MV) / SUPPLY_MV);
}
