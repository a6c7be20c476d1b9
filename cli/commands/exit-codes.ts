// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { commandIo } from "../../site/lib/command-io.js";
import { EXIT } from "../../site/lib/files/failure.js";

/** `lintel exit-codes`: the numbers for scripts, so that none has to copy them from the help. */
export function register(program: Command): void {
	program
		.command("exit-codes")
		.description("print the exit codes as one JSON object")
		.action(() => {
			commandIo().stdout.write(`${JSON.stringify(EXIT)}\n`);
		});
}
