// SPDX-License-Identifier: Apache-2.0

import { readFileSync, statSync } from "node:fs";
import { commandIo } from "../command-io.js";
import { Failure } from "./failure.js";
import { nameOf } from "./name-of.js";

/** Why the bytes of a file are not a text. */
export type NotText = "utf-16 without a mark" | "not text";

/**
 * Text as editors and shells write it: UTF-8, or what a byte order mark in front says, as PowerShell's `>` writes UTF-16
 * (Unicode 16, section 23.8). The mark is left out.
 */
export function decodeText(bytes: Uint8Array): { text: string } | { is: NotText } {
	const [a, b] = bytes;
	const label = a === 0xff && b === 0xfe ? "utf-16le" : a === 0xfe && b === 0xff ? "utf-16be" : "utf-8";
	let text: string;
	try {
		text = new TextDecoder(label, { fatal: true }).decode(bytes);
	} catch {
		return { is: "not text" };
	}
	if (!text.includes("\0")) return { text };
	// Latin letters in UTF-16: every other byte is zero.
	const start = bytes.subarray(0, 64);
	const zeros = (odd: number): boolean => start.every((byte, at) => at % 2 !== odd || byte === 0);
	return { is: zeros(0) !== zeros(1) ? "utf-16 without a mark" : "not text" };
}

/** Bytes of a file, or of standard input where `path` is `-`. */
export function readBytes(path: string): Uint8Array {
	return path === "-" ? commandIo().stdin.readAll() : readFileSync(path);
}

/**
 * Text from a file, or from standard input where `path` is `-`. `what` names it for people; `most` is its greatest size in
 * bytes. Throws `Failure`: `unreadable`, `too-large`, `empty`, `not-text`; nothing of the text, which may be a key, is in it.
 */
export function readText(path: string, what: string, most: number): string {
	const fail = (reason: string, message: string, advice: string): Failure =>
		new Failure("input", reason, message, advice);
	const name = nameOf(path);
	let bytes: Uint8Array | undefined;
	try {
		const file = path === "-" ? undefined : statSync(path);
		if (!file?.isFile() || file.size <= most) bytes = readBytes(path);
	} catch (error) {
		throw fail("unreadable", `cannot read ${what}: ${(error as Error).message}`, "Check its name.");
	}
	if (bytes === undefined || bytes.length > most)
		throw fail("too-large", `${what} is too large: ${name}`, "Check its name.");
	const read = decodeText(bytes);
	if ("is" in read)
		throw fail(
			"not-text",
			read.is === "not text"
				? `${what} is not text in UTF-8 or UTF-16: ${name}`
				: `${what} is in UTF-16 without a byte order mark: ${name}`,
			read.is === "not text" ? "Check its name; save it as UTF-8." : "Save it as UTF-8.",
		);
	if (read.text.trim() === "")
		throw path === "-"
			? fail("empty", `nothing came on standard input, where ${what} was to come from`, "Pipe it in.")
			: fail("empty", `${what} is empty: ${name}`, "Check its name, and what was to write it.");
	return read.text;
}
