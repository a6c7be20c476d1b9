// SPDX-License-Identifier: Apache-2.0

/** The boards of `npm run build:esp32 -- --board …`; their pins are in hal/esp32/boards. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface BoardBuild {
	/** The SDK's platform. */
	readonly target: string;
	/** The flash that it usually has. */
	readonly flash: string;
	/** What it adds to sdkconfig/sdkconfig.defaults: a file beside it. */
	readonly sdkconfig?: string;
}

export const BOARDS: Readonly<Record<string, BoardBuild>> = Object.freeze({
	devkitc: { target: "esp32", flash: "4MB" },
	"s3-devkitc": { target: "esp32/esp32s3", flash: "16MB", sdkconfig: "esp32s3.defaults" },
});

/** The sdkconfig of a board with so much flash. `folder`: sdkconfig. */
export function sdkconfigOf({ sdkconfig }: BoardBuild, flash: string, folder: string): string {
	const common = readFileSync(join(folder, "sdkconfig.defaults"), "utf8");
	const own = sdkconfig === undefined ? "" : readFileSync(join(folder, sdkconfig), "utf8");
	return `${common}\n${own}`.replace("FLASHSIZE_4MB", `FLASHSIZE_${flash}`);
}
