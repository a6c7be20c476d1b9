// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { ReaderConfig } from "../../protocol/config/document.js";
import type { ReaderInfo } from "../../protocol/provisioning/messages.js";
import { Failure } from "../../site/lib/files/failure.js";
import { keyWith, readKeys } from "../../site/lib/keys.js";
import type { Requester } from "../../site/lib/provisioning/client.js";
import { commission as makeDoor } from "../../site/lib/provisioning/commission.js";
import { fitted } from "../../site/lib/provisioning/version-skew.js";
import type { Registered } from "../../site/lib/registration.js";
import { type ClockOptions, setClock } from "../clock.js";
import { differenceLines, differences, readConfiguration } from "../configuration.js";
import { text } from "../labels.js";
import { hint, print } from "../output.js";
import { isAttended, isYes, refuseOneInput } from "../prompt.js";
import { restarted, withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";
import {
	knowsNoServers,
	type RegisterOptions,
	registered,
	registeredWords,
	registerOptions,
	registrarOf,
} from "../register.js";

/** `lintel commission`, `reset`: a new reader becomes a door of a site, and the way back. */
export function register(program: Command): void {
	registerOptions(
		readerOptions(program.command("commission <file>")).option(
			"--site <url>",
			"the site's server, which gets to know the reader, and the reader it",
		),
	)
		.description(
			"make a new reader the one of the door in the file, signed by a key with the role commission (--site-key)",
		)
		.option("--yes", "do not ask, though this computer's clock seems to be wrong")
		.option("--erase-log", "erase the log that a reader still has of a former site, without a question")
		.action(commission);
	readerOptions(program.command("reset"))
		.description(
			"back to the factory: keys, trust, configuration, Wi-Fi and plan are erased; the log stays for its former site",
		)
		.option("--yes", "do not ask")
		.action(reset);
}

/** Longest time that a reader takes to erase a full log, ms. */
const ERASING_MS = 120_000;

interface CommissionOptions extends ReaderOptions, ClockOptions, RegisterOptions {
	readonly eraseLog?: boolean;
}

async function commission(file: string, options: CommissionOptions, command: Command): Promise<void> {
	const configuration = readConfiguration(file);
	if (options.siteKey === undefined)
		throw new Failure(
			"usage",
			"no-key",
			"a key with the role commission is needed",
			"Give --site-key site-key.json.",
		);
	if (options.tokenFile !== undefined) refuseOneInput([options.tokenFile], [options.siteKey]);
	const { siteKey } = options;
	const crypto = new NodeCrypto();
	const site = readKeys(siteKey, crypto);
	const by = keyWith(site, "commission", configuration.id, siteKey, crypto);
	// Before the reader is: where the server is not there, or refuses, nothing is changed.
	const registrar = await registrarOf(options, configuration.id);
	/** The key of the reader that was last asked to finish, which it may have done without a word. */
	let finishing = "";
	const done = (key: string, readerId: string, changed: boolean): Promise<void> =>
		registered(registrar, { key, readerId, name: configuration.name }, (outcome) =>
			tellDone(command, { changed, site: site.site, door: configuration.id, key, readerId }, outcome),
		);
	await withAuthority(options, async (reader, info) => {
		if (info.commissioned === true) {
			// The reader has taken the proof, so it trusts this very key.
			await checkSame(reader, info, site.site, configuration);
			const key = text(info.key);
			await registrar?.agree(key);
			const told = registrar && (await reader.request("server", { server: registrar.settings }));
			await done(key, text(info.readerId), key === finishing);
			if (told) await restarted(reader, told);
			return;
		}
		const { formerSite } = info;
		if (formerSite !== undefined && !options.eraseLog) await confirmErase(formerSite);
		await registrar?.agree(undefined);
		const state = await setClock(reader, options, [file, siteKey]);
		const { id, reply } = await makeDoor(
			reader,
			{ site, by, configuration, server: registrar?.settings, eraseLog: formerSite !== undefined, crypto },
			(key) => {
				finishing = toHex(key);
			},
		);
		if (state.wifi === true) hint(LEFT_WIFI);
		await done(finishing, toHex(id), true);
		if (registrar && reply.server !== true) throw knowsNoServers();
		if (formerSite === undefined) await restarted(reader, reply);
		else await restarted(reader, reply, ERASING_MS);
	});
}

/** `changed`: it is so by this command. */
interface Commissioned {
	readonly changed: boolean;
	readonly site: string;
	readonly door: string;
	readonly key: string;
	readonly readerId: string;
}

function tellDone(
	command: Command,
	{ changed, site, door, key, readerId }: Commissioned,
	outcome: Registered | undefined,
): void {
	const what = { commissioned: true, changed, ...(changed && { site, door }), key, readerId };
	const words = changed
		? [`door ${door} of site ${site}`, `reader's key ${key}`, `reader's id ${readerId}`]
		: ["commissioned already"];
	if (outcome === undefined) print(command, what, words);
	else print(command, { ...what, registered: outcome.registered }, [...words, registeredWords(outcome)]);
}

const LEFT_WIFI =
	"it has left the Wi-Fi that it was given before it was a door: `lintel wifi join` gives it the site's";

async function reset(options: ReaderOptions & { yes?: boolean }, command: Command): Promise<void> {
	if (!options.yes && !isAttended())
		throw new Failure("usage", "not-confirmed", "this erases the reader", "Give --yes if that is meant.");
	let asked = false;
	await withAuthority({ ...options, erases: true }, async (reader, info) => {
		// It was done, and its reply was lost.
		if (asked && info.commissioned !== true) {
			print(command, { reset: true }, ["reset to the factory state"]);
			return;
		}
		if (!options.yes && !(await confirmed(info)))
			throw new Failure("usage", "not-confirmed", "nothing was erased", "Answer yes if that is meant.");
		asked = true;
		await reader.request("reset");
		print(command, { reset: true }, ["reset to the factory state"]);
	});
}

async function confirmed({ commissioned, door, site }: ReaderInfo): Promise<boolean> {
	const which = commissioned === true ? `of door ${door} of site ${site}` : "without a site";
	return isYes(`Erase this reader ${which}, its keys too?`);
}

/** The log of who came and went before is the former site's; it goes when the reader gets another. */
async function confirmErase(site: string): Promise<void> {
	const whose = site === "" ? "a former site" : `site ${site}`;
	const advice =
		site === ""
			? "Nobody can read it any more. Give --erase-log, or answer yes."
			: `Export it first with that site's key: \`lintel log export --site-key site-key.json > log.jsonl\`; then give --erase-log, or answer yes.`;
	const failure = (message: string) => new Failure("usage", "old-log", message, advice);
	if (!isAttended()) throw failure(`the log of ${whose} is still in this reader`);
	hint(`the log of ${whose} is still in this reader. ${advice}`);
	if (!(await isYes("Erase that log?"))) throw failure("nothing was changed");
}

/** An earlier run that lost its cable after the last step has done it all; anything else is another job. */
async function checkSame(
	reader: Requester,
	info: ReaderInfo,
	site: string,
	configuration: ReaderConfig,
): Promise<void> {
	if (info.site !== site || info.door !== configuration.id)
		throw new Failure(
			"refused",
			"already-commissioned",
			`this is the reader of door ${info.door} of site ${info.site}`,
			"Plug in the reader of the door in the file; or make this one new by `lintel reset`.",
		);
	const now = await reader.request("configuration");
	const list = differences(now, fitted(configuration, now));
	if (list.length > 0)
		throw new Failure(
			"different",
			"already-commissioned",
			`commissioned already, with another configuration: ${differenceLines(list).join("; ")}`,
			"Bring it to what the file says by `lintel apply`.",
		);
}
