// SPDX-License-Identifier: Apache-2.0

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { commandIo } from "../site/lib/command-io.js";
import { Failure } from "../site/lib/files/failure.js";
import { decodeText, readBytes } from "../site/lib/files/text-file.js";
import { hint } from "./output.js";

/** Whether a person sits there who can be asked. */
export function isAttended(): boolean {
	const { stdin, stderr } = commandIo();
	return stdin.isTTY && stderr.isTTY === true;
}

/**
 * A line from the terminal; what is typed is not shown where it is `secret`. Nothing where the input ends without one
 * (Ctrl-D). Ctrl-C ends as ever.
 */
export async function ask(question: string, secret = false): Promise<string> {
	const { end, stderr, stdin } = commandIo();
	const output = secret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : stderr;
	// First: it ends the terminal's own echo, which would show what is typed the moment the question is there.
	const terminal = createInterface({ input: stdin.stream, output, terminal: true });
	try {
		terminal.on("SIGINT", () => end("SIGINT"));
		const answer = await new Promise<string | undefined>((resolve) => {
			const nothing = (): void => resolve(undefined);
			terminal.once("close", nothing);
			terminal.question(secret ? "" : question).then(resolve, nothing);
			if (secret) stderr.write(question);
		});
		if (answer === undefined && !secret) stderr.write("\n");
		return answer ?? "";
	} finally {
		terminal.close();
		if (secret) stderr.write("\n");
	}
}

/** Whether the answer to a question, which ends in "?", is yes; anything else is no. */
export async function isYes(question: string): Promise<boolean> {
	return /^y(es)?$/i.test(await ask(`${question} [y/N] `));
}

/** Asks for the yes that a command needs, `said` first; `yes`: it was given with the command. Throws `Failure`. */
export async function confirm(said: readonly string[], question: string, yes: boolean): Promise<void> {
	if (yes) return;
	if (!isAttended())
		throw new Failure(
			"usage",
			"not-confirmed",
			`this has to be confirmed: ${said.join("; ")}`,
			"Give --yes if that is meant.",
		);
	for (const line of said) hint(line);
	if (await isYes(question)) return;
	throw new Failure("usage", "not-confirmed", "nothing was changed", "Answer yes if that is meant.");
}

/**
 * Refuses what would be read from one standard input: secrets that are typed where it is a terminal (`asked`), files (`-`).
 * Throws `Failure`.
 */
export function refuseOneInput(
	asked: readonly (string | undefined)[],
	files: readonly (string | undefined)[] = [],
): void {
	const read = files.filter((file) => file === "-").length;
	const wanted = asked.filter((source) => (source ?? "-") === "-").length;
	if (read + wanted < 2 || (read === 0 && commandIo().stdin.isTTY)) return;
	throw new Failure(
		"usage",
		"one-input",
		"two secrets cannot both come from standard input",
		"Put one of them into a file.",
	);
}

/**
 * A secret that is one line: from a file, from standard input (`-` or nothing where input is piped), or typed at a
 * terminal. Never from the command line, where other users see it and shells remember it. It is in no message.
 */
export async function readSecret(source: string | undefined, what: string): Promise<string> {
	const typed = isTyped(source);
	if (typed && !isAttended())
		throw new Failure(
			"usage",
			"no-terminal",
			`cannot ask for the ${what}: standard error is no terminal`,
			"Pipe it in, or give a file that holds it on its first line.",
		);
	return filled(typed ? await ask(`${what}: `, true) : firstLine(source ?? "-", what), what);
}

/** A new secret as `readSecret` has it; what is typed is asked for twice. `check` throws where it is not to be taken. */
export async function readNewSecret(
	source: string | undefined,
	what: string,
	check: (secret: string) => void,
): Promise<string> {
	const secret = await readSecret(source, what);
	check(secret);
	if (!isTyped(source) || (await ask(`${what} again: `, true)) === secret) return secret;
	throw new Failure(
		"input",
		"typed-differently",
		`the ${what} was typed in two ways`,
		"Give the same command again; nothing was written.",
	);
}

function isTyped(source: string | undefined): boolean {
	return (source ?? "-") === "-" && commandIo().stdin.isTTY;
}

function firstLine(source: string, what: string): string {
	let read: ReturnType<typeof decodeText>;
	try {
		read = decodeText(readBytes(source));
	} catch (error) {
		// Without the name: the secret itself may have been given in its place.
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
