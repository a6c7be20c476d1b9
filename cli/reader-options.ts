// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";

export interface ReaderOptions {
	readonly port?: string | undefined;
	readonly siteKey?: string | undefined;
	/** The only door whose reader may be worked on. */
	readonly door?: string | undefined;
	/** The command reads the log. */
	readonly log?: boolean | undefined;
	/** The command erases the reader's keys. */
	readonly erases?: boolean | undefined;
	/** The command gives the reader other credentials than it has, which need not be good. */
	readonly certifies?: boolean | undefined;
}

export function readerOptions(command: Command): Command {
	return command
		.option("--port <path>", "the reader's serial port; needed where several are plugged in")
		.option(
			"--site-key <file>",
			"your keys of the site (`lintel site init`, `site key`), or - for standard input",
		)
		.option(
			"--door <name>",
			"work on the reader of this door alone; another is refused before it is proved anything",
		);
}
