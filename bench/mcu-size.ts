// SPDX-License-Identifier: Apache-2.0

/** What a tap costs against what the reader has kept: phones that it remembers, records of its log. */
import { afterMessage3, tap } from "./counted-tap.js";
import { fillLog } from "./full-log.js";
import type { LookupCost } from "./mcu.js";
import { type McuWorld, mcuWorld } from "./mcu-world.js";

/** Instructions from message_3 to the relay on. */
export interface SizeCost {
	/** Of phones or of the log's partition. */
	readonly size: string;
	readonly first: number;
	readonly again: number;
}

export interface SizeCosts {
	readonly remembered: readonly SizeCost[];
	readonly log: readonly SizeCost[];
}

/** Phones that were here before those that are counted; 64 are remembered, so that of 80 the newest are. */
const PHONES = Object.freeze([1, 16, 64, 80]);
const LOGS: readonly (readonly [size: string, share: number | undefined])[] = Object.freeze([
	["empty", 0],
	["half", 0.5],
	["full, gone round", undefined],
]);

function costOf(device: McuWorld, size: string): SizeCost {
	const first = afterMessage3(tap(device, "nfc"));
	return { size, first, again: afterMessage3(tap(device, "nfc", { again: true })) };
}

function byPhones(): readonly SizeCost[] {
	const device = mcuWorld();
	let here = 0;
	try {
		return PHONES.map((phones) => {
			for (; here < phones; here++) tap(device, "nfc");
			here++;
			return costOf(device, String(phones));
		});
	} finally {
		device.engine.close();
	}
}

function byLog(size: string, share: number | undefined): SizeCost {
	const device = mcuWorld({ prepare: ({ flash }) => fillLog(flash.log, share) });
	try {
		tap(device, "nfc");
		return costOf(device, size);
	} finally {
		device.engine.close();
	}
}

export function measureSizes(): SizeCosts {
	return { remembered: byPhones(), log: LOGS.map(([size, share]) => byLog(size, share)) };
}

/** For RESULTS.md. */
export function sizeTables(
	{ log, remembered }: SizeCosts,
	lookups: readonly LookupCost[],
): readonly string[] {
	const rows = (costs: readonly SizeCost[]): readonly string[] =>
		costs.map(({ size, first, again }) => `| ${size} | ${first} | ${again} |`);
	return [
		"## Cost against size",
		"",
		"Instructions from message_3 to the relay on, over NFC, of a phone that was never here and of the same again. What a plan's size costs is",
		"its lookup alone, once a tap.",
		"",
		"| phones that were here before | first | again |",
		"|---|---|---|",
		...rows(remembered),
		"",
		"| log | first | again |",
		"|---|---|---|",
		...rows(log),
		"",
		"| credentials in the plan | lookup | beside 1,000 ids of notices | flash reads, mean (most) |",
		"|---|---|---|---|",
		...lookups.map(
			(l) => `| ${l.credentials} | ${l.cost} | ${l.withNotices} | ${l.reads.toFixed(1)} (${l.most}) |`,
		),
		"",
	];
}
