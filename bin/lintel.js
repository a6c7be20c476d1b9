#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../build/tools/lintel/main.js", import.meta.url);
if (existsSync(main)) {
	const { run } = await import(main.href);
	process.exitCode = await run(process.argv.slice(2));
} else {
	process.stderr.write("lintel: not built yet. Run `npm ci` (or `npm run build`) in the checkout first.\n");
	process.exitCode = 70;
}
