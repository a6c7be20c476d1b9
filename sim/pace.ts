// SPDX-License-Identifier: Apache-2.0

/**
 * How fast phones are. Nobody has published what an app behind host card emulation takes for one command, so it is derived: Google Wallet,
 * which is one, gives a terminal all of an EMV card in 165 to 250 ms of pure exchange (wwopenfare.com/isodep-transceive-times), and an
 * exchange by host card emulation is said to take up to 500 ms (know.2nth.ai/explainers/tech/android-hce). Of some six commands and
 * their answers about 55 ms are on the air: that leaves 18, 25 (the mean) and 74 ms a command. A typical phone has been given 47 ms for
 * the two commands before the relay; the others have its times by these ratios. iPhones and BLE are taken alike.
 */
export const PACES = Object.freeze({ fast: 18 / 25, typical: 1, slow: 74 / 25 });

export type Pace = keyof typeof PACES;
export const PACE_NAMES = Object.freeze(Object.keys(PACES)) as readonly Pace[];
