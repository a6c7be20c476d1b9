// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run build:esp32 -- [--board devkitc|s3-devkitc] [--flash 4MB|8MB|16MB] [--target esp32|esp32/…] [--debug]`, and `flash:esp32`, which also writes it to the
 * board: `mcconfig` of the user's own SDK over manifest.json. Exit code 1 and one clear line where that cannot work.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BOARDS, sdkconfigOf } from "./boards.js";
import { findSdk, SdkError } from "./sdk.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const SIZES: readonly string[] = ["4MB", "8MB", "16MB"];

/** The manifest of this board with so much flash: its partitions and its sdkconfig. */
function manifestFor(board: string, size: string): string {
	if (board === "devkitc" && size === "4MB") return join(root, "manifest.json");
	const name = `${board}-${size}`;
	const folder = join(root, ".cache/esp32", name);
	mkdirSync(folder, { recursive: true });
	const sdkconfig = sdkconfigOf(BOARDS[board]!, size, join(root, "sdkconfig"));
	writeFileSync(join(folder, "sdkconfig.defaults"), sdkconfig);
	const file = join(root, `.manifest-${name}.json`);
	const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8"));
	manifest.build.SDKCONFIGPATH = `./.cache/esp32/${name}`;
	manifest.build.PARTITIONS_FILE = `./partitions/${size}.csv`;
	writeFileSync(file, JSON.stringify(manifest));
	return file;
}

function main(): number {
	const { values } = parseArgs({
		options: {
			board: { type: "string", default: "devkitc" },
			flash: { type: "string" },
			target: { type: "string" },
			debug: { type: "boolean", default: false },
			deploy: { type: "boolean", default: false },
		},
	});
	const board = Object.hasOwn(BOARDS, values.board) ? BOARDS[values.board]! : undefined;
	if (board === undefined)
		throw new SdkError("sdk-incomplete", `--board is one of ${Object.keys(BOARDS).join(", ")}`);
	const { flash = board.flash, target = board.target } = values;
	if (!SIZES.includes(flash)) throw new SdkError("sdk-incomplete", `--flash is one of ${SIZES.join(", ")}`);
	const sdk = findSdk(process.env);
	if (process.env.IDF_PATH === undefined)
		throw new SdkError(
			"sdk-incomplete",
			"IDF_PATH is not set: run ESP-IDF's export.sh first (v6.0, as the SDK says)",
		);
	const args = [
		"-m",
		"-p",
		target,
		...(values.debug ? ["-d"] : []),
		...(values.deploy ? [] : ["-t", "build"]),
	];
	args.push(manifestFor(values.board, flash), ...(values.debug ? ["debugger=1"] : []));
	process.stdout.write(`Moddable SDK ${sdk.version}: mcconfig ${args.join(" ")}\n`);
	const { status, error } = spawnSync("mcconfig", args, { cwd: root, stdio: "inherit" });
	if (error)
		throw new SdkError(
			"sdk-incomplete",
			`mcconfig does not run (${error.message}): build the SDK's tools and put them on PATH`,
		);
	return status === 0 ? 0 : 1;
}

try {
	process.exitCode = main();
} catch (error) {
	process.stderr.write(`build:esp32: ${(error as Error).message}\n`);
	process.exitCode = 1;
}
