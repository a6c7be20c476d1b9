// SPDX-License-Identifier: Apache-2.0

/**
 * How a command of `lintel` ends. The numbers are stable: scripts depend on them. Commands throw a `Failure`; `main.ts`
 * prints it and turns it into the exit code.
 */
export const EXIT = Object.freeze({
	/** Done, or already as asked. */
	ok: 0,
	/** The reader or the file is not as asked: verify found a difference, a test failed, a log does not verify. */
	different: 1,
	/** The command line is wrong, or a question was not answered by yes. */
	usage: 2,
	/** A file is missing, unreadable, not valid or cannot be written. */
	input: 3,
	/** No reader found, or the port cannot be opened, or a program of the computer that is needed for it is missing. */
	"no-reader": 4,
	/** The reader was unplugged or stopped answering. */
	unplugged: 5,
	/** The reader, or the site's server, refused: not allowed, or not now. */
	refused: 6,
	/** Reader and `lintel` do not speak a common protocol version. */
	version: 7,
	/** Some readers of a batch are not done. */
	partial: 8,
	/** The site's server is not reached, or what answers is none. */
	"no-server": 9,
	/** A defect in lintel, or a broken installation of it. */
	internal: 70,
} as const);

export type ExitName = keyof typeof EXIT;

export const EXIT_HELP = `
Exit codes:
  0  done, or already as asked
  1  not as asked: verify found a difference, a test failed, a log does not verify
  2  wrong command line, or a question that was not answered by yes
  3  a file is missing, unreadable, not valid or cannot be written
  4  no reader found, its port cannot be opened, or a program of this computer is missing
  5  the reader was unplugged or stopped answering
  6  the reader refused, or the site's server
  7  reader and lintel speak no common protocol version
  8  some readers of a batch are not done
  9  the site's server is not reached, or what answers is none
  70 a defect in lintel, or it is not built
  130 ended by Ctrl-C (\`watch\` ends with 0); 129 by SIGHUP, 143 by SIGTERM
`;

/** An error that the user can act on: `message` says what is wrong, `advice` what to do. */
export class Failure extends Error {
	override readonly name = "Failure";
	readonly exit: ExitName;
	/** Stable, kebab-case. */
	readonly reason: string;
	readonly advice: string;

	constructor(exit: ExitName, reason: string, message: string, advice: string) {
		super(message);
		this.exit = exit;
		this.reason = reason;
		this.advice = advice;
	}
}

/** What a defect threw, with its stack where it has one. */
export function traceOf(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
