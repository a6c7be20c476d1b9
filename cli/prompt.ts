import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { isatty } from "node:tty";
import { Failure } from "../site/lib/files/failure.js";
import { decodeText, readBytes } from "../site/lib/files/text-file.js";

/** Whether a person sits there who can be asked. Without `process.stdin`: to touch it makes a pipe non-blocking. */
export function isAttended(): boolean {
	return isatty(0) && isatty(2);
}

/**
 * A line from the terminal; what is typed is not shown where it is `secret`. Nothing where the input ends without one
 * (Ctrl-D). Ctrl-C ends as ever.
 */
export async function ask(question: string, secret = false): Promise<string> {
	const output = secret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
	// First: it ends the terminal's own echo, which would show what is typed the moment the question is there.
	const terminal = createInterface({ input: process.stdin, output, terminal: true });
	if (secret) process.stderr.write(question);
	try {
		terminal.on("SIGINT", () => process.exit(130));
		const answer = await new Promise<string | undefined>((resolve) => {
			const nothing = (): void => resolve(undefined);
			terminal.once("close", nothing);
			terminal.question(secret ? "" : question).then(resolve, nothing);
		});
		if (answer === undefined && !secret) process.stderr.write("\n");
		return answer ?? "";
	} finally {
		terminal.close();
		if (secret) process.stderr.write("\n");
	}
}

/**
 * A secret that is one line: from a file, from standard input (`-` or nothing where input is piped), or typed at a
 * terminal. Never from the command line, where other users see it and shells remember it. It is in no message.
 */
export async function readSecret(source: string | undefined, what: string): Promise<string> {
	const typed = (source ?? "-") === "-" && isatty(0);
	if (typed && !isAttended())
		throw new Failure(
			"usage",
			"no-terminal",
			`cannot ask for the ${what}: standard error is no terminal`,
			"Pipe it in, or give a file that holds it on its first line.",
		);
	return filled(typed ? await ask(`${what}: `, true) : firstLine(source ?? "-", what), what);
}

function firstLine(source: string, what: string): string {
	let read: ReturnType<typeof decodeText>;
	try {
		read = decodeText(readBytes(source));
	} catch (error) {
		// Without the name: somebody may have typed the secret itself there.
		throw new Failure(
			"input",
			"unreadable",
			`cannot read the ${what} (${(error as NodeJS.ErrnoException).code ?? "error"})`,
			"Give the name of a file that holds it, or - for standard input; never the secret itself.",
		);
	}
	if ("is" in read)
		throw new Failure(
			"input",
			"not-text",
			`the ${what} is not text in UTF-8 or UTF-16`,
			"Save the file that holds it as UTF-8.",
		);
	return read.text.split(/\r?\n/)[0]!;
}

function filled(line: string, what: string): string {
	if (line === "")
		throw new Failure(
			"input",
			"empty",
			`the ${what} is empty`,
			"Pipe it in, or give a file that holds it on its first line.",
		);
	return line;
}
