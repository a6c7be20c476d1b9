// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { fromHex, toHex } from "../../protocol/bytes.js";
import { Failure } from "../../site/lib/files/failure.js";
import { createSecret, refuseSecret } from "../../site/lib/files/secret-file.js";
import { readLists, replaceLists } from "../../site/lib/keys.js";
import { orExplain } from "../../site/lib/plan/explain.js";
import { newRecoveryCode, parseRecoveryCode } from "../../site/lib/root/recovery-code.js";
import { newRoot, type Root } from "../../site/lib/root/root.js";
import { createBackup, openBackup } from "../../site/lib/root/root-backup.js";
import { readRootFile } from "../../site/lib/root/root-file.js";
import { changePassphrase, createRootKey, openRootKey } from "../../site/lib/root/root-key.js";
import { allOrNone } from "../../site/lib/site-files.js";
import { fingerprintOf } from "../../site/lib/trust/fingerprint.js";
import { withRoot, withRotated } from "../../site/lib/trust/next.js";
import { signNext } from "../../site/lib/trust/sign.js";
import { nowSeconds } from "../arguments.js";
import { hint, print } from "../output.js";
import { readNewPassphrase, readPassphrase } from "../passphrase.js";
import { ask, confirm, isAttended, readSecret, refuseOneInput } from "../prompt.js";
import { serverModule } from "../server-modules.js";
import {
	changeLists,
	openRoot,
	passphraseOption,
	type RootOptions,
	rootIn,
	rootOptions,
	siteCommand,
	tellOfList,
} from "../site-command.js";

/** `lintel site root`, `unlock`, `second`, `rotate`, `backup`, `recover`: the keys that sign trust lists. */
export function register(program: Command): void {
	const site = siteCommand(program);
	passphraseOption(site.command("root <site>"), "new passphrase of the root's key")
		.description("make another administrator's root; prints the public key for `lintel site second`")
		.requiredOption("--out <file>", "where to")
		.action(orExplain(makeRoot));
	newPassphraseOption(rootOptions(site.command("unlock")))
		.description("find out whether a passphrase is the right one, and the root the site's; changes nothing")
		.option("--change", "put the file under a new passphrase")
		.action(orExplain(unlock));
	rootOptions(site.command("second <public-key>"))
		.description("take another administrator's root into the trust list; either root can sign from then on")
		.option("--yes", "do not ask")
		.action(orExplain(second));
	newPassphraseOption(rootOptions(site.command("rotate")))
		.description("put a new root in this one's place; old and new sign the trust list that says so")
		.requiredOption("--out <file>", "where the new root's key goes")
		.action(orExplain(rotate));
	passphraseOption(site.command("backup"))
		.description("write a backup of the root that a recovery code opens, which is for paper and shown once")
		.option("--root-key <file>", "the root's key", "root-key.json")
		.option("--out <file>", "where to", "root-backup.json")
		.option("--code-file <file>", "write the code there, in place of showing it on the terminal")
		.option("--data <folder>", "instead: back up the data of the site's server to --out, while it runs")
		.action(orExplain(backup));
	passphraseOption(site.command("recover <backup>"), "new passphrase of the root's key")
		.description("make the root's key anew of a backup and its recovery code")
		.option("--out <file>", "where to", "root-key.json")
		.option("--code-file <file>", "its first line is the code; - or nothing: standard input or a prompt")
		.action(orExplain(recover));
}

interface NewPassphrase {
	readonly newPassphraseFile?: string;
}

function newPassphraseOption(command: Command): Command {
	return command.option(
		"--new-passphrase-file <file>",
		"its first line is the new passphrase; - or nothing: standard input or a prompt",
	);
}

interface MakeRoot {
	readonly out: string;
	readonly passphraseFile?: string;
}

async function makeRoot(site: string, { out, passphraseFile }: MakeRoot, command: Command): Promise<void> {
	const crypto = new NodeCrypto();
	const root = newRoot(site, crypto);
	refuseSecret(out);
	createRootKey(out, root, await readNewPassphrase(passphraseFile), crypto);
	print(command, { file: out, ...namesOf(root) }, [
		`${out}: a root, which is in no list yet`,
		`fingerprint ${fingerprintOf(root.publicKey)}`,
		`public key ${toHex(root.publicKey)}`,
	]);
	hint(
		"Give the public key to the first administrator for `lintel site second`, and read the fingerprint to each other.",
	);
}

interface Unlock extends RootOptions, NewPassphrase {
	readonly change?: true;
}

async function unlock(options: Unlock, command: Command): Promise<void> {
	const { change = false, newPassphraseFile, passphraseFile, rootKey } = options;
	refuseOneInput(change ? [passphraseFile, newPassphraseFile] : [passphraseFile], [rootKey]);
	const crypto = new NodeCrypto();
	const lists = readLists(options.site, crypto);
	rootIn(rootKey, lists, crypto);
	const passphrase = await readPassphrase(passphraseFile);
	const root = openRootKey(rootKey, passphrase, crypto);
	if (change) changePassphrase(rootKey, passphrase, await readNewPassphrase(newPassphraseFile), crypto);
	const { version } = lists.trust;
	print(command, { file: rootKey, ...namesOf(root), list: version, changed: change }, [
		`${rootKey}: ${fingerprintOf(root.publicKey)}, a root of list ${version} of site ${root.site}`,
		change ? "it has the new passphrase now" : "the passphrase is the right one",
	]);
	if (change)
		hint(
			"Copies of the file from before still open by the old passphrase: destroy them, or put a new root in its place by `lintel site rotate`.",
		);
}

interface Second extends RootOptions {
	readonly yes?: true;
}

async function second(publicKey: string, options: Second, command: Command): Promise<void> {
	refuseOneInput([options.passphraseFile], [options.rootKey]);
	if (!/^[0-9a-f]{64}$/i.test(publicKey))
		throw new RangeError("a root's public key is 64 hexadecimal digits");
	const key = fromHex(publicKey.toLowerCase());
	const fingerprint = fingerprintOf(key);
	const lists = await changeLists(options, new NodeCrypto(), async ({ trust }) => {
		const next = withRoot(trust, key, nowSeconds());
		const said = [
			`${fingerprint} can then make and end every key of site ${trust.site}, and this root too. Hear the fingerprint from its owner.`,
		];
		await confirm(said, `Take ${fingerprint} for a root?`, options.yes === true);
		return next;
	});
	const { roots, version } = lists.trust;
	print(command, { list: version, fingerprint, publicKey: key, roots: roots.length }, [
		`${options.site}: list ${version} has ${roots.length} roots, ${fingerprint} among them`,
	]);
	hint(`Give ${options.site} to its owner.`);
	tellOfList(lists);
}

interface Rotate extends RootOptions, NewPassphrase {
	readonly out: string;
}

async function rotate(options: Rotate, command: Command): Promise<void> {
	const { newPassphraseFile, out, passphraseFile, rootKey } = options;
	refuseOneInput([passphraseFile, newPassphraseFile], [rootKey]);
	refuseSecret(out);
	const crypto = new NodeCrypto();
	const before = readLists(options.site, crypto);
	rootIn(rootKey, before, crypto);
	const old = await openRoot(options, crypto);
	const root = newRoot(old.site, crypto);
	const model = withRotated(before.trust, old.publicKey, root.publicKey, nowSeconds());
	const after = signNext(before, model, [old, root], crypto);
	const passphrase = await readNewPassphrase(newPassphraseFile);
	// The list last: one with a root that is lost could never be followed.
	allOrNone([
		[out, (path) => createRootKey(path, root, passphrase, crypto)],
		[options.site, (path) => replaceLists(path, before, after, crypto)],
	]);
	const { version } = after.trust;
	const [from, to] = [old, root].map(({ publicKey }) => fingerprintOf(publicKey));
	print(command, { file: out, ...namesOf(root), list: version, before: from }, [
		`${out}: the new root, ${to}`,
		`${options.site}: list ${version} has it in the place of ${from}`,
	]);
	hint(`Make its backup: \`lintel site backup --root-key ${out}\`.`);
	hint(
		`A reader believes ${from} until it has list ${version}. When all have it, destroy ${rootKey}, its copies and its backup.`,
	);
	tellOfList(after);
}

interface Backup {
	readonly rootKey: string;
	readonly out: string;
	readonly codeFile?: string;
	readonly passphraseFile?: string;
	readonly data?: string;
}

async function backup(options: Backup, command: Command): Promise<void> {
	if (options.data !== undefined) {
		await backupServer(options.data, options.out, command);
		return;
	}
	const { codeFile, out, passphraseFile, rootKey } = options;
	refuseOneInput([passphraseFile], [rootKey]);
	if (codeFile === undefined && !isAttended())
		throw new Failure(
			"usage",
			"no-terminal",
			"the recovery code is shown on a terminal, and there is none",
			"Give the command at a terminal; or --code-file, on a medium that is not the backup's.",
		);
	refuseSecret(out);
	if (codeFile !== undefined) refuseSecret(codeFile);
	const crypto = new NodeCrypto();
	readRootFile("root-key", rootKey, crypto);
	const root = openRootKey(rootKey, await readPassphrase(passphraseFile), crypto);
	const code = newRecoveryCode();
	if (codeFile === undefined) await copiedToPaper(code);
	allOrNone([
		...(codeFile === undefined
			? []
			: [[codeFile, (path: string) => createSecret(path, `${code}\n`)] as const]),
		[out, (path) => createBackup(path, root, crypto, code)],
	]);
	print(command, { file: out, ...(codeFile !== undefined && { codeFile }), ...namesOf(root) }, [
		`${out}: the backup of root ${fingerprintOf(root.publicKey)}`,
		...(codeFile === undefined ? [] : [`${codeFile}: its recovery code`]),
	]);
	hint("Keep backup and code in two places: both together are the root. `lintel site recover` takes them.");
}

async function backupServer(data: string, out: string, command: Command): Promise<void> {
	if (command.getOptionValueSource("out") !== "cli")
		throw new Failure(
			"usage",
			"no-out",
			"--data needs --out, a new file",
			"Give its name, as --out site-2030-01-01.db.",
		);
	const { backUp } = await serverModule(() => import("../../site/server/data-folder.js"));
	await backUp(data, out);
	print(command, { file: out }, [`${out}: the server's data, as \`lintel site restore\` takes it`]);
	hint(
		"It has the doors' broker passwords and people's names: keep it as a secret. The server's key is not in it.",
	);
}

/** Times that a code may be typed wrongly. */
const ATTEMPTS = 3;

/** Shows the code, and has it typed back from the paper. Throws `Failure`. */
async function copiedToPaper(code: string): Promise<void> {
	hint("The recovery code, for paper; it is shown this once:");
	hint(`    ${code}`);
	for (let left = ATTEMPTS; ; left--) {
		try {
			if (parseRecoveryCode(await ask("the code, typed from the paper: ")) === code) return;
			throw new Failure(
				"input",
				"wrong-code",
				"that is another recovery code",
				"Give the command again; nothing was written.",
			);
		} catch (error) {
			if (!(error instanceof Failure) || left <= 1) throw error;
			hint(error.message);
		}
	}
}

interface Recover {
	readonly out: string;
	readonly codeFile?: string;
	readonly passphraseFile?: string;
}

async function recover(file: string, options: Recover, command: Command): Promise<void> {
	const { codeFile, out, passphraseFile } = options;
	refuseOneInput([codeFile, passphraseFile], [file]);
	refuseSecret(out);
	const crypto = new NodeCrypto();
	readRootFile("root-backup", file, crypto);
	const root = openBackup(file, await readSecret(codeFile, "recovery code"), crypto);
	createRootKey(out, root, await readNewPassphrase(passphraseFile), crypto);
	print(command, { file: out, ...namesOf(root) }, [
		`${out}: root ${fingerprintOf(root.publicKey)} of site ${root.site}, by the new passphrase`,
	]);
	hint(
		"The old file still opens by the old passphrase. Where another may have it, put a new root in its place by `lintel site rotate`.",
	);
}

function namesOf({ publicKey, site }: Root): object {
	return { site, fingerprint: fingerprintOf(publicKey), publicKey };
}
