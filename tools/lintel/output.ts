import type { Command } from "commander";
import { toHex } from "../../src/bytes.js";

/** Bytes as hexadecimal, so that every value of the protocol can be JSON. */
export function plain(value: unknown): unknown {
	if (value instanceof Uint8Array) return toHex(value);
	if (Array.isArray(value)) return value.map(plain);
	if (typeof value === "object" && value !== null)
		return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
	return value;
}

/** One result: a JSON line where `--json` was given, else lines for a person. */
export function print(command: Command, result: object, lines: readonly string[]): void {
	const json = command.optsWithGlobals().json === true;
	process.stdout.write(
		json ? `${JSON.stringify(plain(result))}\n` : lines.map((line) => `${line}\n`).join(""),
	);
}

/** `a.b: value` lines of an object. */
export function fieldLines(value: unknown, prefix = ""): string[] {
	const shown = plain(value);
	if (typeof shown !== "object" || shown === null) return [`${prefix}: ${String(shown)}`];
	return Object.entries(shown).flatMap(([name, inner]) =>
		fieldLines(inner, prefix === "" ? name : `${prefix}.${name}`),
	);
}

/** Where a job stands: on a terminal one line that moves, else nothing. */
export function progress(what: string, done: number, of: number): void {
	if (!process.stderr.isTTY) return;
	const filled = Math.round((20 * done) / of);
	const bar = "#".repeat(filled) + ".".repeat(20 - filled);
	process.stderr.write(`\r${what} [${bar}] ${done}/${of}${done >= of ? "\n" : ""}`);
}
