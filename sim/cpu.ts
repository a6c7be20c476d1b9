// SPDX-License-Identifier: Apache-2.0

/**
 * The reader's processor. `bench:mcu` counts instructions of an rv32imac; here they become time. The ESP32-C3, an rv32imc, is taken to
 * finish one in a cycle; what others do in a cycle is its share by the data sheets' CoreMark per MHz of one core.
 */
export interface Cpu {
	readonly mhz: number;
	/** Instructions of the rv32imac that a cycle does. */
	readonly perCycle: number;
}

/** CoreMark per MHz: 407.22 at 160 MHz, 504.85 at 240 and 496.66 at 160. */
const CORE_MARK = Object.freeze({ esp32c3: 2.55, esp32: 2.1, esp32c6: 3.1 });

export const CPUS = Object.freeze({
	"160": { mhz: 160, perCycle: 1 },
	"240": { mhz: 240, perCycle: 1 },
	esp32: { mhz: 240, perCycle: CORE_MARK.esp32 / CORE_MARK.esp32c3 },
	esp32c3: { mhz: 160, perCycle: 1 },
	esp32c6: { mhz: 160, perCycle: CORE_MARK.esp32c6 / CORE_MARK.esp32c3 },
} as const satisfies Readonly<Record<string, Cpu>>);

export type CpuName = keyof typeof CPUS;
export const CPU_NAMES = Object.freeze(Object.keys(CPUS)) as readonly CpuName[];

/** µs that so many instructions take. */
export function microsOf(instructions: number, { mhz, perCycle }: Cpu): number {
	return instructions / (mhz * perCycle);
}
