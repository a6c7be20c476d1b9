// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { toHex } from "../protocol/bytes.js";
import { type CommandIo, commandIo, type Output } from "../site/lib/command-io.js";

/** Bytes as hexadecimal, so that every value of the protocol can be JSON. */
export function plain(value: unknown): unknown {
	if (value instanceof Uint8Array) return toHex(value);
	if (Array.isArray(value)) return value.map(plain);
	if (typeof value === "object" && value !== null)
		return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
	return value;
}

/** Without control characters: names from readers, radios and files are untrusted text on the installer's terminal. */
export function printable(text: string): string {
	return text.replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd");
}

/** One result: a JSON line where `--json` was given, else lines for a person. */
export function print(command: Command, result: object, lines: readonly string[]): void {
	const json = command.optsWithGlobals().json === true;
	progressOf(commandIo()).clear();
	commandIo().stdout.write(
		json ? `${JSON.stringify(plain(result))}\n` : lines.map((line) => `${printable(line)}\n`).join(""),
	);
}

/** `a.b: value` lines of an object. */
export function fieldLines(value: unknown, prefix = ""): string[] {
	const shown = plain(value);
	if (typeof shown !== "object" || shown === null) return [`${prefix}: ${String(shown)}`];
	if (Array.isArray(shown) && shown.every((item) => typeof item !== "object"))
		return [`${prefix}: ${shown.join(", ")}`];
	return Object.entries(shown).flatMap(([name, inner]) =>
		fieldLines(inner, prefix === "" ? name : `${prefix}.${name}`),
	);
}

/** Tells a person what to do now, on standard error. */
export function hint(text: string): void {
	const io = commandIo();
	progressOf(io).clear();
	io.stderr.write(`${printable(text)}\n`);
}

/** What is left of a job, for a person; nothing in its first seconds and its last. `ms`: since `from` were done. */
export function timeLeft(ms: number, from: number, done: number, of: number): string {
	if (ms < 3000 || done <= from) return "";
	const seconds = Math.round(((of - done) * ms) / (done - from) / 1000);
	if (seconds < 5) return "";
	return seconds < 100 ? `, ${seconds} s left` : `, ${Math.round(seconds / 60)} min left`;
}

/** Columns of a terminal that does not say. */
const COLUMNS = 80;
/** A bar shorter than this tells nothing. */
const LEAST = 5;

/**
 * A moving line that fits a terminal: one that wraps could not be taken back. The last column stays free, where some
 * terminals wrap already. `columns`: nothing or 0 where the terminal does not say.
 */
export function barLine(
	{ done, left, of, what }: { what: string; done: number; of: number; left: string },
	columns: number | undefined,
): string {
	const room = (columns || COLUMNS) - 1;
	const count = `${done}/${of}`;
	const part = of > 0 ? done / of : 1;
	for (const after of [`] ${count}${left}`, `] ${count}`]) {
		const width = Math.min(20, room - `${what} [${after}`.length);
		if (width < LEAST) continue;
		const filled = Math.round(width * part);
		return `${what} [${"#".repeat(filled)}${".".repeat(width - filled)}${after}`;
	}
	const percent = `${Math.floor(100 * part)}%`;
	return [`${what} ${count}`, count, percent].find((text) => text.length <= room) ?? "";
}

/** Between two lines about a long job where there is no terminal, ms. */
const LINE_MS = 5000;

/** What a command shows of its long jobs. */
class Progress {
	readonly #stderr: Output;
	/** A line that moves stands there. */
	#bar = false;
	#lastLine = 0;
	#job = { what: "", began: 0, from: 0, last: 0 };

	constructor(stderr: Output) {
		this.#stderr = stderr;
	}

	/** A bar that stands there gives its line to what is said now. */
	clear(): void {
		if (this.#bar) this.#stderr.write("\r\x1b[K");
		this.#bar = false;
	}

	show(what: string, done: number, of: number): void {
		const now = Date.now();
		if (this.#job.what !== what || done < this.#job.last)
			this.#job = { what, began: now, from: done, last: done };
		this.#job.last = done;
		const left = timeLeft(now - this.#job.began, this.#job.from, done, of);
		if (!this.#stderr.isTTY) {
			if (done === 0 || this.#lastLine === 0) this.#lastLine = now;
			if (now - this.#lastLine < LINE_MS) return;
			this.#lastLine = now;
			this.#stderr.write(`${what} ${done}/${of}${left}\n`);
			return;
		}
		const line = barLine({ what, done, of, left }, this.#stderr.columns);
		this.#stderr.write(`\r\x1b[K${line}${done >= of ? "\n" : ""}`);
		this.#bar = done < of;
	}
}

const shown = new WeakMap<CommandIo, Progress>();

function progressOf(io: CommandIo): Progress {
	const progress = shown.get(io) ?? new Progress(io.stderr);
	shown.set(io, progress);
	return progress;
}

/** Where a job stands: on a terminal one line that moves, else a plain line every 5 s. */
export function progress(what: string, done: number, of: number): void {
	progressOf(commandIo()).show(what, done, of);
}
