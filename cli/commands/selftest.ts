// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import type { CborMap } from "../../protocol/cbor/value.js";
import type { ReaderInfo, SelfTestResult } from "../../protocol/provisioning/messages.js";
import { SELF_TEST_PARTS, type SelfTestPart } from "../../protocol/provisioning/tests.js";
import { commandIo } from "../../site/lib/command-io.js";
import { AtomicFile } from "../../site/lib/files/atomic-file.js";
import { EXIT } from "../../site/lib/files/failure.js";
import type { Requester } from "../../site/lib/provisioning/client.js";
import { hint, plain, print } from "../output.js";
import { ask, isAttended } from "../prompt.js";
import { withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";
import { type Findings, UNPROVED } from "../unproved.js";

interface SelfTestOptions extends ReaderOptions {
	readonly out?: string;
}

/** What a person at the reader is asked, for the parts that only a person can judge. */
const EYES: { readonly [part in SelfTestPart]?: string } = {
	light: "was the light red, then green, then flashing white",
	sounder: "was there one tone of half a second",
};

/** `lintel selftest`: a new board, part after part, as docs/BRINGUP.md has it. */
export function register(program: Command): void {
	readerOptions(program.command("selftest"))
		.description(
			"try every part of the board and report it; releases the strike once. Exit 1 where one fails",
		)
		.option("--out <file>", "write the report there, as JSON")
		.action(selfTest);
}

async function selfTest(options: SelfTestOptions, command: Command): Promise<void> {
	const file = options.out === undefined ? undefined : new AtomicFile(options.out);
	try {
		const parts: { [part in SelfTestPart]?: SelfTestResult } = {};
		let about: { info: ReaderInfo; state: CborMap } | undefined;
		const json = command.optsWithGlobals().json === true;
		await withAuthority(options, async (reader, info) => {
			for (const part of SELF_TEST_PARTS) {
				parts[part] ??= await tried(reader, part);
				const { passed, detail } = parts[part];
				if (!json) print(command, {}, [`${mark(passed)} ${part}: ${detail}`]);
			}
			about = { info, state: await reader.request("state") };
		});
		const portResets = await resets(options, parts.start!);
		const findings: Findings = { parts, portResets };
		const unproved = Object.fromEntries(Object.entries(UNPROVED).map(([line, of]) => [line, of(findings)]));
		const report = { date: new Date().toISOString(), ...about, parts, portResets, unproved };
		file?.write(Buffer.from(`${JSON.stringify(plain(report), null, "\t")}\n`));
		print(
			command,
			report,
			Object.entries(unproved).map(([line, { answer, says }]) => `${line}: ${answer} (${says})`),
		);
		if (portResets || Object.values(parts).some(({ passed }) => passed === false))
			commandIo().exitCode = EXIT.different;
	} finally {
		file?.close();
	}
}

function mark(passed: boolean | null): string {
	return passed === null ? "-   " : passed ? "ok  " : "FAIL";
}

/** One part; what only a person can judge is asked where one sits there. */
async function tried(reader: Requester, part: SelfTestPart): Promise<SelfTestResult> {
	const question = EYES[part];
	if (question !== undefined) hint(`${part}: look and listen`);
	const result = await reader.request("selftest", { part });
	if (question === undefined || result.passed !== null || !isAttended()) return result;
	const answer = await ask(`${question}? [y/n] `);
	return { ...result, passed: /^y/i.test(answer) };
}

/** Whether opening the port once more starts the reader anew: its time since the start begins at 0 again. */
async function resets(options: ReaderOptions, first: SelfTestResult): Promise<boolean> {
	let uptime = 0;
	await withAuthority(options, async (reader) => {
		({ uptime = 0 } = (await reader.request("selftest", { part: "start" })).figures as { uptime?: number });
	});
	return uptime < Number(first.figures.uptime ?? 0);
}
