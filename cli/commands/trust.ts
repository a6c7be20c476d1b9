// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { commandIo } from "../../site/lib/command-io.js";
import { EXIT, Failure } from "../../site/lib/files/failure.js";
import { readLists } from "../../site/lib/keys.js";
import { refuseOlder } from "../../site/lib/provisioning/authority.js";
import { bringLists } from "../../site/lib/provisioning/bring-lists.js";
import { sendLists } from "../../site/lib/provisioning/send-lists.js";
import { print } from "../output.js";
import { confirm } from "../prompt.js";
import { withAuthority, withReader } from "../reader.js";
import { listWords } from "../trust.js";

interface InstallOptions {
	readonly port?: string;
	readonly siteKey?: string;
	readonly alone?: boolean;
	readonly yes?: boolean;
}

/** `lintel trust install`: a site's trust lists for a reader that is not on the network. */
export function register(program: Command): void {
	const trust = program.command("trust").description("the site's trust lists at a reader");
	trust
		.command("install <file>")
		.description(
			"give the reader the site's trust lists (site.json) that it lacks, without a key; each command with --site-key does so first",
		)
		.option("--port <path>", "the reader's serial port; needed where several are plugged in")
		.option(
			"--alone",
			"put a list in force that voids the plan in force, before there is another plan; takes --site-key",
		)
		.option("--site-key <file>", "an installer's key, which --alone takes")
		.option("--yes", "do not ask")
		.action(install);
}

async function install(file: string, options: InstallOptions, command: Command): Promise<void> {
	const crypto = new NodeCrypto();
	const site = readLists(file, crypto);
	const { port, siteKey } = options;
	const withIt = options.alone === true ? withAuthority : withReader;
	await withIt({ port, siteKey }, async (reader, info) => {
		refuseOlder(reader);
		if (info.commissioned !== true || info.site !== site.trust.site)
			throw new Failure(
				"refused",
				info.commissioned === true ? "other-site" : "not-commissioned",
				info.commissioned === true
					? `this is a reader of site ${info.site}`
					: "this reader has no site, and gets its trust lists when it is commissioned",
				`The lists in ${file} are for readers of site ${site.trust.site}: \`lintel commission\` makes one.`,
			);
		const brought = await bringLists(reader, info, site, crypto);
		const { from, to } = brought;
		let { held } = brought;
		const lines = listWords(brought, site.lists.length);
		const forced = held && to === site.lists.length && options.alone === true;
		if (forced) {
			const said = `trust list ${to} voids the plan in force: with it the door opens for no phone until there is another plan`;
			await confirm([said], "Put it in force?", options.yes === true);
			held = (await sendLists(reader, site.lists.slice(-1), true))!.held;
			lines.splice(0, lines.length, `trust list ${to} is in force, and the plan that it voids is gone`);
		}
		if (lines.length === 0) lines.push(`the reader has trust list ${to} already`);
		print(command, { version: to, changed: to > from || forced, held }, lines);
		if (held) commandIo().exitCode = EXIT.different;
	});
}
