// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run build:esp32 -- [--flash 4MB|8MB|16MB] [--target esp32|esp32/…] [--debug]`, and `flash:esp32`, which also writes it to the
 * board: `mcconfig` of the user's own SDK over manifest.json. Exit code 1 and one clear line where that cannot work.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findSdk, SdkError } from "./sdk.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const SIZES: readonly string[] = ["4MB", "8MB", "16MB"];

/** A folder with the manifest of this flash size: its partitions and its line in sdkconfig. */
function manifestFor(size: string): string {
	if (size === "4MB") return join(root, "manifest.json");
	const folder = join(root, ".cache/esp32", size);
	mkdirSync(folder, { recursive: true });
	const defaults = readFileSync(join(root, "sdkconfig/sdkconfig.defaults"), "utf8");
	writeFileSync(join(folder, "sdkconfig.defaults"), defaults.replace("FLASHSIZE_4MB", `FLASHSIZE_${size}`));
	const file = join(root, `.manifest-${size}.json`);
	const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8"));
	manifest.build.SDKCONFIGPATH = `./.cache/esp32/${size}`;
	manifest.build.PARTITIONS_FILE = `./partitions/${size}.csv`;
	writeFileSync(file, JSON.stringify(manifest));
	return file;
}

function main(): number {
	const { values } = parseArgs({
		options: {
			flash: { type: "string", default: "4MB" },
			target: { type: "string", default: "esp32" },
			debug: { type: "boolean", default: false },
			deploy: { type: "boolean", default: false },
		},
	});
	if (!SIZES.includes(values.flash))
		throw new SdkError("sdk-incomplete", `--flash is one of ${SIZES.join(", ")}`);
	const sdk = findSdk(process.env);
	if (process.env.IDF_PATH === undefined)
		throw new SdkError(
			"sdk-incomplete",
			"IDF_PATH is not set: run ESP-IDF's export.sh first (v6.0, as the SDK says)",
		);
	const args = [
		"-m",
		"-p",
		values.target,
		...(values.debug ? ["-d"] : []),
		...(values.deploy ? [] : ["-t", "build"]),
	];
	args.push(manifestFor(values.flash), ...(values.debug ? ["debugger=1"] : []));
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
