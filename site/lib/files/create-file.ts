// SPDX-License-Identifier: Apache-2.0

import {
	closeSync,
	existsSync,
	fsyncSync,
	openSync,
	readSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { Failure } from "./failure.js";

/**
 * Creates a file that must not exist yet; a power cut after the return does not lose it. Where that fails, as on a full disk, it
 * leaves none. `mode` of a secret: 0o600.
 */
export function createFile(path: string, content: string | Uint8Array, mode = 0o666): void {
	const descriptor = openSync(path, "wx", mode);
	try {
		writeFileSync(descriptor, content);
		fsyncSync(descriptor);
	} catch (error) {
		rmSync(path, { force: true });
		throw error;
	} finally {
		closeSync(descriptor);
	}
}

/** Age of a replacement from which it was cut off, and is not being written, ms. */
const CUT_OFF = 10_000;

interface Replacing {
	/** Where it is not to stay as it is. */
	readonly mode?: number;
	/** Throws where the file is not to be replaced; no other process can replace it meanwhile. */
	readonly check?: () => void;
}

/**
 * Puts `content` in place of a file's, which keeps its name where it is a link. After a power cut there is the old one or the
 * new one. Throws `Failure`: `busy`.
 */
export function replaceFile(path: string, content: string, { check, mode }: Replacing = {}): void {
	const target = realpathSync(path);
	const part = `${target}.part`;
	const began = statSync(part, { throwIfNoEntry: false })?.mtimeMs;
	if (began !== undefined && Math.abs(Date.now() - began) > CUT_OFF) rmSync(part, { force: true });
	if (existsSync(part))
		throw new Failure(
			"input",
			"busy",
			`another command is writing ${path}`,
			"Give the command again in some seconds.",
		);
	createFile(part, content, mode ?? statSync(target).mode & 0o777);
	try {
		check?.();
		renameSync(part, target);
	} catch (error) {
		rmSync(part, { force: true });
		throw error;
	}
}

/** Refuses a name that is taken, for commands that ask a person before they write. Throws `Failure`. */
export function refuseExisting(path: string): void {
	if (!existsSync(path)) return;
	throw new Failure(
		"input",
		"exists",
		`${path} is there already`,
		"Give another name, or move that file away.",
	);
}

/** Bytes that editors and shells put before a text: byte order marks, the zeros of UTF-16, blanks. */
const BEFORE = /^[\xef\xbb\xbf\xff\xfe\0\s]*/;

/**
 * Refuses to overwrite a file that holds JSON, such as a site's key or a plan file, with something that is not JSON. Throws
 * `Failure`.
 */
export function refuseOverJson(path: string): void {
	if (!existsSync(path) || !statSync(path).isFile()) return;
	const start = Buffer.alloc(64);
	const descriptor = openSync(path, "r");
	try {
		readSync(descriptor, start);
	} finally {
		closeSync(descriptor);
	}
	if (start.toString("latin1").replace(BEFORE, "")[0] !== "{") return;
	throw new Failure(
		"input",
		"other-file",
		`${path} holds JSON, as keys and door's files do, and is not written over by something else`,
		"Give another name; or delete that file, if it is not needed.",
	);
}
