// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { root } from "./host.js";

/** Makes the phone's package as `npm run build:phone` does, in a new folder that finds the checkout's packages; its folder. */
export function buildPhonePackage(): string {
	mkdirSync(join(root, "build/npm"), { recursive: true });
	const folder = mkdtempSync(join(root, "build/npm/phone-"));
	const run = (...args: string[]): Buffer => execFileSync(process.execPath, args, { cwd: root });
	run(join(root, "node_modules/typescript/bin/tsc"), "-p", "phone", "--outDir", folder);
	run(join(root, "build/tools/phone/package.js"), folder);
	return folder;
}
