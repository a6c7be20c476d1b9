// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { root } from "./host.js";
import { Transcript } from "./transcript.js";

/** A script of the checkout in a process of its own, whose words are waited for. */
export class Program {
	readonly #child: ChildProcess;
	readonly #transcript = new Transcript();
	readonly ended: Promise<number | null>;

	constructor(
		script: string,
		args: readonly string[],
		options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
	) {
		this.#child = spawn(process.execPath, [resolve(root, script), ...args], options);
		for (const stream of [this.#child.stdout!, this.#child.stderr!])
			stream.on("data", (bytes: Buffer) => this.#transcript.add(bytes.toString()));
		this.ended = new Promise((ended) =>
			this.#child.once("close", (code) => {
				this.#transcript.end();
				ended(code);
			}),
		);
	}

	get said(): string {
		return this.#transcript.text;
	}

	heard(words: string, from?: number): Promise<void> {
		return this.#transcript.heard(words, from);
	}

	/** Without a line's end, as keys are. */
	type(keys: string): void {
		this.#child.stdin!.write(keys);
	}

	kill(): void {
		this.#child.kill();
	}
}
