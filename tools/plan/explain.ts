import type { Command } from "commander";
import { CredentialError } from "../../src/credential/credential.js";
import { PlanFileError } from "./files.js";
import { KeyFileError } from "./keys.js";
import { PlanFileMistake } from "./read.js";

/** What the caller of a command can mend: told in one line, exit 1. Anything else is our defect and shows its stack. */
const MENDABLE = [PlanFileMistake, PlanFileError, KeyFileError, CredentialError, RangeError, SyntaxError];

/** Wraps an action of commander, whose last argument is the command itself. */
export function orExplain<A extends unknown[]>(action: (...args: A) => void): (...args: A) => void {
	return (...args) => {
		try {
			action(...args);
		} catch (error) {
			const isSystem = error instanceof Error && "syscall" in error;
			if (!isSystem && !MENDABLE.some((kind) => error instanceof kind)) throw error;
			(args.at(-1) as Command).error((error as Error).message, { exitCode: 1 });
		}
	};
}

export function say(command: Command, line: string): void {
	command.configureOutput().writeOut?.(`${line}\n`);
}
