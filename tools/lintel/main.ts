/**
 * `lintel`, the command line of installers and site administrators. Every file in `commands/` exports
 * `register(program: Command): void`; nothing else has to know of it.
 */
import { readdirSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { EXIT, EXIT_HELP, Failure } from "./failure.js";

const commands = new URL("./commands/", import.meta.url);

async function build(): Promise<Command> {
	const program = new Command("lintel");
	program
		.description("Commissions and looks after Lintel door readers over a USB cable; manages a site's keys.")
		.option("--json", "one JSON object a line on standard output, for scripts")
		.exitOverride()
		.configureHelp({ showGlobalOptions: true })
		.addHelpText("after", EXIT_HELP);
	for (const file of readdirSync(commands).sort()) {
		if (!file.endsWith(".js")) continue;
		const module = (await import(new URL(file, commands).href)) as { register(program: Command): void };
		module.register(program);
	}
	return program;
}

/** Runs one command line; the exit code. */
export async function run(args: readonly string[]): Promise<number> {
	const json = args.includes("--json");
	try {
		const program = await build();
		await program.parseAsync([...args], { from: "user" });
		return typeof process.exitCode === "number" ? process.exitCode : EXIT.ok;
	} catch (error) {
		// Commander has printed its own message, or the help that was asked for.
		if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
		if (error instanceof Failure) {
			const { exit, reason, message, advice } = error;
			if (json)
				process.stdout.write(`${JSON.stringify({ error: { reason, message, advice, exit: EXIT[exit] } })}\n`);
			else process.stderr.write(`lintel: ${message}\n  ${advice}\n`);
			return EXIT[exit];
		}
		process.stderr.write(`lintel: internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
		return EXIT.internal;
	}
}
