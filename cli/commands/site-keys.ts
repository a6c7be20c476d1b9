// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { fromHex } from "../../protocol/bytes.js";
import type { Crypto, KeyPair } from "../../protocol/crypto.js";
import { ROLES, type Role, type TrustList } from "../../protocol/trust/list.js";
import { Failure } from "../../site/lib/files/failure.js";
import { refuseSecret } from "../../site/lib/files/secret-file.js";
import { KeyFile } from "../../site/lib/key-file.js";
import { writeKeys } from "../../site/lib/keys.js";
import type { SiteLists } from "../../site/lib/keys-text.js";
import { newSeed } from "../../site/lib/new-site.js";
import { orExplain } from "../../site/lib/plan/explain.js";
import { describeList, keyWords } from "../../site/lib/trust/describe.js";
import { fingerprintOf } from "../../site/lib/trust/fingerprint.js";
import type { KeyModel } from "../../site/lib/trust/model.js";
import {
	checkKey,
	isKidTaken,
	type Named,
	named,
	withKey,
	withoutReader,
	withRevoked,
} from "../../site/lib/trust/next.js";
import { doorOption, endOf, nowSeconds, wholeNumber } from "../arguments.js";
import { hint, print } from "../output.js";
import { confirm, refuseOneInput } from "../prompt.js";
import { changeLists, type RootOptions, rootOptions, siteCommand, tellOfList } from "../site-command.js";

const ROLE_NAMES = Object.keys(ROLES) as Role[];

/** `lintel site key` and `revoke`: who may do what. */
export function register(program: Command): void {
	const site = siteCommand(program);
	rootOptions(site.command("key"))
		.description("make a key for a person or a server, and a trust list that says what it may do")
		.requiredOption("--role <role...>", ROLE_NAMES.join(", "))
		.option("--door <name...>", "for these doors alone")
		.option(
			"--until <date>",
			"its end, as 2030-01-01; install and sync have to have one, sync within 90 days",
		)
		.option("--days <n>", "longest life of a credential that it signs (issue)", wholeNumber(1, 65_535))
		.option("--out <file>", "a new file for the secret key, with the site's lists")
		.option("--add <file>", "instead: a key file of the site, which gets the key besides those that it has")
		.action(orExplain(key));
	rootOptions(site.command("revoke"))
		.description("end a key, a root or a reader by a trust list")
		.argument("[fingerprint]", "of the key or root, as `lintel site show` has it")
		.option(
			"--reader <id>",
			"instead: a reader's id, 16 digits, which `commission`, `show` and `report` tell",
		)
		.option("--stolen", "a thief may have the key: what it has signed is void too")
		.option("--yes", "do not ask")
		.action(orExplain(revoke));
}

interface KeyOptions extends RootOptions {
	readonly role: readonly string[];
	readonly door?: readonly string[];
	readonly until?: string;
	readonly days?: number;
	readonly out?: string;
	readonly add?: string;
}

async function key(options: KeyOptions, command: Command): Promise<void> {
	refuseOneInput([options.passphraseFile], [options.rootKey]);
	const crypto = new NodeCrypto();
	const now = nowSeconds();
	const limits = limitsOf(options, now);
	const { add, out } = options;
	const path = add ?? out;
	if (path === undefined || (add !== undefined && out !== undefined) || add === "-")
		throw new Failure(
			"usage",
			"which-file",
			"either --out, a new file, or --add, a key file that is there, is needed",
			"Give one of them, as --add site-key.json.",
		);
	if (add === undefined) refuseSecret(path);
	let file: KeyFile | undefined;
	let made: { seed: Uint8Array; pair: KeyPair } | undefined;
	let before!: TrustList;
	const lists = await changeLists(
		options,
		crypto,
		(site) => {
			before = site.trust;
			if (add !== undefined) file = new KeyFile(add, site, crypto);
			made = newPair(site.trust, crypto);
			return withKey(site.trust, { ...limits, publicKey: made.pair.publicKey }, now);
		},
		// First: a list with a key that is lost could not be taken back.
		add === undefined
			? [path, (next) => writeKeys(path, [made!.seed], next)]
			: [path, (next) => file!.add(made!.seed, next), () => file!.restore()],
	);
	const { version } = lists.trust;
	const described = describeList(lists.trust, now).keys.at(-1)!;
	print(command, { file: path, list: version, ...described }, [
		`${path}: a secret key, ${described.fingerprint}: ${keyWords(described)}`,
		`${options.site}: list ${version} has it`,
	]);
	for (const one of describeList(before, now).keys)
		if (lists.trust.findKey(one.publicKey) === undefined)
			hint(`${one.fingerprint} (${keyWords(one)}) has left the list to make room.`);
	tellOfList(lists);
}

function limitsOf({ days, door, role, until }: KeyOptions, now: number): Omit<KeyModel, "publicKey"> {
	const strange = role.find((name) => !ROLE_NAMES.includes(name as Role));
	if (strange !== undefined)
		throw new Failure(
			"usage",
			"no-such-role",
			`there is no role "${strange}"`,
			`Roles: ${ROLE_NAMES.join(", ")}.`,
		);
	const end = endOf("--until", until);
	const limits = {
		roles: ROLE_NAMES.filter((name) => role.includes(name)),
		...(days !== undefined && { days }),
		...(end !== undefined && { until: end }),
		...(door !== undefined && { doors: [...new Set(door.map(doorOption))] }),
	};
	checkKey(limits, now);
	return limits;
}

/** A key that no other of the list begins as. */
function newPair(trust: TrustList, crypto: Crypto): { seed: Uint8Array; pair: KeyPair } {
	for (;;) {
		const seed = newSeed();
		const pair = crypto.ed25519KeyPair(seed);
		if (!isKidTaken(trust, pair.publicKey)) return { seed, pair };
	}
}

interface Revoke extends RootOptions {
	readonly reader?: string;
	readonly stolen?: true;
	readonly yes?: true;
}

async function revoke(fingerprint: string | undefined, options: Revoke, command: Command): Promise<void> {
	if ((fingerprint === undefined) === (options.reader === undefined))
		throw new Failure(
			"usage",
			"what",
			"either a key's fingerprint or --reader is needed",
			"`lintel site show` lists the fingerprints; `lintel commission`, `show` and `report` tell a reader's id.",
		);
	refuseOneInput([options.passphraseFile], [options.rootKey]);
	if (fingerprint === undefined) await revokeReader(options.reader!, options, command);
	else await revokeKey(fingerprint, options, command);
}

async function revokeReader(text: string, options: Revoke, command: Command): Promise<void> {
	if (!/^[0-9a-f]{16}$/i.test(text)) throw new RangeError("--reader: 16 hexadecimal digits");
	if (options.stolen)
		throw new Failure(
			"usage",
			"what",
			"--stolen is of keys: a revoked reader is none any more either way",
			"Leave --stolen out.",
		);
	const lists = await changeLists(options, new NodeCrypto(), async ({ trust }) => {
		const next = withoutReader(trust, fromHex(text.toLowerCase()), nowSeconds());
		const said = [`Phones and lintel take no reader any more with the credential ${text}.`];
		await confirm(said, `Revoke it at site ${trust.site}?`, options.yes === true);
		return next;
	});
	const { version } = lists.trust;
	print(command, { list: version, reader: text.toLowerCase() }, [
		`${options.site}: list ${version} revokes reader ${text.toLowerCase()}`,
	]);
	hint("A phone knows it once it has the list: by an enrolment, or from the site's address.");
}

/** What a role's end ends, and what is to be done where its key was stolen. */
const ENDS: Readonly<Record<Role, readonly [ended: string, stolen: string, next: string]>> = Object.freeze({
	issue: [
		"Every phone whose credential it signed stops opening.",
		"Every phone whose credential it signed stops opening.",
		"Issue those credentials anew by another key (`lintel credential issue`).",
	],
	plan: [
		"It signs no plan any more; plans in force stay.",
		"Plans that it signed are void: a reader gives its up as it takes the new one.",
		"Sign the plan of every door anew by another key (`lintel plan compile`, or `plan sign`) and install it: the epoch is a new one.",
	],
	commission: [
		"It commissions no reader any more; those that it commissioned stay.",
		"No phone takes a reader any more that it commissioned.",
		"Sign for those readers anew by another key: `lintel certify` at each.",
	],
	release: ["It releases no firmware any more.", "Firmware that it released is taken no more.", ""],
	sync: ["It speaks for the site no more.", "It speaks for the site no more.", ""],
	install: ["It works on no reader any more.", "It works on no reader any more.", ""],
});

async function revokeKey(text: string, options: Revoke, command: Command): Promise<void> {
	const stolen = options.stolen === true;
	let target!: Named;
	let before!: SiteLists;
	const lists = await changeLists(options, new NodeCrypto(), async (now, root) => {
		before = now;
		const { trust } = now;
		target = named(trust, text);
		const next = withRevoked(trust, target, { stolen, by: root.publicKey, now: nowSeconds() });
		const fingerprint = fingerprintOf(target.publicKey);
		const what = target.roles === undefined ? "root" : `key (${target.roles.join(", ")})`;
		await confirm(
			[
				`${fingerprint}, ${what} of site ${trust.site}, ${stolen ? "stolen" : "ends"}:`,
				...endsOf(target, stolen),
			],
			stolen ? "Void it?" : "End it?",
			options.yes === true,
		);
		return next;
	});
	const { epoch, version } = lists.trust;
	const fingerprint = fingerprintOf(target.publicKey);
	const state = target.roles === undefined ? "removed" : stolen ? "stolen" : "ended";
	print(command, { list: version, epoch, fingerprint, state }, [
		`${options.site}: list ${version}, epoch ${epoch}, has ${fingerprint} ${state === "removed" ? "no more" : `as ${state}`}`,
	]);
	for (const line of [
		...nextSteps(target, stolen, epoch > before.trust.epoch),
		...missing(before.trust, lists.trust),
	])
		hint(line);
	tellOfList(lists);
}

function endsOf({ roles }: Named, stolen: boolean): string[] {
	if (roles === undefined) return ["It signs no trust list any more."];
	return roles.map((role) => ENDS[role][stolen ? 1 : 0]);
}

function nextSteps({ roles }: Named, stolen: boolean, newEpoch: boolean): string[] {
	if (roles !== undefined)
		return roles
			.filter((role) => stolen || role === "issue")
			.map((role) => ENDS[role][2])
			.filter((line) => line !== "");
	return newEpoch ? [ENDS.plan[2]] : [];
}

/** Roles that no good key has any more. */
function missing(before: TrustList, after: TrustList): string[] {
	const has = (trust: TrustList, role: Role): boolean =>
		trust.keys.some((one) => one.state === "good" && one.has(role));
	return ROLE_NAMES.filter((role) => has(before, role) && !has(after, role)).map(
		(role) => `No key has the role ${role} any more: \`lintel site key --role ${role}\` makes one.`,
	);
}
