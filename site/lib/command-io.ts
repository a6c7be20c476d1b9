// SPDX-License-Identifier: Apache-2.0

import { AsyncLocalStorage } from "node:async_hooks";
import type { EventEmitter } from "node:events";
import { readSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { isatty } from "node:tty";

/** A stream that is shown to a person where it is a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Input {
	readonly isTTY: boolean;
	/** To ask a person. */
	readonly stream: Readable;
	/** All of it, to its end; the same bytes again when it is called again, for a command may need a key twice. */
	readAll(): Uint8Array;
}

/** What a shell says of a process that a signal ended. */
export const ENDED_BY = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type EndingSignal = keyof typeof ENDED_BY;

/** What a command has of the process that it runs in. */
export interface CommandIo {
	readonly stdin: Input;
	readonly stdout: Output;
	readonly stderr: Output;
	/** Signals by their names; one that nothing listens to ends the command. */
	readonly signals: Pick<EventEmitter, "off" | "on" | "once">;
	/** Ends the command as a signal does that nothing listens to. */
	end(signal: EndingSignal): void;
	/** The code of a command that ends without an error; 0 where it is not set. */
	exitCode?: number | undefined;
}

const handed = new AsyncLocalStorage<CommandIo>();

/** Runs `work`, and all that it starts, with `io` in place of the process's own. */
export function withIo<T>(io: CommandIo, work: () => T): T {
	return handed.run(io, work);
}

/** Of the command that runs now. */
export function commandIo(): CommandIo {
	return handed.getStore() ?? processIo;
}

/** Between two looks at a pipe where nothing has come yet, ms. */
const PIPE_MS = 20;

let piped: Uint8Array | undefined;

/** The process's own. Its standard input is read by number: to touch `process.stdin` makes a pipe non-blocking. */
export const processIo: CommandIo = {
	stdin: {
		get isTTY() {
			return isatty(0);
		},
		get stream() {
			return process.stdin;
		},
		readAll: () => {
			piped ??= readToEnd(0);
			return piped;
		},
	},
	get stdout() {
		return process.stdout;
	},
	get stderr() {
		return process.stderr;
	},
	signals: process,
	end: (signal) => {
		// On Windows a signal that a process sends itself says nothing of which it was.
		if (process.platform === "win32") process.exit(ENDED_BY[signal]);
		process.removeAllListeners(signal);
		process.kill(process.pid, signal);
	},
};

/** Another program may have made the pipe non-blocking: that nothing has come yet is no error then. */
function readToEnd(descriptor: number): Uint8Array {
	const pieces: Buffer[] = [];
	for (;;) {
		const piece = Buffer.alloc(65_536);
		try {
			const length = readSync(descriptor, piece);
			if (length === 0) return Buffer.concat(pieces);
			pieces.push(piece.subarray(0, length));
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			// What Windows says at the end of a pipe.
			if (code === "EOF") return Buffer.concat(pieces);
			if (code !== "EAGAIN") throw error;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_MS);
		}
	}
}
