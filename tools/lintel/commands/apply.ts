import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { toHex } from "../../../src/bytes.js";
import { type Fields, isFields } from "../../../src/provisioning/value.js";
import { type Difference, differenceLines, differences, readConfiguration } from "../configuration.js";
import { EXIT, Failure } from "../failure.js";
import { readJson } from "../json-file.js";
import { print, progress } from "../output.js";
import { type ReaderOptions, readerOptions, restarted, withAuthority } from "../reader-options.js";
import { refusal } from "../refusal.js";

interface ApplyOptions extends ReaderOptions {
	readonly dryRun?: boolean;
	readonly all?: boolean;
}

/** `lintel apply`, `verify`: a door's file to the reader, and back. */
export function register(program: Command): void {
	readerOptions(program.command("apply <file>"))
		.description("bring the reader to what the file says; the same again changes nothing")
		.option("--dry-run", "only show what would change")
		.option("--all", 'the file lists readers of a bench: {"readers": [{"port", "configuration"}]}')
		.action(async (file: string, options: ApplyOptions, command: Command) => {
			if (options.all) await applyAll(file, options, command);
			else await apply(file, options, command);
		});
	readerOptions(program.command("verify <file>"))
		.description("read the configuration back and compare; exit 1 where it differs")
		.action((file: string, options: ReaderOptions, command: Command) => {
			const wanted = readConfiguration(file);
			return withAuthority(options, async (reader) => {
				const list = differences(await reader.request("configuration"), wanted);
				print(
					command,
					{ same: list.length === 0, differences: list },
					list.length === 0 ? ["as in the file"] : differenceLines(list),
				);
				if (list.length > 0) process.exitCode = EXIT.different;
			});
		});
}

async function apply(file: string, options: ApplyOptions, command: Command): Promise<void> {
	const wanted = readConfiguration(file);
	const { dryRun = false } = options;
	/** What differed when it was first looked at: a reader that takes it over may have no time to say so. */
	let list: Difference[] | undefined;
	await withAuthority(options, async (reader, info) => {
		// The reader would refuse it; a dry run has to say so too.
		if (info.commissioned === true && info.door !== wanted.id)
			throw refusal({ reason: "wrong-door", message: `this is the reader of door ${String(info.door)}` });
		const left = differences(await reader.request("configuration"), wanted);
		list ??= left;
		const reply =
			left.length > 0 && !dryRun
				? await reader.request("apply", { configuration: wanted as unknown as Fields })
				: undefined;
		const end = list.length === 0 ? "nothing to change" : dryRun ? "nothing changed (dry run)" : "applied";
		print(command, { changed: list.length > 0 && !dryRun, dryRun, differences: list }, [
			...differenceLines(list),
			end,
		]);
		await restarted(reader, reply);
	});
}

/** Goes on where an earlier run of the same file stopped: what is done stands in `<file>.done`. */
async function applyAll(file: string, options: ApplyOptions, command: Command): Promise<void> {
	if (options.port !== undefined)
		throw new Failure("usage", "port-and-all", "--all has its ports in the file", "Leave --port out.");
	const readers = readBench(file);
	const doneFile = `${file}.done`;
	const done = new Set(
		existsSync(doneFile) ? readFileSync(doneFile, "utf8").split("\n").filter(Boolean) : [],
	);
	let left = 0;
	for (const [n, { configuration, port }] of readers.entries()) {
		progress("readers", n, readers.length);
		try {
			const wanted = readConfiguration(configuration);
			let changed = false;
			const outcome = await withAuthority({ ...options, port }, async (reader, info) => {
				const name = `${wanted.id} ${info.key instanceof Uint8Array ? toHex(info.key) : port}`;
				const now = await reader.request("configuration");
				// The list helps people; what the reader holds decides.
				if (isFields(now) && differences(now, wanted).length === 0) return { name, changed };
				changed = true;
				if (!options.dryRun) await reader.request("apply", { configuration: wanted as unknown as Fields });
				return { name, changed };
			});
			if (!options.dryRun && !done.has(outcome.name)) {
				done.add(outcome.name);
				writeFileSync(doneFile, `${[...done].join("\n")}\n`);
			}
			print(command, { port, ...outcome }, [
				`${port}: ${outcome.changed ? (options.dryRun ? "would change" : "applied") : "done already"}`,
			]);
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
			left++;
			const { advice, message, reason } = error;
			print(command, { port, error: reason, advice }, [`${port}: ${message}`, `  ${advice}`]);
		}
	}
	progress("readers", readers.length, readers.length);
	if (left > 0)
		throw new Failure(
			"partial",
			"partial",
			left === 1 ? "one reader is not done" : `${left} readers are not done`,
			"Mend what is said above and give the same command again: it goes on with these.",
		);
}

/** The whole list is looked at before the first reader is touched. */
function readBench(file: string): { port: string; configuration: string }[] {
	const { readers } = readJson(file, "the list of readers");
	if (!Array.isArray(readers) || readers.length === 0)
		throw new Failure(
			"input",
			"no-readers",
			`${file} has no list \`readers\``,
			'Write {"readers": [{"port": "/dev/ttyUSB0", "configuration": "front.json"}]}.',
		);
	return readers.map((entry: { port?: unknown; configuration?: unknown } | null, n) => {
		const { configuration, port } = entry ?? {};
		if (typeof port !== "string" || typeof configuration !== "string")
			throw new Failure(
				"input",
				"bad-entry",
				`${file}: readers[${n}] has no port or no configuration`,
				'A reader is {"port": "/dev/ttyUSB0", "configuration": "front.json"}.',
			);
		return { port, configuration: resolve(dirname(file), configuration) };
	});
}
