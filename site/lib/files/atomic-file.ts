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
 * A file that takes long to come: whether it can be written is known at once, and until all of it is there nobody sees any
 * of it, neither after an error nor after Ctrl-C. What stood there before stands until then. Errors of the file system are
 * thrown as they come.
 */
export class AtomicFile {
	/** What is written: beside the file, or, where that is a device or a pipe, the file. */
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

	/** All of it. */
	write(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
		if (this.#part !== this.#path) {
			fsyncSync(this.#descriptor);
			renameSync(this.#part, this.#path);
		}
	}

	/** In any case at the end; where nothing was written, nothing is left. */
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
