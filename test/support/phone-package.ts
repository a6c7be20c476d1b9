import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./host.js";

/** Makes the phone's package in `build/npm/phone`, as `npm run build:phone` does; its folder. */
export function buildPhonePackage(): string {
	const run = (...args: string[]): Buffer => execFileSync(process.execPath, args, { cwd: root });
	run(join(root, "node_modules/typescript/bin/tsc"), "-p", "phone");
	run(join(root, "build/tools/phone/package.js"));
	return join(root, "build/npm/phone");
}
