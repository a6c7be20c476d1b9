// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chacha20orig } from "@noble/ciphers/chacha.js";
import { assert } from "chai";
import { missing, needs } from "../../sim/installed.js";
import { root } from "../../support/host.js";

/** The chip around random.c: a generator that gives one byte over and over, and counts when the ADC feeds it. */
const CHIP = `
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "xsmc.h"
static int noise, on;
static uint8_t out[100];
void bootloader_random_enable(void) { on = 1; noise++; }
void bootloader_random_disable(void) { on = 0; }
void esp_fill_random(void* into, size_t length) { memset(into, on ? 0xA5 : 0x11, length); }
void buffer(void** data, unsigned* length) { *data = out; *length = 100; }
int main(void)
{
	xs_lintel_seedRandom(0);
	for (int call = 0; call < 3; call++) {
		xs_lintel_chipRandom(0);
		for (int i = 0; i < 100; i++) printf("%02x", out[i]);
		printf("\\n");
	}
	printf("%d\\n", noise);
	return 0;
}
`;
const XS = `
#include <stddef.h>
typedef void xsMachine;
typedef unsigned xsUnsignedValue;
void buffer(void** data, unsigned* length);
#define xsArg(n) 0
#define xsmcGetBufferWritable(slot, data, length) buffer(data, length)
void xs_lintel_seedRandom(xsMachine* the);
void xs_lintel_chipRandom(xsMachine* the);
void bootloader_random_enable(void);
void bootloader_random_disable(void);
void esp_fill_random(void* into, size_t length);
`;

describe("random bytes of an ESP32", () => {
	let folder: string;

	before(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-random-"));
	});

	after(() => rmSync(folder, { recursive: true, force: true }));

	it("take noise from the ADC once; from then on each call is ChaCha20 under a key of its own", function () {
		needs(this, { cc: "gcc" });
		if (!existsSync("/usr/include/sodium.h")) missing(this, "libsodium's headers: libsodium-dev");
		writeFileSync(join(folder, "xsmc.h"), XS);
		for (const empty of ["xsHost.h", "bootloader_random.h", "esp_random.h"])
			writeFileSync(join(folder, empty), "");
		writeFileSync(join(folder, "chip.c"), CHIP);
		const program = join(folder, "random");
		const sources = [join(folder, "chip.c"), join(root, "hal/esp32/random.c")];
		execFileSync("cc", ["-Wall", "-Werror", `-I${folder}`, "-o", program, ...sources, "-lsodium"]);
		const lines = execFileSync(program, { encoding: "utf8" }).trim().split("\n");
		let key = new Uint8Array(32).fill(0xa5);
		for (const line of lines.slice(0, 3)) {
			const fresh = key.map((byte) => byte ^ 0x11);
			// 64 bytes of block 0, of which 32 are the next key, then what is given out.
			const stream = chacha20orig(fresh, new Uint8Array(8), new Uint8Array(164));
			assert.equal(line, Buffer.from(stream.subarray(64)).toString("hex"));
			key = stream.slice(0, 32);
		}
		assert.equal(lines[3], "1", "the ADC is the inputs' after the first key");
	});
});
