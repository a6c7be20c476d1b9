// SPDX-License-Identifier: Apache-2.0

import { readdirSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { type CommandIo, commandIo, withIo } from "../site/lib/command-io.js";
import { EXIT, EXIT_HELP, Failure } from "../site/lib/files/failure.js";
import { failureOf } from "../site/lib/files/failure-of.js";
import { version } from "../site/lib/version.js";
import { printable } from "./output.js";

/** Every file in it exports `register(program: Command): void`; nothing else has to know of it. */
const commands = new URL("./commands/", import.meta.url);

/** The whole command line; with `json` commander says nothing of its own about what is wrong. */
export async function commandLine(json = false): Promise<Command> {
	const program = new Command("lintel");
	program
		.description("Commissions and looks after Lintel door readers over a USB cable; manages a site's keys.")
		.version(version, "--version", "this lintel's version")
		.option("--json", "one JSON object a line on standard output, for scripts")
		.exitOverride()
		// With --json the error becomes an object; see `run`.
		.configureOutput({
			writeOut: (text) => commandIo().stdout.write(text),
			writeErr: (text) => commandIo().stderr.write(text),
			getOutHelpWidth: () => commandIo().stdout.columns ?? 80,
			getErrHelpWidth: () => commandIo().stderr.columns ?? 80,
			outputError: (text, write) => (json ? undefined : write(text)),
		})
		.showHelpAfterError(json ? false : "  Add --help to see what the command takes.")
		.configureHelp({ showGlobalOptions: true })
		.addHelpText("afterAll", EXIT_HELP);
	for (const file of readdirSync(commands).sort()) {
		if (!file.endsWith(".js")) continue;
		const module = (await import(new URL(file, commands).href)) as { register(program: Command): void };
		module.register(program);
	}
	return program;
}

/** Runs one command line of `lintel` in this process; the exit code. */
export function run(args: readonly string[], io: CommandIo): Promise<number> {
	const json = args.includes("--json");
	return withIo(io, async () => {
		try {
			refuseRenamed(args);
			const program = await commandLine(json);
			await program.parseAsync([...args], { from: "user" });
			return io.exitCode ?? EXIT.ok;
		} catch (error) {
			if (!(error instanceof CommanderError)) return tellFailure(error, io, json);
			// Commander has printed its own message, or the help that was asked for.
			if (error.exitCode === 0) return EXIT.ok;
			const reason = error.code
				.replace(/^commander\./, "")
				.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
			const message = error.message.replace(/^error: /, "");
			if (json) tell(io, { reason, message, advice: "See --help.", exit: EXIT.usage });
			return EXIT.usage;
		}
	});
}

/** Refuses `--key`, which meant the site's secret key in all commands but one, and there a reader's public key. */
function refuseRenamed(args: readonly string[]): void {
	if (!args.some((arg) => arg === "--key" || arg.startsWith("--key="))) return;
	throw new Failure(
		"usage",
		"renamed-option",
		"there is no option --key any more",
		"Give the file of your keys as --site-key, a reader's public key (`log verify`) as --reader-key.",
	);
}

/** The exit code. */
export function tellFailure(error: unknown, io: CommandIo, json: boolean): number {
	const { exit, reason, message, advice } = failureOf(error);
	if (json) tell(io, { reason, message, advice, exit: EXIT[exit] });
	else io.stderr.write(`lintel: ${message.split("\n").map(printable).join("\n")}\n  ${advice}\n`);
	return EXIT[exit];
}

function tell(io: CommandIo, error: object): void {
	io.stdout.write(`${JSON.stringify({ error })}\n`);
}
