// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { ReaderConfig } from "../protocol/config/document.js";
import { Failure } from "../site/lib/files/failure.js";

/** A line that a run wrote: door, reader, and a digest of the configuration that it has. People's own notes stay. */
const LINE = /^(\S+ \S+) ([0-9a-f]{16})$/;

/**
 * Which readers of a bench are done, for people: what the reader holds decides. Each line is of a configuration, so that a
 * list from another day does not call done what is to be something else by now.
 */
export class BatchProgress {
	readonly path: string;
	#lines: string[];
	#error: Error | undefined;

	/** Keeps what is still so by `wanted`. Throws `Failure` where nothing can be written, before any work is done. */
	constructor(path: string, wanted: readonly ReaderConfig[]) {
		this.path = path;
		const digests = new Set(wanted.map((configuration) => `${configuration.id} ${digest(configuration)}`));
		try {
			const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
			this.#lines = lines.filter((line) => {
				const [, reader, of] = LINE.exec(line) ?? [];
				return reader === undefined || digests.has(`${reader.split(" ")[0]} ${of}`);
			});
		} catch (error) {
			throw unusable(path, error as Error);
		}
		this.#write();
		if (this.#error !== undefined) throw unusable(path, this.#error);
	}

	/** Why the last change is not in the file; the next one writes all again. */
	get error(): Error | undefined {
		return this.#error;
	}

	done(reader: string, configuration: ReaderConfig): void {
		const line = `${configuration.id} ${reader} ${digest(configuration)}`;
		if (!this.#lines.includes(line)) this.#lines.push(line);
		this.#write();
	}

	/** It was, and is not any more. */
	undone(reader: string, configuration: ReaderConfig): void {
		const left = this.#lines.filter((line) => LINE.exec(line)?.[1] !== `${configuration.id} ${reader}`);
		if (left.length === this.#lines.length) return;
		this.#lines = left;
		this.#write();
	}

	/** Beside it first: a full disk leaves the old list. */
	#write(): void {
		const beside = `${this.path}.new`;
		try {
			writeFileSync(beside, this.#lines.map((line) => `${line}\n`).join(""));
			renameSync(beside, this.path);
			this.#error = undefined;
		} catch (error) {
			this.#error = error as Error;
		}
	}
}

function digest(configuration: ReaderConfig): string {
	return createHash("sha256").update(JSON.stringify(configuration)).digest("hex").slice(0, 16);
}

function unusable(path: string, error: Error): Failure {
	return new Failure(
		"input",
		"batch-progress",
		`cannot keep the list of what is done, ${path}: ${error.message}`,
		"No reader was touched. Put the list of readers into a folder where you may write, on a disk with room.",
	);
}
