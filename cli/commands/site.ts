// SPDX-License-Identifier: Apache-2.0

import { copyFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { readLists, readOldKey, withdraw } from "../../site/lib/keys.js";
import { INSTALL_LIFE, type NewSite, newSite } from "../../site/lib/new-site.js";
import { orExplain } from "../../site/lib/plan/explain.js";
import { hashOf } from "../../site/lib/provisioning/bring-lists.js";
import { createSite, type SiteFiles, siteFiles } from "../../site/lib/site-files.js";
import { keyWords } from "../../site/lib/trust/describe.js";
import { fingerprintOf } from "../../site/lib/trust/fingerprint.js";
import { endOf, nowSeconds } from "../arguments.js";
import { hint, print } from "../output.js";
import { readNewPassphrase } from "../passphrase.js";
import { refuseOneInput } from "../prompt.js";
import { passphraseOption, siteCommand } from "../site-command.js";
import { describeTrusted } from "../trust.js";

interface Init {
	readonly out: string;
	readonly installUntil?: string;
	readonly passphraseFile?: string;
}

/** `lintel site init`, `upgrade`, `show`: a site's files as a whole. */
export function register(program: Command): void {
	const site = siteCommand(program);
	newSiteOptions(site.command("init <site>"))
		.description(
			"make a site of 1 to 8 ASCII characters: its root (root-key.json, under a passphrase), trust list (site.json) and its first administrator's keys (site-key.json)",
		)
		.option("--out <folder>", "where to", ".")
		.action(orExplain(init));
	newSiteOptions(site.command("upgrade <file>"))
		.description(
			"make root, trust list and keys of the site-key.json of an older lintel, whose one key could do all",
		)
		.requiredOption("--out <folder>", "where to: another folder, so that the old files stay")
		.action(orExplain(upgrade));
	site
		.command("show")
		.description("what the site's newest trust list says: roots, keys, roles, limits, ends, fingerprints")
		.option("--site <file>", "the site's trust lists", "site.json")
		.action(orExplain(show));
}

function newSiteOptions(command: Command): Command {
	return passphraseOption(command, "new passphrase of the root's key").option(
		"--install-until <date>",
		"end of the administrator's key for work on readers, as 2030-01-01; else in a year",
	);
}

async function init(name: string, options: Init, command: Command): Promise<void> {
	const crypto = new NodeCrypto();
	const now = nowSeconds();
	const files = siteFiles(options.out);
	const made = newSite(name, { now, installUntil: installEnd(options, now) }, crypto);
	createSite(files, made, await readNewPassphrase(options.passphraseFile), crypto);
	tell(command, files, made);
}

async function upgrade(path: string, options: Init, command: Command): Promise<void> {
	refuseOneInput([options.passphraseFile], [path]);
	const crypto = new NodeCrypto();
	const now = nowSeconds();
	const old = readOldKey(path);
	const files = siteFiles(options.out);
	const made = newSite(
		old.site,
		{ now, installUntil: installEnd(options, now), officeSeed: old.seed },
		crypto,
	);
	createSite(files, made, await readNewPassphrase(options.passphraseFile), crypto);
	try {
		copyRegister(path, options.out);
	} catch (error) {
		for (const file of Object.values(files)) withdraw(file);
		throw error;
	}
	tell(command, files, made);
	hint(
		`${path === "-" ? "The old key" : path} stays as it is: destroy it and its copies when all readers are done, since it still holds the key that signs.`,
	);
	hint(
		"Credentials of phones that it signed stay good; invite the phones again (`lintel credential invite`), since their app needs the trust list. Visit each reader of the site once: new firmware, then `lintel commission` and `install-plan`.",
	);
	hint(
		"Compile the plans anew (`lintel plan compile`), and make installers' keys anew (`lintel site key --role install`).",
	);
}

/** The register of issued credentials lies beside the key. */
function copyRegister(oldKey: string, folder: string): void {
	const register = join(dirname(oldKey), "issued.jsonl");
	const copy = join(folder, "issued.jsonl");
	if (oldKey !== "-" && existsSync(register) && !existsSync(copy)) copyFileSync(register, copy);
}

function installEnd({ installUntil }: Init, now: number): number {
	return endOf("--install-until", installUntil) ?? now + INSTALL_LIFE;
}

function tell(command: Command, files: SiteFiles, { root }: NewSite): void {
	const fingerprint = fingerprintOf(root.publicKey);
	print(command, { ...files, site: root.site, fingerprint, publicKey: root.publicKey }, [
		`${files.root}: the root, which signs what each key may do. Keep it offline; no day's work needs it.`,
		`${files.keys}: the administrator's keys.`,
		`${files.lists}: what readers and phones are told to believe.`,
	]);
	hint(
		`Without ${files.root} and its passphrase no key can be made or ended: make its backup now, \`lintel site backup --root-key ${files.root}\`.`,
	);
}

function show({ site }: { site: string }, command: Command): void {
	const crypto = new NodeCrypto();
	const { lists, trust } = readLists(site, crypto);
	const list = describeTrusted({ trust, anchor: hashOf(lists[0]!, crypto) });
	const { anchor, epoch, hash, issued, keys, revoked, roots, threshold, version } = list;
	print(command, list, [
		`site ${list.site}, trust list ${version} (${toHex(hash)}), epoch ${epoch}, issued ${issued}`,
		`anchor ${toHex(anchor)}`,
		threshold === 1 ? "roots, of which one has to sign:" : `roots, of which ${threshold} have to sign:`,
		...roots.map(({ fingerprint }) => `  ${fingerprint}`),
		"keys:",
		...keys.map((key) => `  ${key.fingerprint}  ${keyWords(key)}`),
		...(revoked.length > 0 ? ["revoked readers:", ...revoked.map((id) => `  ${toHex(id)}`)] : []),
	]);
}
