// SPDX-License-Identifier: Apache-2.0

import {
	closeSync,
	existsSync,
	fsyncSync,
	openSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
} from "node:fs";
import { commandIo, ENDED_BY, type EndingSignal } from "../command-io.js";
import { refuseOverJson } from "./create-file.js";

/**
 * A file whose content takes long to arrive. Whether it can be written is known at once; the previous file stays in place until all
 * of the new one is written, also after an error or Ctrl-C. Throws errors of the file system unchanged.
 */
export class AtomicFile {
	/** The path that is written to: a file beside the target, or the target itself where it is a device or a pipe. */
	readonly #part: string;
	readonly #path: string;
	readonly #descriptor: number;
	readonly #cleanUp = (): void => {
		if (this.#part !== this.#path) rmSync(this.#part, { force: true });
	};
	readonly #io = commandIo();
	readonly #signalled = (signal: EndingSignal): void => {
		this.#cleanUp();
		this.#io.end(signal);
	};

	constructor(path: string) {
		refuseOverJson(path);
		const there = existsSync(path);
		this.#path = there ? realpathSync(path) : path;
		const isFile = there && statSync(this.#path).isFile();
		if (isFile) closeSync(openSync(this.#path, "r+"));
		this.#part = there && !isFile ? this.#path : `${this.#path}.part`;
		this.#descriptor = openSync(this.#part, "w");
		process.on("exit", this.#cleanUp);
		for (const signal of signals()) this.#io.signals.on(signal, this.#signalled);
	}

	/** Writes the whole content. */
	write(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
		if (this.#part !== this.#path) {
			fsyncSync(this.#descriptor);
			renameSync(this.#part, this.#path);
		}
	}

	/** To be called at the end in any case. Where nothing was written, it leaves no file. */
	close(): void {
		closeSync(this.#descriptor);
		this.#cleanUp();
		process.off("exit", this.#cleanUp);
		for (const signal of signals()) this.#io.signals.off(signal, this.#signalled);
	}
}

function signals(): EndingSignal[] {
	return Object.keys(ENDED_BY) as EndingSignal[];
}
