// SPDX-License-Identifier: Apache-2.0

import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { NodeCrypto } from "../hal/node/crypto.js";
import { toHex } from "../protocol/bytes.js";
import type { ReaderConfig } from "../protocol/config/document.js";
import { commandIo } from "../site/lib/command-io.js";
import { EXIT, Failure } from "../site/lib/files/failure.js";
import { failureOf } from "../site/lib/files/failure-of.js";
import { readJson } from "../site/lib/files/json-file.js";
import { readKeys } from "../site/lib/keys.js";
import { type ApplyOptions, applyTo } from "./apply-one.js";
import { BatchProgress } from "./batch-progress.js";
import { differenceLines, readConfiguration } from "./configuration.js";
import { hint, print, progress } from "./output.js";

interface Entry {
	readonly port: string;
	readonly wanted: ReaderConfig;
}

/**
 * Brings the readers of a bench to what their files say, one after the other, and goes on with the others where one fails.
 * What is done stands in `<file>.done`. Everything that files can have wrong is found before the first reader is touched.
 */
export async function applyAll(file: string, options: ApplyOptions, command: Command): Promise<void> {
	if (options.port !== undefined)
		throw new Failure("usage", "port-and-all", "--all has its ports in the file", "Leave --port out.");
	if (file === "-")
		throw new Failure(
			"usage",
			"no-file",
			"--all keeps a list of what is done beside its file",
			"Give the name of a file.",
		);
	const bench = readBench(file);
	if (options.siteKey !== undefined) readKeys(options.siteKey, new NodeCrypto());
	const wanted = bench.map((entry) => entry.wanted);
	const list = options.dryRun ? undefined : new BatchProgress(`${file}.done`, wanted);
	const failed: string[] = [];
	let done = 0;
	const io = commandIo();
	const interrupted = (): void => {
		hint(`stopped: ${done} of ${bench.length} readers are done; the same command goes on with the others`);
		io.end("SIGINT");
	};
	io.signals.once("SIGINT", interrupted);
	for (const [n, entry] of bench.entries()) {
		progress("readers", n, bench.length);
		try {
			await applyEntry(entry, options, list, command, () => done++);
		} catch (error) {
			failed.push(entry.port);
			printFailure(entry, error, command);
		}
	}
	progress("readers", bench.length, bench.length);
	io.signals.off("SIGINT", interrupted);
	endBatch(failed, list);
}

/** `done` is called as `applyTo` calls it: before a reader that starts again is waited for. */
async function applyEntry(
	{ port, wanted }: Entry,
	options: ApplyOptions,
	list: BatchProgress | undefined,
	command: Command,
	done: () => void,
): Promise<void> {
	const nameOf = (key: Uint8Array | undefined): string => (key === undefined ? port : toHex(key));
	await applyTo(
		{ ...options, port },
		wanted,
		({ key, ...applied }) => {
			done();
			list?.done(nameOf(key), wanted);
			const { changed, differences, dryRun } = applied;
			const end = changed ? "applied" : differences.length > 0 ? "would change" : "done already";
			print(command, { port, key, ...applied }, [
				`${port}: ${end}`,
				...(dryRun ? differenceLines(differences).map((line) => `  ${line}`) : []),
			]);
		},
		(key) => list?.undone(nameOf(key), wanted),
	);
}

function printFailure({ port, wanted }: Entry, error: unknown, command: Command): void {
	const { advice, exit, message, reason } = failureOf(error);
	print(command, { port, door: wanted.id, error: { reason, message, advice, exit: EXIT[exit] } }, [
		...`${port}: ${message}`.split("\n"),
		`  ${advice}`,
	]);
}

/** Throws `Failure` where a reader is not done, or the list could not be written. */
function endBatch(failed: readonly string[], list: BatchProgress | undefined): void {
	const unkept = list?.error && `the list ${list.path} could not be written: ${list.error.message}`;
	if (failed.length > 0)
		throw new Failure(
			"partial",
			"partial",
			[
				`${failed.length === 1 ? "one reader is" : `${failed.length} readers are`} not done: ${failed.join(", ")}`,
				...(unkept === undefined ? [] : [unkept]),
			].join("; "),
			"Mend what is said above and give the same command again: it goes on with these.",
		);
	if (unkept !== undefined)
		throw new Failure(
			"input",
			"batch-progress",
			`all readers are done; ${unkept}`,
			"Make room there, then give the same command again: it changes nothing, and writes the list.",
		);
}

function readBench(file: string): Entry[] {
	const { readers } = readJson(file, "the list of readers");
	if (!Array.isArray(readers) || readers.length === 0)
		throw new Failure(
			"input",
			"no-readers",
			`${file} has no list \`readers\``,
			'Write {"readers": [{"port": "/dev/ttyUSB0", "configuration": "front.json"}]}.',
		);
	const bench = readers.map((entry: { port?: unknown; configuration?: unknown } | null, n) => {
		const { configuration, port } = entry ?? {};
		if (typeof port !== "string" || port === "" || typeof configuration !== "string")
			throw new Failure(
				"input",
				"bad-entry",
				`${file}: readers[${n}] has no port or no configuration`,
				'A reader is {"port": "/dev/ttyUSB0", "configuration": "front.json"}.',
			);
		return { port, wanted: readConfiguration(resolve(dirname(file), configuration)) };
	});
	const ports = new Map<string, number>();
	const doors = new Map<string, number>();
	for (const [n, { port, wanted }] of bench.entries()) {
		const before = ports.get(device(port));
		if (before !== undefined)
			throw new Failure(
				"input",
				"port-twice",
				`${file}: readers[${before}] and readers[${n}] are at one port, ${port}`,
				"Give each reader its own port; `lintel readers` lists them.",
			);
		ports.set(device(port), n);
		const first = doors.get(wanted.id);
		// One on each side of a door is as it should be; a line that was copied and not changed is not.
		if (first !== undefined)
			hint(`${file}: readers[${first}] and readers[${n}] are both to be the reader of door ${wanted.id}`);
		else doors.set(wanted.id, n);
	}
	return bench;
}

/** What a port's name leads to: /dev/serial/by-id has others for the same. */
function device(port: string): string {
	try {
		return realpathSync(port);
	} catch {
		return port;
	}
}
