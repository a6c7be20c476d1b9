/**
 * `npm run bench:mcu [-- --json]`: the firmware on an emulated rv32imac, by qemu's instruction count. Writes
 * bench/RESULTS.md.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, cache, root } from "../tools/xs/build.js";
import { moduleGraph } from "../tools/xs/modules.js";
import { record, SIZES } from "./lookup-recording.js";
import { measureMemory } from "./mcu-memory.js";
import { markdown, type Report } from "./mcu-report.js";
import { measureTap, type TapFigures } from "./mcu-tap.js";

export interface LookupCost {
	readonly credentials: number;
	/** Instructions. */
	readonly cost: number;
	/** Of flash: mean, and most. */
	readonly reads: number;
	readonly most: number;
}

/** Runs a compiled module under qemu; what it prints. */
function onRv32(program: string, name: string, ...more: string[]): string {
	const main = join(root, `build/bench/${name}.js`);
	const folder = join(cache, "mcu");
	mkdirSync(folder, { recursive: true });
	const map = join(folder, `${name}.map`);
	writeFileSync(map, moduleGraph([main]).map);
	writeFileSync(join(folder, "lintel.args"), ["--map", map, main, ...more, ""].join("\n"));
	const machine = ["-M", "virt", "-m", "64", "-bios", "none", "-icount", "shift=0"];
	const quiet = ["-nographic", "-monitor", "none", "-serial", "none"];
	const semihosting = ["-semihosting-config", "enable=on,target=native"];
	const { stdout, stderr, status, error } = spawnSync(
		"qemu-system-riscv32",
		[...machine, ...quiet, ...semihosting, "-kernel", program],
		{
			cwd: folder,
			encoding: "utf8",
			timeout: 600_000,
		},
	);
	if (error) throw error;
	if (status !== 0) throw new Error(`the emulated firmware ended with ${status}: ${stderr}`);
	// qemu's semihosting writes the program's output to either.
	return stdout + stderr;
}

function measureLookups(): readonly LookupCost[] {
	const program = build("rv32");
	const recordings = SIZES.map(record);
	mkdirSync(join(cache, "mcu"), { recursive: true });
	writeFileSync(join(cache, "mcu/lookup.json"), JSON.stringify(recordings));
	const line = onRv32(program, "lookup", "lookup.json")
		.split("\n")
		.find((line) => line.startsWith("{"))!;
	const { costs } = JSON.parse(line) as { costs: { credentials: number; cost: number }[] };
	return costs.map((l, i) => ({ ...l, reads: recordings[i]!.meanReads, most: recordings[i]!.mostReads }));
}

const report: Report = {
	taps: [measureTap("nfc"), measureTap("ble")],
	suites: [5, 2, 0].map((suite) => measureTap("nfc", suite)),
	memory: measureMemory(),
	lookups: measureLookups(),
};
writeFileSync(join(root, "bench/RESULTS.md"), markdown(report));
const { memory, taps, suites, lookups } = report;
const [nfc, ble] = taps as [TapFigures, TapFigures];
const json = {
	standardTapInstructions: nfc.standard,
	afterMessage3Instructions: nfc.afterMessage3,
	peakBytes: memory.peakBytes,
	growthBytes: memory.growthBytes,
	stackBytes: memory.stackBytes,
	bleTapInstructions: ble.standard,
	bleAfterMessage3Instructions: ble.afterMessage3,
	mostBytes: memory.mostBytes,
	worst: memory.worst,
	live: memory.live,
	taps,
	suites,
	lookups,
};
process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(json)}\n` : markdown(report));
