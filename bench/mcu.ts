// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run bench:mcu [-- --json | --work | --budgets]`: the firmware on an emulated rv32imac, by qemu's instruction count. Writes
 * sim/instructions.ts, which the simulator charges (`--work`: that alone), and bench/RESULTS.md. Ends with 1 where a budget is missed.
 * `--budgets`: looks at those alone, and writes and builds nothing, so that others may read what is built.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tools/xs/build.js";
import { record, SIZES } from "./lookup-recording.js";
import { measureCalls } from "./mcu-calls.js";
import { deviceHeap } from "./mcu-heap.js";
import { measureImage } from "./mcu-image.js";
import { measureMemory } from "./mcu-memory.js";
import { measureQr } from "./mcu-qr.js";
import { markdown, missed, type Report } from "./mcu-report.js";
import { measureSizes } from "./mcu-size.js";
import { measureSync } from "./mcu-sync.js";
import { measureTap, type TapFigures } from "./mcu-tap.js";
import { instructionsFile, measureWork } from "./mcu-work.js";
import { onRv32 } from "./rv32.js";
import { measureStarts } from "./start-reads.js";

export interface LookupCost {
	readonly credentials: number;
	/** Instructions. */
	readonly cost: number;
	/** The same beside a thousand ids of notices. */
	readonly withNotices: number;
	/** Of flash: mean, and most. */
	readonly reads: number;
	readonly most: number;
}

function measureLookups(): readonly LookupCost[] {
	const recordings = SIZES.map(record);
	const { costs } = onRv32<{ costs: { credentials: number; cost: number; withNotices: number }[] }>(
		"lookup",
		recordings,
	);
	return costs.map((l, i) => ({ ...l, reads: recordings[i]!.meanReads, most: recordings[i]!.maxReads }));
}

/** How long taps take by the counts that have just been made, which another process has to be built of. */
function measureTimes(): readonly string[] {
	execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"], {
		cwd: root,
	});
	const printed = execFileSync(process.execPath, [join(root, "build/bench/times.js")], { encoding: "utf8" });
	return printed.trimEnd().split("\n");
}

const isCheck = process.argv.includes("--budgets");
const taps = [measureTap("nfc"), measureTap("ble")];
const suites = [5, 2, 0].map((suite) => measureTap("nfc", suite));
if (!isCheck)
	writeFileSync(join(root, "sim/instructions.ts"), instructionsFile(measureWork(), [...taps, ...suites]));
// What the simulator charges, alone.
if (process.argv.includes("--work")) process.exit();
const report: Report = {
	taps,
	suites,
	memory: measureMemory(),
	sync: measureSync(),
	qr: measureQr(),
	lookups: measureLookups(),
	calls: measureCalls(),
	image: measureImage(),
	heap: deviceHeap(),
	starts: measureStarts(),
	sizes: isCheck ? { remembered: [], log: [] } : measureSizes(),
	times: isCheck ? [] : measureTimes(),
};
const { memory, lookups } = report;
if (!isCheck) writeFileSync(join(root, "bench/RESULTS.md"), markdown(report));
const [nfc, ble] = taps as [TapFigures, TapFigures];
const json = {
	standardTapInstructions: nfc.standard,
	afterMessage3Instructions: nfc.afterMessage3,
	repeatTapInstructions: nfc.repeat,
	afterMessage3RepeatInstructions: nfc.afterMessage3Repeat,
	peakBytes: memory.peakBytes,
	growthBytes: memory.growthBytes,
	stackBytes: memory.stackBytes,
	bleTapInstructions: ble.standard,
	bleAfterMessage3Instructions: ble.afterMessage3,
	mostBytes: memory.mostBytes,
	worst: memory.worst,
	live: memory.live,
	sync: report.sync,
	qr: report.qr,
	taps,
	suites,
	lookups,
	image: report.image,
	heap: report.heap,
	starts: report.starts,
	sizes: report.sizes,
	...report.calls,
};
process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(json)}\n` : markdown(report));
for (const line of missed(report)) {
	process.stderr.write(`bench:mcu: ${line}\n`);
	process.exitCode = 1;
}
