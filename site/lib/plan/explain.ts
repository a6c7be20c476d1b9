// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { Failure } from "../files/failure.js";
import { failureOf } from "../files/failure-of.js";
import { PlanFileError } from "./files.js";
import { PlanFileMistake } from "./read.js";

/** Errors that the user of a command can correct, with reason and advice. Any other is a defect of `lintel`. */
const MENDABLE = [
	[PlanFileMistake, "plan-file", "Change the plan file at that line and run the command again."],
	[PlanFileError, "plan-image", "Make it again with lintel plan compile."],
	[CredentialError, "credential", "Check the file, and that site.json is of the site that issued it."],
	[RangeError, "value", "See --help for what the command takes."],
	[SyntaxError, "syntax", "See --help for what the command takes."],
] as const;

/** Wraps an action of commander: errors that the user can correct become a `Failure` (exit 3). */
export function orExplain<A extends unknown[]>(
	action: (...args: A) => void | Promise<void>,
): (...args: A) => void | Promise<void> {
	return (...args) => {
		try {
			return action(...args)?.catch(explain);
		} catch (error) {
			explain(error);
		}
	};
}

function explain(error: unknown): never {
	if (error instanceof Failure || !(error instanceof Error)) throw error;
	for (const [kind, reason, advice] of MENDABLE)
		if (error instanceof kind) throw new Failure("input", reason, error.message, advice);
	throw "syscall" in error ? failureOf(error) : error;
}

/** A line for people, or with --json its `data` as one object a line. */
export function say(command: Command, line: string, data: object): void {
	const json = command.optsWithGlobals().json === true;
	command.configureOutput().writeOut?.(`${json ? JSON.stringify(data) : line}\n`);
}

/** Data that is shown as JSON either way. */
export function show(command: Command, data: object): void {
	say(command, JSON.stringify(data, null, "\t"), data);
}
