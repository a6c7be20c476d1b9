// SPDX-License-Identifier: Apache-2.0

/** `lintel`, the command line of installers and site administrators, as a process. */
import { processIo } from "../site/lib/command-io.js";
import { EXIT } from "../site/lib/files/failure.js";
import { failureOf } from "../site/lib/files/failure-of.js";
import { run, tellFailure } from "./run.js";

/** Runs one command line; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
	process.stdout.on("error", readerLeft);
	// A closed standard error changes no exit code.
	process.stderr.on("error", () => {});
	// A defect in what a port's bytes started: Node's own code for it is 1, which says something else here.
	process.once("uncaughtException", (error) =>
		process.exit(tellFailure(error, processIo, args.includes("--json"))),
	);
	return run(args, processIo);
}

/**
 * `lintel apply --all bench.json | head`: the reader of the output has ended, and nothing went wrong. The work goes on to
 * its end, and its exit code says what became of it.
 */
function readerLeft(error: NodeJS.ErrnoException): void {
	if (error.code === "EPIPE") return;
	const { advice, exit, message } = failureOf(error);
	process.stderr.write(`lintel: the output could not be written: ${message}\n  ${advice}\n`);
	process.exit(EXIT[exit]);
}
