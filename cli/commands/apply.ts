// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { ReaderInfo } from "../../protocol/provisioning/messages.js";
import { commandIo } from "../../site/lib/command-io.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { readKeys } from "../../site/lib/keys.js";
import type { Trusted } from "../../site/lib/provisioning/bring-lists.js";
import { fitted } from "../../site/lib/provisioning/version-skew.js";
import { type TrustProblem, trustProblems } from "../../site/lib/trust/compare.js";
import { type ApplyOptions, applyTo } from "../apply-one.js";
import { applyAll } from "../batch.js";
import { clockState, clockWords } from "../clock.js";
import { differenceLines, differences, readConfiguration, tellForeign } from "../configuration.js";
import { columns, serverRows } from "../labels.js";
import { print } from "../output.js";
import { withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";
import { describeTrusted, trustedBy, trustRows } from "../trust.js";

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
			"read the configuration back and compare, and look at the clock and at whom the reader trusts; exit 1 where one of them is not as it should be",
		)
		.action(verify);
}

/** The configuration, the clock and what the reader trusts. */
async function verify(file: string, options: ReaderOptions, command: Command): Promise<void> {
	const wanted = readConfiguration(file);
	await withAuthority(options, async (reader, info) => {
		const now = await reader.request("configuration");
		tellForeign(wanted, now);
		const list = differences(now, fitted(wanted, now));
		const state = await reader.request("state");
		const seconds = Date.now() / 1000;
		const clock = clockState(state, seconds);
		const found = await trustedBy(reader, info);
		const trusted = found && describeTrusted(found);
		const trust = trustFound(found, info, options, seconds);
		print(
			command,
			{
				...{ same: list.length === 0, differences: list, clock, trust, ...(trusted && { trusted }) },
				...(state.server !== undefined && { server: state.server }),
			},
			[
				...(list.length === 0 ? ["as in the file"] : differenceLines(list)),
				...(clock === "right" ? [] : [`clock: ${clockWords(state, seconds)}`]),
				...columns([...trustRows(trusted), ...serverRows(state)]),
				...trust.map(({ message }) => `trust: ${message}`),
			],
		);
		if (list.length > 0 || clock !== "right" || trust.length > 0) commandIo().exitCode = EXIT.different;
	});
}

/** What is not as the key file says, or the site.json beside it. A reader that asked for no key trusts none. */
function trustFound(
	trusted: Trusted | undefined,
	{ trust }: ReaderInfo,
	{ siteKey }: ReaderOptions,
	now: number,
): TrustProblem[] {
	if (siteKey === undefined) return [];
	if (trusted === undefined) return [{ reason: "no-list", message: "this reader has no site" }];
	const crypto = new NodeCrypto();
	return trustProblems(trusted, trust?.held, readKeys(siteKey, crypto), now, crypto);
}

async function apply(file: string, options: ApplyOptions, command: Command): Promise<void> {
	await applyTo(options, readConfiguration(file), ({ changed, differences, dryRun }) => {
		const end =
			differences.length === 0 ? "nothing to change" : dryRun ? "nothing changed (dry run)" : "applied";
		print(command, { changed, dryRun, differences }, [...differenceLines(differences), end]);
	});
}
