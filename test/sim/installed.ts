// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "mocha";
import { type XsEngine, type XsEngineOptions, xsEngine } from "../../sim/engine/xs.js";
import { MissingTool } from "../../tools/xs/build.js";
import { root, skip } from "../support/host.js";

/** Skips a spec for want of what CI installs: there it fails. */
export function missing(context: Context, what: string): never {
	if (process.env.CI) throw new Error(`missing in CI: ${what}`);
	return skip(context, `for want of ${what}`);
}

/** Skips a spec where a program is missing, and says which Debian package has it. */
export function needs(context: Context, programs: Record<string, string>): void {
	const absent = Object.entries(programs).filter(
		([program]) => spawnSync(program, ["-h"]).error !== undefined,
	);
	if (absent.length === 0) return;
	const names = absent.map(([program]) => program).join(", ");
	const packages = absent.map(([, debian]) => debian).join(" ");
	missing(context, `${names}. On Debian: apt-get install ${packages}`);
}

/** Skips a spec where npm has left bleno out, which is optional. */
export function needsBleno(context: Context): void {
	const bleno = "@stoprocent/bleno";
	const { optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
	if (!existsSync(join(root, "node_modules", bleno)))
		missing(
			context,
			`${bleno}. Without compiling: npm install --no-save --ignore-scripts ${bleno}@${optionalDependencies[bleno]}`,
		);
}

/** The XS engine; skips a spec where it cannot be built. */
export function engineFor(context: Context, options: XsEngineOptions = {}): XsEngine {
	try {
		return xsEngine(options);
	} catch (error) {
		if (!(error instanceof MissingTool) || process.env.CI) throw error;
		return skip(context, error.message);
	}
}
