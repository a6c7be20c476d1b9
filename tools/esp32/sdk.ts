// SPDX-License-Identifier: Apache-2.0

/** The user's Moddable SDK and ESP-IDF: where they are, and whether they are ones that this manifest is written for. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** BLE server and flash of ECMA-419 as hal/esp32 uses them. */
const OLDEST: readonly [number, number] = [8, 2];
/** mbedTLS 4, whose folders the manifest names. */
const OLDEST_IDF: readonly [number, number] = [6, 0];
/** The versions that the firmware was built with for a chip, by its whole tool chain. */
export const TRIED = Object.freeze({ sdk: "8.2.3", idf: "6.0.0" });

export class SdkError extends Error {
	readonly reason:
		| "sdk-missing"
		| "sdk-incomplete"
		| "sdk-too-old"
		| "idf-missing"
		| "idf-incomplete"
		| "idf-too-old";

	constructor(reason: SdkError["reason"], message: string) {
		super(message);
		this.reason = reason;
	}
}

export interface Sdk {
	readonly path: string;
	readonly version: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
	const [itsMajor = Number.NaN, itsMinor = 0] = version.split(".").map(Number);
	return !(itsMajor > major || (itsMajor === major && itsMinor >= minor));
}

/** Reads the SDK that the environment names; throws `SdkError` where there is none or it is too old. */
export function findSdk(environment: Environment): Sdk {
	const path = environment.MODDABLE;
	if (path === undefined || path === "")
		throw new SdkError(
			"sdk-missing",
			"MODDABLE is not set. Install the Moddable SDK 8.2 or newer (https://www.moddable.com/), " +
				"export MODDABLE=<its folder>, and put its build/bin/<your system>/release on PATH",
		);
	const file = join(path, "tools/VERSION");
	if (!existsSync(file))
		throw new SdkError(
			"sdk-incomplete",
			`MODDABLE is ${path}, and there is no Moddable SDK (no tools/VERSION)`,
		);
	const version = readFileSync(file, "utf8").trim();
	if (isOlder(version, OLDEST))
		throw new SdkError("sdk-too-old", `the Moddable SDK in ${path} is ${version}; Lintel needs 8.2 or newer`);
	return { path, version };
}

/** The same of ESP-IDF, which its export.sh puts into the environment. */
export function findIdf(environment: Environment): Sdk {
	const path = environment.IDF_PATH;
	if (path === undefined || path === "")
		throw new SdkError("idf-missing", "IDF_PATH is not set: run the export.sh of ESP-IDF v6.0 first");
	const file = join(path, "tools/cmake/version.cmake");
	if (!existsSync(file))
		throw new SdkError(
			"idf-incomplete",
			`IDF_PATH is ${path}, and there is no ESP-IDF (no tools/cmake/version.cmake)`,
		);
	const text = readFileSync(file, "utf8");
	const version = ["MAJOR", "MINOR", "PATCH"]
		.map((part) => new RegExp(`IDF_VERSION_${part} (\\d+)`).exec(text)?.[1] ?? "0")
		.join(".");
	if (isOlder(version, OLDEST_IDF))
		throw new SdkError("idf-too-old", `the ESP-IDF in ${path} is ${version}; Lintel needs 6.0 or newer`);
	return { path, version };
}
