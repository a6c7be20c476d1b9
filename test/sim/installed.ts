import { spawnSync } from "node:child_process";
import type { Context } from "mocha";
import { type XsEngine, xsEngine } from "../../sim/engine/xs.js";
import { MissingTool } from "../../tools/xs/build.js";

/** Skips a spec where a program is missing, and says which; in CI that is a failure, with the Debian packages to install. */
export function needs(context: Context, programs: Record<string, string>): void {
	const missing = Object.entries(programs).filter(
		([program]) => spawnSync(program, ["-h"]).error !== undefined,
	);
	if (missing.length === 0) return;
	const text = missing.map(([program, debian]) => `${program} (Debian package ${debian})`).join(", ");
	if (process.env.CI) throw new Error(`missing in CI: ${text}`);
	console.log(`      skipped for want of ${text}`);
	context.skip();
}

/** The XS engine; skips a spec where it cannot be built, which is a failure in CI. */
export function engineFor(context: Context): XsEngine {
	try {
		return xsEngine();
	} catch (error) {
		if (!(error instanceof MissingTool) || process.env.CI) throw error;
		return context.skip();
	}
}
