// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { CborError } from "../../protocol/cbor/reader.js";
import { decodeConfiguration, type SignedConfiguration } from "../../protocol/config/signed.js";
import { CoseError, decodeSign1 } from "../../protocol/credential/cose.js";
import { MAX_WHOLE } from "../../protocol/sync/bounds.js";
import { signConfiguration } from "../../site/lib/configuration/sign.js";
import { AtomicFile } from "../../site/lib/files/atomic-file.js";
import { Failure } from "../../site/lib/files/failure.js";
import { keyWith, readKeys } from "../../site/lib/keys.js";
import { readConfiguration } from "../configuration.js";
import { hint, print } from "../output.js";
import { refuseOneInput } from "../prompt.js";
import { type ServerOptions, SiteServer, serverOptions } from "../site-server.js";

interface SignOptions extends ServerOptions {
	readonly siteKey: string;
	readonly out?: string;
}

/** `lintel configuration`: a door's file to its reader by the site's server, where `lintel apply` takes a cable. */
export function register(program: Command): void {
	const configuration = program
		.command("configuration")
		.description("a door's configuration by the site's server, without going there");
	serverOptions(
		configuration
			.command("sign <file>")
			.requiredOption("--site-key <file>", "a key with the role install, or - for standard input")
			.option("--out <file>", "where the signed configuration goes")
			.option("--site <url>", "the site's server, which brings it to the reader"),
	)
		.description("sign a door's file for its reader by an installer's key; the one that is signed last holds")
		.action(sign);
	serverOptions(configuration.command("send <file>").requiredOption("--site <url>", "the site's server"))
		.description("give a signed configuration to the site's server, which brings it to the reader")
		.action(send);
}

async function sign(file: string, options: SignOptions, command: Command): Promise<void> {
	const { out, site, siteKey } = options;
	if (out === undefined && site === undefined)
		throw new Failure(
			"usage",
			"no-target",
			"the signed configuration has to go somewhere",
			"Give --out FILE, or the server's address: --site https://doors.example.org.",
		);
	if (options.tokenFile !== undefined) refuseOneInput([options.tokenFile], [siteKey]);
	const config = readConfiguration(file);
	const crypto = new NodeCrypto();
	const keys = readKeys(siteKey, crypto);
	const key = keyWith(keys, "install", config.id, siteKey, crypto);
	const number = Math.floor(Date.now() / 1000);
	const envelope = signed(() => signConfiguration(keys.site, config, number, key));
	if (out !== undefined) write(out, envelope);
	const sent = site !== undefined && (await bring(options, config.id, envelope));
	tell(command, { site: keys.site, door: config.id, number }, sent);
}

async function send(file: string, options: ServerOptions, command: Command): Promise<void> {
	const envelope = new Uint8Array(readFileSync(file));
	const found = contentOf(envelope);
	if (found === undefined)
		throw new Failure(
			"input",
			"not-signed",
			`${file} is no signed configuration`,
			"Make one of the door's file: `lintel configuration sign FILE --site-key KEY --out SIGNED`.",
		);
	tell(command, found, await bring(options, found.door, envelope));
}

async function bring(options: ServerOptions, door: string, envelope: Uint8Array): Promise<true> {
	const server = await SiteServer.of(options);
	await server.configure(door, envelope);
	hint(`GET ${server.url.href}api/doors/${door} says in "configuration" what the reader makes of it`);
	return true;
}

function tell(
	command: Command,
	{ door, number, site }: Pick<SignedConfiguration, "door" | "number" | "site">,
	sent: boolean,
): void {
	const what = `configuration ${number} for door ${door} of site ${site}`;
	print(command, { site, door, number, sent }, [
		sent ? `${what}: the server brings it to the reader` : `${what} is signed`,
	]);
}

/** Throws `Failure` where no reader would take it. */
function signed(make: () => Uint8Array): Uint8Array {
	try {
		return make();
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw new Failure("input", "unsignable", error.message, "Shorten the door's name, or apply it by cable.");
	}
}

/** What a file is said to be for; its signature is the server's and the reader's to judge. */
function contentOf(envelope: Uint8Array): SignedConfiguration | undefined {
	if (envelope.length > MAX_WHOLE) return undefined;
	try {
		return decodeConfiguration(decodeSign1(envelope).payload);
	} catch (error) {
		if (error instanceof CborError || error instanceof CoseError) return undefined;
		throw error;
	}
}

function write(path: string, bytes: Uint8Array): void {
	const file = new AtomicFile(path);
	try {
		file.write(bytes);
	} finally {
		file.close();
	}
}
