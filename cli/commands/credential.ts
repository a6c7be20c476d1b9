// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { fromHex, toHex } from "../../protocol/bytes.js";
import { EDDSA, ES256, type PublicKey } from "../../protocol/credential/cose.js";
import {
	type Credential,
	CredentialError,
	verifyPhone,
	verifyReader,
} from "../../protocol/credential/credential.js";
import { issueCredential } from "../../protocol/credential/issue.js";
import type { TrustKey, TrustList } from "../../protocol/trust/list.js";
import { enrolmentOf } from "../../site/lib/enrolment.js";
import { createFile } from "../../site/lib/files/create-file.js";
import { Failure } from "../../site/lib/files/failure.js";
import { type Issued, otherKeyOf, registerOf, remember } from "../../site/lib/issued.js";
import { keyWith, readKeys, readLists } from "../../site/lib/keys.js";
import { orExplain, say, show } from "../../site/lib/plan/explain.js";
import { isPublicKey } from "../../site/lib/public-key.js";
import { doorOption, nowSeconds, validity } from "../arguments.js";
import { hint } from "../output.js";

const DAY = 86_400;

interface Issue {
	readonly siteKey: string;
	readonly publicKey: string;
	readonly id?: string;
	readonly door?: string;
	readonly from?: string;
	readonly until?: string;
	readonly replace?: true;
	readonly out: string;
}

export function register(program: Command): void {
	const credential = program.command("credential").description("credentials of phones and readers");
	credential
		.command("issue")
		.description("sign a credential for the holder of a public key; prints its id for the plan file")
		.requiredOption("--site-key <file>", "site-key.json")
		.requiredOption("--public-key <hex>", "Ed25519 (32 bytes) or P-256 (33 or 65 bytes)")
		.option("--id <hex>", "8 bytes; random where absent")
		.option("--door <name>", "for a reader: its door")
		.option("--from <date>", "not valid before, as 2026-05-01T06:00Z")
		.option("--until <date>", "not valid from then on")
		.option("--replace", "also where the id has another key already")
		.requiredOption("--out <file>", "where to")
		.action(orExplain(issue));
	credential
		.command("invite")
		.description("what a phone's app takes to open doors: the credential and whom to believe, as JSON")
		.argument("<file>", "the phone's credential")
		.requiredOption("--site <file>", "site.json")
		.option("--out <file>", "where to, instead of standard output")
		.action(orExplain(invite));
	credential
		.command("inspect")
		.description("verify a credential and say what is in it, as JSON")
		.argument("<file>")
		.requiredOption("--site <file>", "site.json")
		.action(
			orExplain((file: string, options: { site: string }, command: Command) => {
				const c = read(file, readLists(options.site, new NodeCrypto()).trust);
				const shown = {
					site: c.issuer,
					door: c.subject,
					id: toHex(c.id),
					notBefore: day(c.notBefore),
					expires: day(c.expires),
					issuedAt: day(c.issuedAt),
					algorithm: nameOfKey(c.key),
					publicKey: toHex(c.key.publicKey),
				};
				show(command, shown);
			}),
		);
}

/** A credential that is good, and whose key can be one: a phone's, for any door that its signer is for, or a reader's. */
function read(file: string, trust: TrustList): Credential {
	const credential = verify(new Uint8Array(readFileSync(file)), trust);
	const { key } = credential;
	if (!isPublicKey(key)) throw new RangeError(`${file}: its key is none of ${nameOfKey(key)}`);
	return credential;
}

function verify(bytes: Uint8Array, trust: TrustList): Credential {
	const crypto = new NodeCrypto();
	const doors = trust.keys.flatMap((key) => key.doors);
	try {
		return verifyPhone(bytes, trust, doors[0] ?? "", crypto);
	} catch (error) {
		if (!(error instanceof CredentialError)) throw error;
		return verifyReader(bytes, trust, crypto);
	}
}

function invite(file: string, options: { site: string; out?: string }, command: Command): void {
	const lists = readLists(options.site, new NodeCrypto());
	const { cwt, subject } = read(file, lists.trust);
	if (subject !== undefined)
		throw new RangeError(`${file} is the credential of "${subject}", not of a phone`);
	const enrolment = enrolmentOf(lists, cwt);
	if (options.out === undefined) show(command, enrolment);
	else {
		createFile(options.out, `${JSON.stringify(enrolment, null, "\t")}\n`);
		say(command, `${options.out}: what the phone's app takes`, { file: options.out });
	}
}

function issue(options: Issue, command: Command): void {
	const crypto = new NodeCrypto();
	const site = readKeys(options.siteKey, crypto);
	const role = options.door === undefined ? "issue" : "commission";
	const by = keyWith(site, role, options.door, options.siteKey, crypto);
	const publicKey = hexOption("--public-key", options.publicKey, [32, 33, 65]);
	const key = { algorithm: publicKey.length === 32 ? EDDSA : ES256, publicKey } as const;
	if (!isPublicKey(key))
		throw new RangeError(`--public-key: no point of ${nameOfKey(key)}, so no phone has its secret key`);
	const id = options.id === undefined ? new Uint8Array(randomBytes(8)) : hexOption("--id", options.id, [8]);
	const { from, until } = validity(options.from, options.until);
	const issuedAt = nowSeconds();
	if (role === "issue") checkLife(site.trust.findKey(by.publicKey)!, from ?? issuedAt, until);
	const issued = { site: site.site, id, publicKey };
	const register = registerOf(options.siteKey, options.out);
	const other = otherKeyOf(register, issued);
	if (other !== undefined) tellOfOther(command, issued, other, options.replace === true);
	const bytes = issueCredential(
		{
			issuer: site.site,
			id,
			key,
			issuedAt,
			...(options.door === undefined ? {} : { subject: doorOption(options.door) }),
			...(from === undefined ? {} : { notBefore: from }),
			...(until === undefined ? {} : { expires: until }),
		},
		by.signer,
		role === "issue" ? { kid: by.kid } : undefined,
	);
	createFile(options.out, bytes);
	try {
		remember(register, issued);
	} catch (error) {
		rmSync(options.out);
		throw error;
	}
	const replaces = other === undefined ? {} : { replaces: toHex(other) };
	say(command, toHex(id), { id: toHex(id), file: options.out, ...replaces });
}

/** Refuses what no door would take of this key, and says where its own end comes first. Throws `Failure`. */
function checkLife({ days, until: end }: TrustKey, from: number, until: number | undefined): void {
	if (days > 0 && (until === undefined || until - from > days * DAY))
		throw new Failure(
			"refused",
			"beyond-limits",
			`the key signs for ${days} days at most, and this credential would ${until === undefined ? "have no end" : "live longer"}`,
			`Give --until, within ${days} days from its beginning; or another key.`,
		);
	if (end > 0 && (until === undefined || until > end))
		hint(`The credential ends with the key that signs it, on ${day(end)?.slice(0, 10)}.`);
}

/** Throws `Failure` without `--replace`; with it a warning on standard error. */
function tellOfOther(command: Command, { id }: Issued, other: Uint8Array, replace: boolean): void {
	const name = toHex(id);
	if (!replace)
		throw new Failure(
			"input",
			"other-key",
			`credential ${name} has the key ${toHex(other)} already`,
			"A second phone takes an id of its own: leave --id out. Where this phone takes the other's place, revoke that id in the plan; --replace signs it all the same, and both phones open.",
		);
	command
		.configureOutput()
		.writeErr?.(
			`${name} had the key ${toHex(other)}: that phone goes on opening until its credential ends\n`,
		);
}

function hexOption(option: string, text: string, lengths: readonly number[]): Uint8Array {
	if (/^([0-9a-f]{2})*$/i.test(text) && lengths.includes(text.length / 2)) return fromHex(text);
	throw new RangeError(`${option}: ${lengths.join(", ")} bytes in hexadecimal`);
}

function nameOfKey({ algorithm }: PublicKey): "Ed25519" | "P-256" {
	return algorithm === EDDSA ? "Ed25519" : "P-256";
}

function day(value: number | undefined): string | undefined {
	return value === undefined ? undefined : new Date(value * 1000).toISOString();
}
