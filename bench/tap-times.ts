// SPDX-License-Identifier: Apache-2.0

/** How long taps take in the simulator, on Node: by way, suite and chip, and where the time goes. */
import { NodeCrypto } from "../hal/node/crypto.js";
import type { CpuName } from "../sim/cpu.js";
import { runTap, type TapOptions } from "../sim/scenario.js";
import { PARTS, type Part } from "../sim/split.js";

export type Way = Pick<TapOptions, "link" | "bus" | "profile" | "first" | "repeat">;
export type TapTime = Readonly<Record<Part | "total", number>>;

const crypto = new NodeCrypto();
/** Phones come at different moments of the reader's poll. */
const SEEDS = Object.freeze([1, 25, 49, 73]);

export const NFC: readonly (readonly [name: string, way: Way])[] = Object.freeze([
	["NFC, SPI", { link: "nfc", bus: "spi" }],
	["NFC, I2C", { link: "nfc", bus: "i2c" }],
	["NFC, HSU 115,200", { link: "nfc", bus: "hsu" }],
	["NFC, HSU 921,600", { link: "nfc", bus: "hsu921600" }],
]);
const BLE: readonly (readonly [name: string, way: Way])[] = Object.freeze([
	["BLE, iOS", { link: "ble", profile: "ios" }],
	["BLE, Android", { link: "ble", profile: "android" }],
]);
const WAYS = [...NFC, ...BLE];
export const CHIPS: readonly (readonly [name: string, cpu: CpuName])[] = Object.freeze([
	["ESP32-C3, 160 MHz", "esp32c3"],
	["ESP32, 240 MHz", "esp32"],
	["ESP32-C6, 160 MHz", "esp32c6"],
]);

/** The mean over moments at which the phone comes, ms. */
export function meanTap(way: Omit<TapOptions, "crypto" | "phone" | "seed">): TapTime {
	const sums: Record<Part | "total", number> = { total: 0, poll: 0, air: 0, phone: 0, bus: 0, reader: 0 };
	for (const seed of SEEDS) {
		const { decision, relayOnMs, split } = runTap({ ...way, crypto, phone: "valid", seed });
		if (decision !== "granted") throw new Error(`the tap was ${decision}`);
		sums.total += relayOnMs!;
		for (const part of PARTS) sums[part] += split![part];
	}
	for (const part of [...PARTS, "total"] as const) sums[part] = sums[part] / SEEDS.length;
	return sums;
}

/** In all, and what of it is the reader's. */
function brief({ reader, total }: TapTime): string {
	return `${total.toFixed(0)} (${reader.toFixed(0)})`;
}

function splitRow(name: string, options: Omit<TapOptions, "crypto" | "phone" | "seed">): string {
	const time = meanTap(options);
	return `| ${name} | ${[time.total, ...PARTS.map((part) => time[part])].map((ms) => ms.toFixed(1)).join(" | ")} |`;
}

function visits(way: Way): readonly (readonly [name: string, way: Way])[] {
	const again = ["again", { ...way, repeat: true }] as const;
	const first = ["first", way] as const;
	if (way.link === "nfc") return [first, again];
	return [["first, discovers the service", { ...way, first: true }], ["first", way], again];
}

/** Suite 4 on an ESP32-C3, with where the time goes. */
export function splitTable(): readonly string[] {
	return [
		`| tap | ms | ${PARTS.join(" | ")} |`,
		`|---|---|${PARTS.map(() => "---|").join("")}`,
		...WAYS.flatMap(([name, way]) =>
			visits(way).map(([visit, each]) => splitRow(`${name}, ${visit}`, { ...each, suite: 4 })),
		),
		splitRow("NFC, SPI, first, a fast phone", { link: "nfc", suite: 4, pace: "fast" }),
		splitRow("NFC, SPI, first, a slow phone", { link: "nfc", suite: 4, pace: "slow" }),
	];
}

/** All suites on all chips. */
export function chipTable(): readonly string[] {
	const rows = [4, 0, 5, 2].flatMap((suite) =>
		WAYS.flatMap(([name, way]) =>
			[false, true].map((repeat) => {
				const cells = CHIPS.map(([, cpu]) => brief(meanTap({ ...way, repeat, suite, cpu })));
				return `| ${suite} | ${name}, ${repeat ? "again" : "first"} | ${cells.join(" | ")} |`;
			}),
		),
	);
	return [
		`| suite | tap | ${CHIPS.map(([name]) => name).join(" | ")} |`,
		`|---|---|${CHIPS.map(() => "---|").join("")}`,
		...rows,
	];
}

/** For RESULTS.md. */
export function timeTables(split: readonly string[]): readonly string[] {
	return [
		"## Time of a tap",
		"",
		"From the phone in the field, or connected, to the relay on, in the simulator (`npm run tap`), which is charged by the counts of this page:",
		`means of ${SEEDS.length} moments at which the phone comes, a typical phone, ms. Whose time it is, and where chips and phones have their`,
		"figures from, is in [docs/taps.md](../docs/taps.md), beside those of others. No board has been measured.",
		"",
		...split,
		"",
		"In all, and the reader's share of it:",
		"",
		...chipTable(),
		"",
	];
}
