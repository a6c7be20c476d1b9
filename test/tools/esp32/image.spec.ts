// SPDX-License-Identifier: Apache-2.0

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { assert } from "chai";
import { checkImage, ImageError, removeImages, slotSize } from "../../../tools/esp32/image.js";
import { root } from "../../support/host.js";

describe("the image of a build", () => {
	let output: string;
	const bin = (): string => join(output, "bin/esp32/release/lintel/xs_esp32.bin");
	const project = (file: string): string => join(output, "tmp/esp32/release/lintel/xsProj-esp32/build", file);
	const write = (file: string, size: number): void => {
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, new Uint8Array(size));
	};
	const refusal = (slot: number): string => {
		try {
			checkImage(output, slot);
		} catch (error) {
			assert.instanceOf(error, ImageError);
			return (error as ImageError).reason;
		}
		return "none";
	};

	beforeEach(() => {
		output = mkdtempSync(join(tmpdir(), "lintel-image-"));
	});
	afterEach(() => rmSync(output, { recursive: true }));

	it("fits its slot to the last byte, or is refused", () => {
		write(bin(), 1000);
		assert.equal(checkImage(output, 1000), 1000);
		assert.equal(refusal(999), "image-too-large");
	});

	it("is missed where a build made none, though one lies there from before", () => {
		assert.equal(refusal(1000), "no-image");
		write(bin(), 1000);
		write(project("xs_esp32.bin"), 1000);
		write(project(".bin_timestamp"), 10);
		write(project("xs_esp32.elf"), 10);
		removeImages(output);
		assert.equal(refusal(1000), "no-image");
		// Without its time stamp ESP-IDF makes the image again; what it is made of stays.
		assert.isFalse(existsSync(project(".bin_timestamp")));
		assert.isFalse(existsSync(project("xs_esp32.bin")), "the SDK's rule would copy it");
		assert.isTrue(existsSync(project("xs_esp32.elf")));
	});

	it("has a slot of 2.375 MB in each of our tables", () => {
		for (const size of [4, 8, 16])
			assert.equal(
				slotSize(readFileSync(join(root, `partitions/${size}MB.csv`), "utf8")),
				2.375 * 1024 * 1024,
			);
		assert.throws(() => slotSize("nvs, data, nvs, 0x9000, 0x6000,"), RangeError);
	});
});
