// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/host.js";

/** The commands of README's installer section as they stand there, block by block: up to the tap, and after it. */
export function readmeCommands(): string[][] {
	const readme = readFileSync(join(root, "README.md"), "utf8");
	const start = readme.indexOf("## Installing a reader");
	const section = readme.slice(start, readme.indexOf("\n## ", start));
	return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) =>
		block!.split("\n").filter((line) => line.startsWith("npx lintel ")),
	);
}
