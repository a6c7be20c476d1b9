// SPDX-License-Identifier: Apache-2.0

/** bench/RESULTS.md. */
import type { LookupCost } from "./mcu.js";
import { type CallCosts, callTables } from "./mcu-calls.js";
import { FREE_WITHOUT_RADIOS, type Heap, type HeapPart, sumOf } from "./mcu-heap.js";
import type { Image } from "./mcu-image.js";
import type { Memory, Point } from "./mcu-memory.js";
import type { QrFigures } from "./mcu-qr.js";
import { type SizeCosts, sizeTables } from "./mcu-size.js";
import type { SyncFigures } from "./mcu-sync.js";
import type { TapFigures } from "./mcu-tap.js";
import { type StartReads, startTable } from "./start-reads.js";

const TAP_BUDGET = 14_000_000;
/** A phone that was here before. */
const REPEAT_BUDGET = 11_000_000;
const AFTER_MESSAGE_3_BUDGET = 8_000_000;
const AFTER_MESSAGE_3_REPEAT_BUDGET = 4_800_000;
/** Of a reader by itself, and of one that speaks with its site. */
const MEMORY_BUDGET = 96 * 1024;
const SYNC_MEMORY_BUDGET = 112 * 1024;
/** What a tap may take while a plan comes, as a share of the costliest one without. */
const SYNC_TAP_SHARE = 1.2;
/** Of the slot: the rest is for what ESP-IDF's next versions need, and for an error of the estimate. */
const IMAGE_SHARE = 0.9;
const MODULES_BUDGET = 768 * 1024;
const STATIC_BUDGET = 1024;
const BLUETOOTH_BUDGET = 28 * 1024;
const WIFI_BUDGET = 36 * 1024;
/** Of every board; it was 393 of one with 8 MB, from the factory. */
const START_READS_BUDGET = 100;

/** From a code's first byte to the relay on: 62 ms at 160 MHz, where a scanner takes half a second to read it. */
const CODE_BUDGET = 10_000_000;

const LINKS = { nfc: "NFC", ble: "Bluetooth" } as const;

export interface Report {
	/** Suite 4, by link; the standard one first. */
	readonly taps: readonly TapFigures[];
	/** Other suites, over NFC. */
	readonly suites: readonly TapFigures[];
	readonly memory: Memory;
	readonly sync: SyncFigures;
	readonly qr: QrFigures;
	readonly lookups: readonly LookupCost[];
	readonly calls: CallCosts;
	readonly image: Image;
	readonly heap: Heap;
	readonly starts: readonly StartReads[];
	readonly sizes: SizeCosts;
	/** `timeTables`, where sim/instructions.ts is of this firmware. */
	readonly times: readonly string[];
}

type Figure = readonly [name: string, value: number, budget: number];

/** Of a tap while a plan comes: the costliest, against the costliest one of a reader by itself. */
function syncTapFigures({ memory, sync }: Report): readonly Figure[] {
	return (["nfc", "ble"] as const).map((link) => [
		`${LINKS[link]}, in all, while a plan comes, worst`,
		sync.worst[link].tap,
		Math.floor(SYNC_TAP_SHARE * memory.worst[link].tap),
	]);
}

function imageFigures(image: Image): readonly Figure[] {
	const modules = image.parts.find(({ name }) => name.startsWith("our modules"))!.bytes;
	return [
		["image, in all", image.total, Math.floor(image.slot * IMAGE_SHARE)],
		["our modules, preloaded", modules, MODULES_BUDGET],
	];
}

function heapFigures({ image, heap }: Report): readonly Figure[] {
	return [
		["our C's static memory", image.staticBytes, STATIC_BUDGET],
		["Bluetooth's buffers and stacks", sumOf(heap.bluetooth), BLUETOOTH_BUDGET],
		["Wi-Fi's buffers and stacks", sumOf(heap.wifi), WIFI_BUDGET],
	];
}

function millions(instructions: number): string {
	return (instructions / 1e6).toFixed(2);
}

function verdict(value: number, budget: number): string {
	return value <= budget ? "holds" : "missed";
}

/** A row of instructions in millions. */
function row(name: string, value: number, budget: number): string {
	return `| ${name} | ${millions(value)} | ${budget / 1_000_000} | ${verdict(value, budget)} |`;
}

/** Budgets that are missed, the worst of a hundred taps counted as well; each in words. */
export function missed(report: Report): readonly string[] {
	const { qr, taps, memory, starts, sync } = report;
	const figures: readonly Figure[] = [
		...taps.flatMap(({ link, standard, afterMessage3 }) => {
			const worst = memory.worst[link];
			return [
				[`${LINKS[link]}, in all`, Math.max(standard, worst.tap), TAP_BUDGET],
				[
					`${LINKS[link]}, message_3 to relay on`,
					Math.max(afterMessage3, worst.afterMessage3),
					AFTER_MESSAGE_3_BUDGET,
				],
			] as const;
		}),
		...taps.flatMap(
			({ link, repeat, afterMessage3Repeat }) =>
				[
					[`${LINKS[link]}, again, in all`, repeat, REPEAT_BUDGET],
					[
						`${LINKS[link]}, again, message_3 to relay on`,
						afterMessage3Repeat,
						AFTER_MESSAGE_3_REPEAT_BUDGET,
					],
				] as const,
		),
		["memory", memory.peakBytes, MEMORY_BUDGET],
		["growth", memory.growthBytes, 0],
		["memory, with sync", sync.peakBytes, SYNC_MEMORY_BUDGET],
		["growth, with sync", sync.growthBytes, 0],
		["code to relay on", qr.worst, CODE_BUDGET],
		["memory, with a scanner", qr.peakBytes, SYNC_MEMORY_BUDGET],
		["growth, with a scanner", qr.growthBytes, 0],
		...syncTapFigures(report),
		...imageFigures(report.image),
		...heapFigures(report),
		["flash reads of a start", Math.max(...starts.map(({ reads }) => reads)), START_READS_BUDGET],
	];
	return figures
		.filter(([, value, budget]) => value > budget)
		.map(([name, value, budget]) => `${name}: ${value}, over its budget of ${budget}`);
}

const INTRODUCTION: readonly string[] = [
	"# Measured on an emulated microcontroller",
	"",
	"Written by `npm run bench:mcu`; run that to repeat it. All of the firmware, commissioned, with both radios and the",
	"installer's port, on XS 13.3 built for rv32imac under `qemu-system-riscv32 -M virt -icount shift=0`, which counts",
	"instructions and gives the same numbers every time (of memory to a few bytes: paths of the checkout are in it). Its",
	"machine has 96 KB, and no more, of the 112 KB that `creation` of manifest.json gives: so much a reader takes that speaks with no",
	"site. The modules are preloaded and frozen as in flash, and collections of garbage are in the counts. The world",
	"(chip, phone, flash, door) is another process at the other end of a pipe; instructions are counted from where an event",
	"enters the firmware to where it calls out of JavaScript. Random bytes, flash and ports cost their call, not what a",
	"device's hardware does behind it. A tap is counted from the phone in the field or connected to 50 ms after the phone",
	"has the answer; over Bluetooth the reader polls for cards meanwhile. The worst are of 100 taps by turns over both",
	"links. At 160 MHz, one instruction a cycle, a million instructions are 6.25 ms.",
	"",
	"The PN532 is on SPI with interrupt and reset, as docs/HARDWARE.md wires it. Two accidents of this build make the figures",
	"higher than they need be, and are left in: XS 13.3 copies between typed arrays element by element, where the SDK's 17.7",
	"copies memory (0.3 million of a tap); Debian's picolibc sets and copies memory byte by byte (by words: 0.6 million less).",
	"",
];

function memoryTables(memory: Memory): readonly string[] {
	return [
		"| memory, bytes | | budget | |",
		"|---|---|---|---|",
		`| slots and chunks that the machine has: held boot, 100 taps by turns over NFC and Bluetooth, a plan by cable | ${memory.peakBytes} | ${MEMORY_BUDGET} | ${verdict(memory.peakBytes, MEMORY_BUDGET)} |`,
		`| most of it in use, collected at every crossing of a bus, in 4 taps and the plan | ${memory.mostBytes} | | |`,
		`| growth from tap 10 to tap 100 | ${memory.growthBytes} | 0 | ${verdict(memory.growthBytes, 0)} |`,
		`| stack, most used of ${memory.reserved.stack} | ${memory.stackBytes} | | |`,
		"",
		"Peaks are the most at once since the row before, with the garbage that lay about until the next collection: in all there",
		`are ${memory.reserved.slots} bytes of slots and ${memory.reserved.chunks} of chunks. XS counts twice what an array grows by within its spare room,`,
		"so a peak of chunks can lie a little above that.",
		"",
		...liveTable(memory.live),
	];
}

function liveTable(live: readonly Point[]): readonly string[] {
	return [
		"| after | in use: slots | chunks | both | peak: slots | chunks | stack |",
		"|---|---|---|---|---|---|---|",
		...live.map(
			({ after, slots, chunks, peak }) =>
				`| ${after} | ${slots} | ${chunks} | ${slots + chunks} | ${peak.slots} | ${peak.chunks} | ${peak.stack} |`,
		),
		"",
	];
}

function syncTables(report: Report): readonly string[] {
	const { sync } = report;
	return [
		"## With sync",
		"",
		"A reader that speaks with its site, over TCP to a broker in the world, in all of the memory that manifest.json gives. While each",
		"tap is made a plan of 1,000 credentials comes from the site: a snapshot, in some 20 pieces. Of the day after the taps each 45 s",
		"are one leap of the clock, with a second behind it in which the reader does what was due.",
		"",
		"| with sync | | budget | |",
		"|---|---|---|---|",
		...figureRows([
			[
				"slots and chunks that the machine has, bytes: held boot, session, 100 taps with a plan each, the day",
				sync.peakBytes,
				SYNC_MEMORY_BUDGET,
			],
			["growth from tap 10 to tap 100, and over the day, bytes", sync.growthBytes, 0],
		]),
		`| most of it in use, collected at every crossing of a bus, in 2 taps with a plan each | ${sync.mostBytes} | | |`,
		...figureRows(syncTapFigures(report)),
		...(["nfc", "ble"] as const).map(
			(link) =>
				`| ${LINKS[link]}, message_3 to relay on, while a plan comes, worst | ${sync.worst[link].afterMessage3} | | |`,
		),
		"",
		...liveTable(sync.live),
	];
}

function qrTables({ qr }: Report): readonly string[] {
	return [
		"## With a QR scanner",
		"",
		"A reader in a session whose scanner sends lines, at 115,200 bits per second so that little else falls into what is counted: from the",
		"first byte of a code of 367 characters to the relay on. Two signatures are verified, the site's and the phone's. A count is written to its",
		"cell before the relay moves. At last taps are made while plans of a thousand come, with a code before each.",
		"",
		"| with a scanner | | budget | |",
		"|---|---|---|---|",
		...figureRows([
			["code to relay on, worst of 40, instructions", qr.worst, CODE_BUDGET],
			[
				"slots and chunks that the machine has, bytes: held boot, session, all codes and taps",
				qr.peakBytes,
				SYNC_MEMORY_BUDGET,
			],
			["growth from code 10 to code 40, bytes", qr.growthBytes, 0],
		]),
		`| code to relay on, the second | ${qr.code} | | |`,
		`| the same with a count | ${qr.counted} | | |`,
		`| a text of 395 characters that is no code, refused | ${qr.refused} | | |`,
		`| most of memory in use, collected at every crossing of a bus, while a plan comes | ${qr.mostBytes} | | |`,
		"",
		...liveTable(qr.live),
	];
}

function figureRows(figures: readonly Figure[]): readonly string[] {
	return figures.map(
		([name, value, budget]) => `| ${name} | ${value} | ${budget} | ${verdict(value, budget)} |`,
	);
}

function imageTables(image: Image): readonly string[] {
	const spare = image.slot - image.total;
	return [
		"## The image",
		"",
		`By part, against its slot of ${image.slot} bytes; ${spare} are spare. ESP-IDF is not here, so its parts are those of the image that was`,
		"built for an ESP32 with SDK 8.2.3 and ESP-IDF v6.0 in November 2026 (1,952,304 bytes), and the sum is an estimate. Our modules",
		"are measured as this engine has them preloaded, some 4 % more than the SDK's linker makes of them.",
		"",
		"| image, bytes | | budget | |",
		"|---|---|---|---|",
		...figureRows(imageFigures(image)),
		"",
		"| part | bytes | |",
		"|---|---|---|",
		...image.parts.map(({ name, bytes, from }) => `| ${name} | ${bytes} | ${from} |`),
		"",
	];
}

function heapTables(report: Report): readonly string[] {
	const { heap } = report;
	const rows = (radio: string, parts: readonly HeapPart[]): readonly string[] =>
		parts.map(({ name, count, each }) => `| ${radio}: ${name} | ${count} × ${each} | ${count * each} |`);
	const left = (parts: readonly HeapPart[]): number => FREE_WITHOUT_RADIOS - sumOf(parts);
	return [
		"## Heap outside XS",
		"",
		`An ESP32 without PSRAM has ${FREE_WITHOUT_RADIOS} bytes free in its event loop with all radios off (that image in an emulator of the chip, less 16 KB that XS has got since).`,
		`From that come a radio's buffers and stacks, of sdkconfig and ESP-IDF's defaults: ${left(heap.bluetooth)} are left for what else Bluetooth`,
		`takes, or ${left(heap.wifi)} for Wi-Fi, whose driver asks for 53248 (hal/esp32/station.c); not both at once.`,
		"",
		"| heap, bytes | | budget | |",
		"|---|---|---|---|",
		...figureRows(heapFigures(report)),
		"",
		"| buffers and stacks | each | bytes |",
		"|---|---|---|",
		...rows("Bluetooth", heap.bluetooth),
		...rows("Wi-Fi", heap.wifi),
		"",
	];
}

export function markdown(report: Report): string {
	const { taps, suites, memory, lookups, calls, starts } = report;
	const [standard] = taps;
	return [
		...INTRODUCTION,
		"| tap, suite 4, the second after start | million instructions | budget | |",
		"|---|---|---|---|",
		...taps.flatMap((tap) => [
			row(`${LINKS[tap.link]}, in all`, tap.standard, TAP_BUDGET),
			row(`${LINKS[tap.link]}, in all, worst`, memory.worst[tap.link].tap, TAP_BUDGET),
			row(`${LINKS[tap.link]}, message_3 to relay on`, tap.afterMessage3, AFTER_MESSAGE_3_BUDGET),
			row(
				`${LINKS[tap.link]}, message_3 to relay on, worst`,
				memory.worst[tap.link].afterMessage3,
				AFTER_MESSAGE_3_BUDGET,
			),
			row(`${LINKS[tap.link]}, a phone that was here before`, tap.repeat, REPEAT_BUDGET),
			row(
				`${LINKS[tap.link]}, the same, message_3 to relay on`,
				tap.afterMessage3Repeat,
				AFTER_MESSAGE_3_REPEAT_BUDGET,
			),
		]),
		"",
		"| other suites, NFC | in all, million | message_3 to relay on |",
		"|---|---|---|",
		...suites.map((tap) => `| ${tap.suite} | ${millions(tap.standard)} | ${millions(tap.afterMessage3)} |`),
		"",
		"| phase | NFC, million | Bluetooth, million |",
		"|---|---|---|",
		...standard!.phases.map(
			({ phase }, i) =>
				`| ${phase === "after" ? "the 6 s after it: prepares the next, polls" : phase} | ${taps.map((tap) => millions(tap.phases[i]!.instructions)).join(" | ")} |`,
		),
		"",
		`Boot, up to and with the first second of polling: ${millions(standard!.boot)} million. First tap after start, NFC: ${millions(standard!.first)} million.`,
		"",
		...startTable(starts),
		...memoryTables(memory),
		...syncTables(report),
		...qrTables(report),
		"| provider call in one NFC tap | calls | instructions each |",
		"|---|---|---|",
		...standard!.calls.map((c) => `| ${c.name} | ${c.calls} | ${Math.round(c.instructions / c.calls)} |`),
		"",
		...callTables(calls),
		...sizeTables(report.sizes, lookups),
		...report.times,
		...imageTables(report.image),
		...heapTables(report),
	].join("\n");
}
