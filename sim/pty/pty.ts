// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How long socat may take to make its terminal, ms. */
const START_MS = 5000;

/**
 * A pseudo-terminal, so that programs that want a serial port find the simulated one. Node cannot open one; socat
 * (Debian package `socat`) can: it holds the master and passes bytes through its standard input and output.
 */
export class PseudoTerminal {
	/** What other programs open. */
	readonly path: string;
	readonly #folder: string;
	readonly #child: ChildProcess;
	/** Kept open: when the last user of a terminal leaves, its master reads an error and socat would end. */
	readonly #keeper: number;

	private constructor(
		folder: string,
		path: string,
		child: ChildProcess,
		onData: (bytes: Uint8Array) => void,
	) {
		this.#folder = folder;
		this.path = path;
		this.#child = child;
		this.#keeper = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
		// What was under way when it is closed is lost.
		child.stdin!.on("error", () => {});
		child.stdout!.on("data", (bytes: Buffer) => onData(new Uint8Array(bytes)));
	}

	/** Rejects with a clear message when socat is not installed. `onData`: what the other program wrote. */
	static async open(onData: (bytes: Uint8Array) => void): Promise<PseudoTerminal> {
		const folder = mkdtempSync(join(tmpdir(), "lintel-pty-"));
		const path = join(folder, "tty");
		const child = spawn("socat", ["-b", "64", "STDIO", `PTY,rawer,link=${path}`], {
			stdio: ["pipe", "pipe", "ignore"],
		});
		try {
			await new Promise<void>((resolve, reject) => {
				const began = Date.now();
				child.once("error", (error) => reject(new Error(`a pty needs socat: ${error.message}`)));
				child.once("exit", (code) => reject(new Error(`socat ended with ${code}`)));
				const look = (): void => {
					if (existsSync(path)) resolve();
					else if (Date.now() - began > START_MS) reject(new Error("socat made no terminal"));
					else setTimeout(look, 10);
				};
				look();
			});
			return new PseudoTerminal(folder, path, child, onData);
		} catch (error) {
			child.kill();
			rmSync(folder, { recursive: true, force: true });
			throw error;
		}
	}

	write(bytes: Uint8Array): void {
		this.#child.stdin!.write(bytes);
	}

	close(): void {
		closeSync(this.#keeper);
		this.#child.stdout!.destroy();
		this.#child.kill();
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
