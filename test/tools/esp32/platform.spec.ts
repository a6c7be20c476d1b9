// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assert } from "chai";
import { lineOf } from "../../../drivers/input/supervised.js";
import { advertisementOf } from "../../../hal/esp32/advertisement.js";
import { DEVKITC } from "../../../hal/esp32/boards/devkitc.js";
import type { Pins } from "../../../hal/esp32/boards/pins.js";
import { noteOf, restartCauseOf } from "../../../hal/esp32/restart-cause.js";
import { shareOfSupply } from "../../../hal/esp32/supply.js";
import { advertisement } from "../../../protocol/link/ble-service.js";

/** Every file of hal/esp32/boards. */
const BOARDS: Readonly<Record<string, Pins>> = { "devkitc.ts": DEVKITC };

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
		const files = readdirSync(new URL("hal/esp32/boards", root)).filter((file) => file !== "pins.ts");
		assert.sameMembers(files, Object.keys(BOARDS));
	});

	for (const [file, board] of Object.entries(BOARDS))
		it(`gives each pin of ${file} one use that it can have`, () => {
			const { pn532, console, i2c, relayOff: _level, ...own } = board;
			const pins = [pn532, console, i2c ?? {}, own].flatMap((part) => Object.values(part) as number[]);
			assert.equal(new Set(pins).size, pins.length);
			// ESP32 series data sheet: strapping pins, pins of the flash, pins that are inputs only and have no pull-up.
			for (const pin of pins) assert.notInclude([0, 2, 5, 6, 7, 8, 9, 10, 11, 12, 15], pin);
			const inputs: readonly number[] = [own.tamper, own.fire, own.lockdown, pn532.interrupt];
			for (const pin of pins.filter((number) => number >= 34)) assert.include(inputs, pin);
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
