// SPDX-License-Identifier: Apache-2.0

import { EventEmitter } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { assert } from "chai";
import { run } from "../../cli/run.js";
import { type CommandIo, ENDED_BY, type EndingSignal, type Output } from "../../site/lib/command-io.js";
import { Transcript } from "../support/transcript.js";

export interface Ended {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

interface Options {
	/** All of its standard input, where that is no terminal. */
	readonly input?: string | undefined;
	/** At a terminal with so many columns, where `keys` are typed. */
	readonly columns?: number;
	/** After each text of its standard output, and at a terminal of its standard error. */
	readonly said?: () => void;
}

/** A command line of `lintel` in this process. */
export class Lintel {
	readonly ended: Promise<Ended>;
	readonly keys = new PassThrough();
	out = "";
	err = "";
	readonly #shown = new Transcript();
	readonly #signals = new EventEmitter();

	constructor(args: readonly string[], { input = "", columns, said }: Options = {}) {
		const isTTY = columns !== undefined;
		const output = (take: (text: string) => void): Output => {
			const stream = new Writable({
				// At once, so that all is there when the command has ended.
				write: (chunk: Uint8Array, _encoding, done) => {
					const text = Buffer.from(chunk).toString();
					this.#shown.add(text);
					take(text);
					done();
				},
			});
			return isTTY ? Object.assign(stream, { isTTY, columns }) : stream;
		};
		let end!: (signal: EndingSignal) => void;
		const signalled = new Promise<number>((resolve) => {
			end = (signal) => resolve(ENDED_BY[signal]);
		});
		const io: CommandIo = {
			stdin: { isTTY, stream: this.keys, readAll: () => Buffer.from(input) },
			stdout: output((text) => {
				this.out += text;
				said?.();
			}),
			stderr: output((text) => {
				this.err += text;
				if (isTTY) said?.();
			}),
			signals: this.#signals,
			end,
		};
		this.ended = Promise.race([run(args, io), signalled]).then((code) => {
			this.#shown.end();
			return { code, out: this.out, err: this.err };
		});
	}

	/** Both, as a terminal shows them. */
	get shown(): string {
		return this.#shown.text;
	}

	heard(words: string): Promise<void> {
		return this.#shown.heard(words);
	}

	/** Ctrl-C, for a command that listens to it: others would have to end, and their process with them. */
	interrupt(): void {
		assert.isTrue(this.#signals.emit("SIGINT"), "nothing listens");
	}
}
