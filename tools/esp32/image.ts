// SPDX-License-Identifier: Apache-2.0

/** The image that a build leaves, and whether it can go into a board. */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";

const IMAGE = "xs_esp32.bin";
/**
 * ESP-IDF makes an image where its time stamp is missing or older than the program; the SDK's make file then copies what image it
 * finds, also after `idf.py` has failed. Without these files before a build, the image after it is of this build.
 */
const OF_EARLIER_BUILDS: readonly string[] = [IMAGE, ".bin_timestamp", ".signed_bin_timestamp"];

export class ImageError extends Error {
	readonly reason: "no-image" | "image-too-large";

	constructor(reason: ImageError["reason"], message: string) {
		super(message);
		this.reason = reason;
	}
}

function find(folder: string, names: readonly string[]): readonly string[] {
	if (!existsSync(folder)) return [];
	const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
	return files.filter((file) => names.includes(basename(file))).map((file) => join(folder, file));
}

/** Removes what earlier builds left in `output`, the folder that `mcconfig -o` got. */
export function removeImages(output: string): void {
	for (const file of find(output, OF_EARLIER_BUILDS)) rmSync(file);
}

/** Bytes of a slot for firmware in a partition table of ESP-IDF, in CSV: of the smallest. */
export function slotSize(csv: string): number {
	const sizes = csv
		.split("\n")
		.map((line) => line.split(",").map((field) => field.trim()))
		.filter(([, type]) => type === "app")
		.map(([, , , , size]) => Number(size));
	if (sizes.length === 0 || !sizes.every((size) => size > 0))
		throw new RangeError("the partition table has no slot for firmware");
	return Math.min(...sizes);
}

/** The image of the build in `output`: its bytes; throws `ImageError` where there is none or it does not fit. */
export function checkImage(output: string, slot: number): number {
	const [image] = find(join(output, "bin"), [IMAGE]);
	if (image === undefined)
		throw new ImageError("no-image", "the build left no new image: what idf.py said above is why");
	const { size } = statSync(image);
	if (size > slot)
		throw new ImageError(
			"image-too-large",
			`the image has ${size} bytes, ${size - slot} more than its slot of ${slot}: ` +
				"bench/RESULTS.md has its parts",
		);
	return size;
}
