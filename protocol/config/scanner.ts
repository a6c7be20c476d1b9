// SPDX-License-Identifier: Apache-2.0

/** How a QR scanner is made: a module that is set up over its port, or any that sends lines; `none`: there is none. */
export const SCANNERS = Object.freeze(["none", "gm861", "line"] as const);

/** The settings of a QR scanner, with the default and bounds of each. */
export const SCANNER_FIELDS = Object.freeze({
	model: Object.freeze({ default: "none", choices: SCANNERS }),
	/** Bits per second; most modules leave their factory with the default. */
	baud: Object.freeze({ default: 9600, choices: Object.freeze([9600, 19_200, 38_400, 57_600, 115_200]) }),
});

export type ScannerConfig = {
	readonly model: Exclude<(typeof SCANNERS)[number], "none">;
	readonly baud: number;
};
