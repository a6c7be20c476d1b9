// SPDX-License-Identifier: Apache-2.0

/** The user's Moddable SDK: where it is, and whether it is one that this manifest is written for. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** BLE server and flash of ECMA-419 as hal/esp32 uses them. */
const OLDEST: readonly [number, number] = [8, 2];

export class SdkError extends Error {
	readonly reason: "sdk-missing" | "sdk-incomplete" | "sdk-too-old";

	constructor(reason: SdkError["reason"], message: string) {
		super(message);
		this.reason = reason;
	}
}

export interface Sdk {
	readonly path: string;
	readonly version: string;
}

/** Reads the SDK that the environment names; throws `SdkError` where there is none or it is too old. */
export function findSdk(environment: Readonly<Record<string, string | undefined>>): Sdk {
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
	const [major = 0, minor = 0] = version.split(".").map(Number);
	if (!(major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])))
		throw new SdkError("sdk-too-old", `the Moddable SDK in ${path} is ${version}; Lintel needs 8.2 or newer`);
	return { path, version };
}
