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

interface Memory {
	/** Bytes in slots and chunks that the firmware keeps, after a collection: at boot, after 1, 10 and 100 taps. */
	readonly live: readonly {
		readonly after: string;
		readonly bytes: number;
		readonly slots: number;
		readonly chunks: number;
	}[];
	/** The most of it in the middle of a transaction or of a plan's installation. */
	readonly peakBytes: number;
	/** From tap 10 to tap 100. */
	readonly growthBytes: number;
	readonly stackBytes: number;
}

interface Figures {
	readonly standardTapInstructions: number;
	readonly afterMessage3Instructions: number;
	readonly firstTapInstructions: number;
	readonly phases: readonly { phase: string; instructions: number }[];
	readonly calls: readonly { name: string; calls: number; instructions: number }[];
}

const TAP_BUDGET = 16_000_000;
const AFTER_MESSAGE_3_BUDGET = 8_000_000;
const MEMORY_BUDGET = 96 * 1024;

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

function millions(instructions: number): string {
	return (instructions / 1e6).toFixed(2);
}

function verdict(value: number, budget: number): string {
	return value <= budget ? "holds" : "missed";
}

interface Lookups {
	readonly costs: readonly { credentials: number; cost: number; reads: number; most: number }[];
}

function markdown(figures: Figures, memory: Memory, lookups: Lookups): string {
	const { standardTapInstructions: tap, afterMessage3Instructions: after } = figures;
	return [
		"# Measured on an emulated microcontroller",
		"",
		"Written by `npm run bench:mcu`; run that to repeat it. The firmware is on XS 13.3, built for rv32imac and run",
		"under `qemu-system-riscv32 -M virt -icount shift=0`, which counts instructions and gives the same numbers every",
		"time. The simulated world runs in the same machine; the count stands still while it works, and what the measuring",
		"itself costs is taken off. At 160 MHz, one",
		"instruction a cycle, a million instructions are 6.25 ms.",
		"",
		"Memory is slots and chunks of 32-bit XS after a collection, less what was there before the firmware started and,",
		"in a tap, less a phone with its session as it is after message_1 (it holds more later). It is sampled where the reader",
		"computes, in two of the taps, and the stack is not in it: not an upper bound. Modules are",
		"not in it: on a device they are preloaded into flash.",
		"",
		"What the tap's figure rests on: the host's UART asks for attention every 16 bytes (an ESP32 every 96, which costs",
		"less: `sim/bus/serial.ts` has the source); random bytes are a native call as on a device, from the emulation's own",
		"generator; housekeeping waits until the tap is over. The stack's row is what is reserved, not what is used.",
		"",
		"Not measured here yet: P-256 and AES-CCM, and the heap within the device's `creation`.",
		"",
		"| NFC tap, suite 4 | million instructions | budget | |",
		"|---|---|---|---|",
		`| standard tap, the second after start | ${millions(tap)} | 16 | ${verdict(tap, TAP_BUDGET)} |`,
		`| message_3 to relay on | ${millions(after)} | 8 | ${verdict(after, AFTER_MESSAGE_3_BUDGET)} |`,
		`| first tap after start | ${millions(figures.firstTapInstructions)} | | |`,
		"",
		"| plan lookup among | instructions | flash reads, mean (most) |",
		"|---|---|---|",
		...lookups.costs.map((l) => `| ${l.credentials} | ${l.cost} | ${l.reads.toFixed(1)} (${l.most}) |`),
		"",
		"| memory kept by the firmware | bytes | budget | |",
		"|---|---|---|---|",
		...memory.live.map((l) => `| ${l.after} (slots ${l.slots}, chunks ${l.chunks}) | ${l.bytes} | | |`),
		`| peak, in a transaction or a plan's installation | ${memory.peakBytes} | ${MEMORY_BUDGET} | ${verdict(memory.peakBytes, MEMORY_BUDGET)} |`,
		`| growth from tap 10 to tap 100 | ${memory.growthBytes} | 0 | ${verdict(memory.growthBytes, 0)} |`,
		`| stack, world included | ${memory.stackBytes} | | |`,
		"",
		"| phase, first tap | million instructions |",
		"|---|---|",
		...figures.phases.map(({ phase, instructions }) => `| ${phase} | ${millions(instructions)} |`),
		"",
		"| provider call, boot and first tap | calls | instructions each |",
		"|---|---|---|",
		...figures.calls.map((c) => `| ${c.name} | ${c.calls} | ${Math.round(c.instructions / c.calls)} |`),
		"",
	].join("\n");
}

const program = build("rv32");
const lines = onRv32(program, "mcu-tap").split("\n");
const figures = JSON.parse(lines.find((line) => line.startsWith("{"))!) as Figures;
const memoryLines = onRv32(program, "mcu-memory").split("\n");
const memory = JSON.parse(memoryLines.find((line) => line.startsWith("{"))!) as Memory;
const recordings = SIZES.map(record);
writeFileSync(join(cache, "mcu/lookup.json"), JSON.stringify(recordings));
const costs = JSON.parse(
	onRv32(program, "lookup", "lookup.json")
		.split("\n")
		.find((line) => line.startsWith("{"))!,
) as { costs: { credentials: number; cost: number }[] };
const lookups: Lookups = {
	costs: costs.costs.map((l, i) => ({
		...l,
		reads: recordings[i]!.meanReads,
		most: recordings[i]!.mostReads,
	})),
};
writeFileSync(join(root, "bench/RESULTS.md"), markdown(figures, memory, lookups));
if (process.argv.includes("--json"))
	process.stdout.write(`${JSON.stringify({ ...figures, ...memory, lookups: lookups.costs })}\n`);
else process.stdout.write(markdown(figures, memory, lookups));
