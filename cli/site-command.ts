// SPDX-License-Identifier: Apache-2.0

/** What the commands of `lintel site` share: their group, and a root that signs the next of a site's lists. */
import type { Command } from "commander";
import type { Crypto } from "../protocol/crypto.js";
import { Failure } from "../site/lib/files/failure.js";
import { readLists, replaceLists } from "../site/lib/keys.js";
import type { SiteLists } from "../site/lib/keys-text.js";
import type { Root } from "../site/lib/root/root.js";
import { readRootFile } from "../site/lib/root/root-file.js";
import { openRootKey } from "../site/lib/root/root-key.js";
import { allOrNone } from "../site/lib/site-files.js";
import type { TrustModel } from "../site/lib/trust/model.js";
import { checkRoot, signNext } from "../site/lib/trust/sign.js";
import { nowSeconds } from "./arguments.js";
import { isoTime } from "./clock.js";
import { hint } from "./output.js";
import { readPassphrase } from "./passphrase.js";

/** `lintel site`, which the commands in several files are of. */
export function siteCommand(program: Command): Command {
	return (
		program.commands.find((command) => command.name() === "site") ??
		program.command("site").description("the site's root and keys, what each may do, and its server")
	);
}

export interface RootOptions {
	readonly rootKey: string;
	readonly site: string;
	readonly passphraseFile?: string;
}

/** Options of a command that signs by the root. */
export function rootOptions(command: Command): Command {
	return passphraseOption(
		command
			.option("--root-key <file>", "the root's key", "root-key.json")
			.option("--site <file>", "the site's trust lists", "site.json"),
	);
}

/** Where a site's server keeps what it knows. */
export function dataOption(command: Command): Command {
	return command.option("--data <folder>", "the server's folder", "site-data");
}

/** The same, and its store where that is a database elsewhere. */
export function storeOption(command: Command): Command {
	return dataOption(command).option(
		"--store <url>",
		"a database of PostgreSQL in place of site.db, postgres://USER@HOST/NAME",
		storeUrl,
	);
}

/** Throws `Failure`: a password in it would be in the list of processes and in errors. */
function storeUrl(text: string): string {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol))
		throw new Failure(
			"usage",
			"bad-store",
			"--store is no database's address",
			"Write postgres://USER@HOST/NAME.",
		);
	if (url.password !== "" || url.searchParams.has("password"))
		throw new Failure(
			"usage",
			"password-in-store",
			"--store has a password in it, which other users of this computer would see",
			"Give the address without it, and the password by PGPASSWORD in the environment, or by ~/.pgpass.",
		);
	return text;
}

export function passphraseOption(command: Command, what = "passphrase of the root's key"): Command {
	return command.option(
		"--passphrase-file <file>",
		`its first line is the ${what}; - or nothing: standard input or a prompt`,
	);
}

const DAY_S = 86_400;

/** Which root it is, before it is opened; one that cannot sign the site's next list alone is refused. Throws `Failure`. */
export function rootIn(path: string, { trust }: SiteLists, crypto: Crypto): Pick<Root, "site" | "publicKey"> {
	const root = readRootFile("root-key", path, crypto);
	checkRoot(trust, root);
	const now = nowSeconds();
	if (trust.issued > now + DAY_S)
		hint(
			`List ${trust.version} was signed at ${isoTime(trust.issued)}, and this computer's clock says ${isoTime(now)}: one of them is wrong. Look at the clock before a key gets its end by it.`,
		);
	return root;
}

/** Asks for the passphrase. Throws `Failure`. */
export async function openRoot({ passphraseFile, rootKey }: RootOptions, crypto: Crypto): Promise<Root> {
	return openRootKey(rootKey, await readPassphrase(passphraseFile), crypto);
}

/**
 * Has the root sign what `change` makes of the newest list, and puts it into the site's file. `change` runs before the passphrase is
 * asked for, so that it is not typed in vain. `first`: the path of a secret that has to be on the disk before the list is, and what
 * writes it; where the list cannot be written it goes, or `undo` takes it back.
 */
export async function changeLists(
	options: RootOptions,
	crypto: Crypto,
	change: (lists: SiteLists, root: Pick<Root, "site" | "publicKey">) => TrustModel | Promise<TrustModel>,
	first?: readonly [path: string, write: (next: SiteLists) => void, undo?: () => void],
): Promise<SiteLists> {
	const lists = readLists(options.site, crypto);
	const model = await change(lists, rootIn(options.rootKey, lists, crypto));
	const next = signNext(lists, model, [await openRoot(options, crypto)], crypto);
	allOrNone([
		...(first === undefined ? [] : [[first[0], () => first[1](next), first[2]] as const]),
		[options.site, () => replaceLists(options.site, lists, next, crypto)],
	]);
	return next;
}

/** How a list reaches readers. */
export function tellOfList({ trust }: SiteLists): void {
	hint(
		`A reader takes list ${trust.version} when lintel next works on it with this site.json beside the key file, or by \`lintel trust install site.json\`.`,
	);
}
