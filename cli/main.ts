/**
 * `lintel`, the command line of installers and site administrators. Every file in `commands/` exports
 * `register(program: Command): void`; nothing else has to know of it.
 */
import { readdirSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { EXIT, EXIT_HELP, Failure, failureOf } from "../site/lib/files/failure.js";
import { version } from "../site/lib/version.js";
import { printable } from "./output.js";

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
		.configureOutput({ outputError: (text, write) => (json ? undefined : write(text)) })
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

/** Runs one command line; the exit code. */
export async function run(args: readonly string[]): Promise<number> {
	const json = args.includes("--json");
	process.stdout.on("error", readerLeft);
	// What nobody hears is no reason to end with another code.
	process.stderr.on("error", () => {});
	// A defect in what a port's bytes started: Node's own code for it is 1, which says something else here.
	process.once("uncaughtException", (error) => process.exit(tellFailure(error, json)));
	try {
		refuseRenamed(args);
		const program = await commandLine(json);
		await program.parseAsync([...args], { from: "user" });
		return typeof process.exitCode === "number" ? process.exitCode : EXIT.ok;
	} catch (error) {
		if (error instanceof CommanderError) {
			// Commander has printed its own message, or the help that was asked for.
			if (error.exitCode === 0) return EXIT.ok;
			const reason = error.code
				.replace(/^commander\./, "")
				.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
			if (json) tell(reason, error.message.replace(/^error: /, ""), "See --help.", EXIT.usage);
			return EXIT.usage;
		}
		return tellFailure(error, json);
	}
}

/** Refuses `--key`, which meant the site's secret key in all commands but one, and there a reader's public key. */
function refuseRenamed(args: readonly string[]): void {
	if (!args.some((arg) => arg === "--key" || arg.startsWith("--key="))) return;
	throw new Failure(
		"usage",
		"renamed-option",
		"there is no option --key any more",
		"Give the site's key file as --site-key, a reader's public key (`log verify`) as --reader-key.",
	);
}

/** The exit code. */
function tellFailure(error: unknown, json: boolean): number {
	const { exit, reason, message, advice } = failureOf(error);
	if (json) tell(reason, message, advice, EXIT[exit]);
	else process.stderr.write(`lintel: ${message.split("\n").map(printable).join("\n")}\n  ${advice}\n`);
	return EXIT[exit];
}

function tell(reason: string, message: string, advice: string, exit: number): void {
	process.stdout.write(`${JSON.stringify({ error: { reason, message, advice, exit } })}\n`);
}

/**
 * `lintel apply --all bench.json | head`: whoever read the output has had enough, and nothing went wrong. The work goes on to
 * its end, and its exit code says what became of it.
 */
function readerLeft(error: NodeJS.ErrnoException): void {
	if (error.code === "EPIPE") return;
	const { advice, exit, message } = failureOf(error);
	process.stderr.write(`lintel: the output could not be written: ${message}\n  ${advice}\n`);
	process.exit(EXIT[exit]);
}
