#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

import { existsSync } from "node:fs";

const main = new URL("../build/cli/main.js", import.meta.url);
if (existsSync(main)) {
	const { main: lintel } = await import(main.href);
	process.exitCode = await lintel(process.argv.slice(2));
} else {
	const message = "not built yet";
	const advice = "Run `npm ci` (or `npm run build`) in the checkout first.";
	const error = { reason: "not-built", message, advice, exit: 70 };
	if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ error })}\n`);
	else process.stderr.write(`lintel: ${message}\n  ${advice}\n`);
	process.exitCode = error.exit;
}
