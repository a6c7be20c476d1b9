// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run build:esp32 -- [--board devkitc|s3-devkitc] [--flash 4MB|8MB|16MB] [--target esp32|esp32/…] [--debug] [--out FOLDER]`:
 * `mcconfig` of the user's own SDK over manifest.json, then a look whether the image is new and fits its slot. `flash:esp32` also
 * writes it to the board. Exit code 1 and one clear line where that cannot work.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BOARDS, type BoardBuild, sdkconfigOf } from "./boards.js";
import { checkImage, removeImages, slotSize } from "./image.js";
import { findIdf, findSdk, SdkError, TRIED } from "./sdk.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const SIZES: readonly string[] = ["4MB", "8MB", "16MB"];

interface Build {
	readonly board: BoardBuild;
	/** Of board and flash size. */
	readonly name: string;
	readonly flash: string;
	readonly target: string;
	readonly debug: boolean;
	readonly output: string;
}

/** The manifest of this board with so much flash: its partitions and its sdkconfig. */
function manifestFor({ board, name, flash, output }: Build): string {
	const sdkconfig = join(output, "sdkconfig");
	mkdirSync(sdkconfig, { recursive: true });
	writeFileSync(join(sdkconfig, "sdkconfig.defaults"), sdkconfigOf(board, flash, join(root, "sdkconfig")));
	const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8"));
	manifest.build.SDKCONFIGPATH = sdkconfig;
	manifest.build.PARTITIONS_FILE = `./partitions/${flash}.csv`;
	const file = join(root, `.manifest-${name}.json`);
	writeFileSync(file, JSON.stringify(manifest));
	return file;
}

function mcconfig(build: Build, goal: "build" | "deploy"): number {
	const args = ["-m", "-p", build.target, ...(build.debug ? ["-d"] : []), "-t", goal, "-o", build.output];
	args.push(manifestFor(build), ...(build.debug ? ["debugger=1"] : []));
	process.stdout.write(`mcconfig ${args.join(" ")}\n`);
	const { status, error } = spawnSync("mcconfig", args, { cwd: root, stdio: "inherit" });
	if (error)
		throw new SdkError(
			"sdk-incomplete",
			`mcconfig does not run (${error.message}): build the SDK's tools and put them on PATH`,
		);
	return status ?? 1;
}

function readArguments(): Build & { readonly deploy: boolean } {
	const { values } = parseArgs({
		options: {
			board: { type: "string", default: "devkitc" },
			flash: { type: "string" },
			target: { type: "string" },
			out: { type: "string" },
			debug: { type: "boolean", default: false },
			deploy: { type: "boolean", default: false },
		},
	});
	const board = Object.hasOwn(BOARDS, values.board) ? BOARDS[values.board]! : undefined;
	if (board === undefined)
		throw new SdkError("sdk-incomplete", `--board is one of ${Object.keys(BOARDS).join(", ")}`);
	const { flash = board.flash, target = board.target, debug, deploy } = values;
	if (!SIZES.includes(flash)) throw new SdkError("sdk-incomplete", `--flash is one of ${SIZES.join(", ")}`);
	const name = `${values.board}-${flash}`;
	const output = resolve(values.out ?? join(root, ".cache/esp32", name));
	return { board, name, flash, target, debug, deploy, output };
}

function main(): number {
	const build = readArguments();
	const sdk = findSdk(process.env).version;
	const idf = findIdf(process.env).version;
	const tried =
		sdk === TRIED.sdk && idf === TRIED.idf ? "" : ` (tried with SDK ${TRIED.sdk}, ESP-IDF ${TRIED.idf})`;
	process.stdout.write(`Moddable SDK ${sdk}, ESP-IDF ${idf}${tried}\n`);
	mkdirSync(build.output, { recursive: true });
	removeImages(build.output);
	const status = mcconfig(build, "build");
	if (status !== 0) return 1;
	const slot = slotSize(readFileSync(join(root, `partitions/${build.flash}.csv`), "utf8"));
	const size = checkImage(build.output, slot);
	process.stdout.write(`The image has ${size} bytes; ${slot - size} of its slot are spare.\n`);
	return build.deploy && mcconfig(build, "deploy") !== 0 ? 1 : 0;
}

try {
	process.exitCode = main();
} catch (error) {
	process.stderr.write(`build:esp32: ${(error as Error).message}\n`);
	process.exitCode = 1;
}
