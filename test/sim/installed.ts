import { spawnSync } from "node:child_process";
import type { Context } from "mocha";

/** Skips a spec where a program is missing; in CI that is a failure, with the Debian packages to install. */
export function needs(context: Context, programs: Record<string, string>): void {
	const missing = Object.entries(programs).filter(
		([program]) => spawnSync(program, ["-h"]).error !== undefined,
	);
	if (missing.length === 0) return;
	const text = missing.map(([program, debian]) => `${program} (Debian package ${debian})`).join(", ");
	if (process.env.CI) throw new Error(`missing in CI: ${text}`);
	context.skip();
}
