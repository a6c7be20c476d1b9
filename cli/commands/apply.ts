// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { commandIo } from "../../site/lib/command-io.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { type ApplyOptions, applyTo } from "../apply-one.js";
import { applyAll } from "../batch.js";
import { clockState, clockWords } from "../clock.js";
import { differenceLines, differences, readConfiguration } from "../configuration.js";
import { print } from "../output.js";
import { withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";
import { fitted, tellForeign } from "../version-skew.js";

/** `lintel apply`, `verify`: a door's file to the reader, and back. */
export function register(program: Command): void {
	readerOptions(program.command("apply <file>"))
		.description("bring the reader to what the file says; the same again changes nothing")
		.option("--dry-run", "only show what would change")
		.option("--all", 'the file lists readers of a bench: {"readers": [{"port", "configuration"}]}')
		.action(async (file: string, options: ApplyOptions & { all?: boolean }, command: Command) => {
			if (options.all) await applyAll(file, options, command);
			else await apply(file, options, command);
		});
	readerOptions(program.command("verify <file>"))
		.description(
			"read the configuration back and compare, and look at the clock; exit 1 where one of them is wrong",
		)
		.action((file: string, options: ReaderOptions, command: Command) => {
			const wanted = readConfiguration(file);
			return withAuthority(options, async (reader) => {
				const now = await reader.request("configuration");
				tellForeign(wanted, now);
				const list = differences(now, fitted(wanted, now));
				const state = await reader.request("state");
				const seconds = Date.now() / 1000;
				const clock = clockState(state, seconds);
				const lines = list.length === 0 ? ["as in the file"] : differenceLines(list);
				print(command, { same: list.length === 0, differences: list, clock }, [
					...lines,
					...(clock === "right" ? [] : [`clock: ${clockWords(state, seconds)}`]),
				]);
				if (list.length > 0 || clock !== "right") commandIo().exitCode = EXIT.different;
			});
		});
}

async function apply(file: string, options: ApplyOptions, command: Command): Promise<void> {
	await applyTo(options, readConfiguration(file), ({ changed, differences, dryRun }) => {
		const end =
			differences.length === 0 ? "nothing to change" : dryRun ? "nothing changed (dry run)" : "applied";
		print(command, { changed, dryRun, differences }, [...differenceLines(differences), end]);
	});
}
