import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { advertisement } from "../../../drivers/ble/service.js";
import { advertisementOf } from "../../../hal/esp32/advertisement.js";
import { noteOf, restartCauseOf } from "../../../hal/esp32/restart-cause.js";

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

	it("has every folder of the firmware in the manifest, preloaded", () => {
		for (const top of ["src", "drivers"]) {
			const folders = readdirSync(fileURLToPath(new URL(top, root)), { withFileTypes: true });
			for (const { name } of folders.filter((entry) => entry.isDirectory())) {
				const key = `${top}/${name}/*`;
				assert.equal(manifest.modules[key], `./${key}`);
				assert.include(manifest.preload, key);
			}
		}
	});

	it("has native functions for all that JavaScript binds", () => {
		const text = (name: string): string => readFileSync(new URL(`hal/esp32/${name}`, root), "utf8");
		const bound = [...text("chip.js").matchAll(/\) @ "(\w+)"/g)].map((match) => match[1]);
		assert.isAbove(bound.length, 5);
		const c = text("chip.c") + text("relay.c");
		for (const name of bound) assert.include(c, `void ${name}(xsMachine* the)`);
	});
});
