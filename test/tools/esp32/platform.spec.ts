// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { lineOf } from "../../../drivers/input/supervised.js";
import { advertisementOf } from "../../../hal/esp32/advertisement.js";
import type { Board } from "../../../hal/esp32/boards/board.js";
import { DEVKITC } from "../../../hal/esp32/boards/devkitc.js";
import { S3_DEVKITC } from "../../../hal/esp32/boards/s3-devkitc.js";
import { noteOf, restartCauseOf } from "../../../hal/esp32/restart-cause.js";
import { shareOfSupply } from "../../../hal/esp32/supply.js";
import { advertisement } from "../../../protocol/link/ble-service.js";
import { BOARDS as BUILDS, sdkconfigOf } from "../../../tools/esp32/boards.js";

/** Every file of hal/esp32/boards that is a board. */
const BOARDS: Readonly<Record<string, Board>> = { "devkitc.ts": DEVKITC, "s3-devkitc.ts": S3_DEVKITC };

/** What the data sheet of each chip and module says of its pins. */
const CHIPS: Readonly<
	Record<string, { taken: readonly number[]; inputOnly: readonly number[]; adc1: readonly number[] }>
> = {
	// ESP32 series: strapping pins, flash; inputs without a pull-up; ADC1.
	ESP32: {
		taken: [0, 2, 5, 12, 15, ...range(6, 11)],
		inputOnly: range(34, 39),
		adc1: range(32, 39),
	},
	// ESP32-S3, WROOM-1-N16R8: strapping pins, USB, flash and its octal PSRAM (33 to 37).
	"ESP32-S3": {
		taken: [0, 3, 45, 46, 19, 20, ...range(22, 25), ...range(26, 37)],
		inputOnly: [],
		adc1: range(1, 10),
	},
};

function range(first: number, last: number): number[] {
	return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

const root = new URL("../../../../", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", root), "utf8"));

describe("hal/esp32, where it needs no chip", () => {
	it("gives the SDK an advertisement by its types", () => {
		const ours = advertisement();
		const theirs = advertisementOf(ours);
		assert.deepEqual(Object.keys(theirs), ["1", "7"]);
		// As bleserver.js writes it: length, type, bytes.
		const written = Object.entries(theirs).flatMap(([type, bytes]) => [
			bytes.length + 1,
			Number(type),
			...bytes,
		]);
		assert.deepEqual(written, [...ours]);
	});

	it("refuses advertising data that is cut", () => {
		for (const bytes of [[2, 1], [0], [3, 7, 1]])
			assert.throws(() => advertisementOf(Uint8Array.from(bytes)), RangeError);
	});

	it("names ESP-IDF's reset reasons and what the firmware noted", () => {
		assert.equal(restartCauseOf(1), "power-on");
		assert.equal(restartCauseOf(2), "reset-pin");
		assert.equal(restartCauseOf(3), "software");
		assert.equal(restartCauseOf(6), "watchdog");
		assert.equal(restartCauseOf(9), "brown-out");
		assert.equal(restartCauseOf(99), "unknown");
		assert.equal(restartCauseOf(0x100 + noteOf("memory full")), "out-of-memory");
		assert.equal(restartCauseOf(0x100 + noteOf("not enough keys")), "out-of-memory");
		assert.equal(restartCauseOf(0x100 + noteOf("stack overflow")), "stack-overflow");
		assert.equal(restartCauseOf(0x100 + noteOf("unhandled exception")), "exception");
	});

	it("names what the engine says when it ends (xsError.c of the SDK)", () => {
		assert.equal(restartCauseOf(0x100 + noteOf("JavaScript stack overflow")), "stack-overflow");
		assert.equal(restartCauseOf(0x100 + noteOf("unhandled rejection")), "exception");
		// What chip.c notes by itself.
		const c = readFileSync(new URL("hal/esp32/chip.c", root), "utf8");
		const number = Number(/STACK_OVERFLOW (\d+)u/.exec(c)![1]);
		assert.equal(restartCauseOf(0x100 + number), "stack-overflow");
	});

	it("reads a supervised line as a share of the supply, whatever full scale the SDK's ADC has", () => {
		// xs_analog_read_ of modules/io/analog/esp32: 4095 is 2.45 V.
		const sdk = (volts: number) => Math.min(4095, Math.floor((1000 * volts * 4095) / 2450));
		const lines: readonly [ohms: number, line: string][] = [
			[0, "short"],
			[4700, "closed"],
			[9400, "open"],
			[2350, "foreign"],
			[20_000, "foreign"],
			[1e9, "cut"],
		];
		for (const [ohms, line] of lines) {
			const share = shareOfSupply(sdk((3.3 * ohms) / (ohms + 10_000)), 12);
			assert.equal(lineOf(Math.floor((1000 * share) / 4095)), line, `${ohms} ohms`);
		}
		assert.equal(lineOf((1000 * shareOfSupply(undefined, 12)) / 4095), "cut", "an ADC that gives nothing");
	});

	it("has every board here", () => {
		const files = readdirSync(new URL("hal/esp32/boards", root)).filter(
			(file) => !["board.ts", "pins.ts"].includes(file),
		);
		assert.sameMembers(files, Object.keys(BOARDS));
	});

	for (const [file, { chip, pins: board }] of Object.entries(BOARDS))
		it(`gives each pin of ${file} one use that it can have`, () => {
			const { pn532, i2c, console, relayOff: _level, ...own } = board;
			const pins = [pn532, i2c, console, own].flatMap((part) => Object.values(part!) as number[]);
			assert.equal(new Set(pins).size, pins.length);
			const { taken, inputOnly, adc1 } = CHIPS[chip]!;
			for (const pin of pins) assert.notInclude(taken, pin);
			const inputs: readonly number[] = [own.doorPosition, own.rex, own.tamper, own.fire, own.lockdown];
			for (const pin of inputs) assert.include(adc1, pin, "a supervised input needs ADC1");
			for (const pin of pins.filter((number) => inputOnly.includes(number)))
				assert.include([...inputs, pn532.interrupt], pin);
		});

	for (const [file, { name, pins }] of Object.entries(BOARDS))
		it(`has ${file} in HARDWARE.md pin by pin`, () => {
			const text = readFileSync(new URL("docs/HARDWARE.md", root), "utf8");
			const section = text.split(/^### /m).find((part) => part.startsWith(name));
			assert.isDefined(section, `a section ${name}`);
			const { relayOff: _level, ...wired } = pins;
			for (const part of Object.values(wired))
				for (const pin of typeof part === "number" ? [part] : (Object.values(part!) as number[]))
					assert.match(section!, new RegExp(`^\\| GPIO [^|]*\\b${pin}\\b`, "m"), `GPIO ${pin}`);
		});

	it("builds every board here, each option of sdkconfig once, PSRAM where a board has both radios", () => {
		const names = Object.keys(BOARDS).map((file) => file.replace(".ts", ""));
		assert.sameMembers(Object.keys(BUILDS), names);
		for (const name of names) {
			const build = BUILDS[name]!;
			const text = sdkconfigOf(build, build.flash, fileURLToPath(new URL("sdkconfig", root)));
			const options = [...text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(
				(match) => [match[1]!, match[2]!] as const,
			);
			assert.equal(new Set(options.map(([option]) => option)).size, options.length, name);
			const set = new Map(options);
			assert.equal(set.get(`CONFIG_ESPTOOLPY_FLASHSIZE_${build.flash}`), "y");
			const { radios } = BOARDS[`${name}.ts`]!;
			assert.equal(set.has("CONFIG_SPIRAM"), radios === "both");
			if (radios === "one") continue;
			// XS's largest allocation: `creation` in manifest.json, slots of 16 bytes.
			const { heap, chunk } = manifest.creation;
			const largest = Math.max(16 * heap.initial, chunk.initial);
			assert.isAtLeast(Number(set.get("CONFIG_SPIRAM_MALLOC_ALWAYSINTERNAL")), largest);
		}
	});

	it("has every folder of the firmware in the manifest", () => {
		for (const top of ["protocol", "src", "drivers"]) {
			const files = readdirSync(new URL(top, root), { recursive: true, encoding: "utf8" });
			const folders = new Set(
				files.filter((file) => file.endsWith(".ts")).map((file) => dirname(join(top, file))),
			);
			for (const folder of folders) assert.equal(manifest.modules[`${folder}/*`], `./${folder}/*`);
		}
	});

	it("has native functions for all that JavaScript binds", () => {
		const text = (name: string): string => readFileSync(new URL(`hal/esp32/${name}`, root), "utf8");
		const bound = [...text("chip.js").matchAll(/\) @ "(\w+)"/g)].map((match) => match[1]);
		assert.isAbove(bound.length, 5);
		const files = readdirSync(new URL("hal/esp32", root)).filter((file) => file.endsWith(".c"));
		const c = files.map(text).join("");
		const ours = bound.filter((name) => name!.startsWith("xs_lintel_"));
		for (const name of ours) assert.include(c, `void ${name}(xsMachine* the)`);
		// The one of the SDK's: modules/io/ble/server/esp32/bleserver.c.
		assert.deepEqual(
			bound.filter((name) => !ours.includes(name)),
			["xs_gattserverconnection_notify"],
		);
		// Bound, given to JavaScript and declared to it: the same names, in three places.
		const named = [...text("chip.js").matchAll(/^function (\w+)\(/gm)].map((match) => match[1]!);
		const given = text("chip.js").split("Object.freeze({")[1]!.match(/\w+/g)!;
		const declared = [...text("chip.d.ts").matchAll(/^\t(\w+)\(/gm)].map((match) => match[1]!);
		assert.sameMembers(given, named);
		assert.sameMembers(declared, named);
	});
});
