// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import {
	checkServer,
	DEFAULT_SPREAD,
	MAX_SPREAD,
	type ServerSettings,
} from "../../protocol/config/server.js";
import type { ServerInfo } from "../../protocol/provisioning/messages.js";
import { Failure } from "../../site/lib/files/failure.js";
import type { Registered } from "../../site/lib/registration.js";
import { wholeNumber } from "../arguments.js";
import { serverWords, text } from "../labels.js";
import { hint, print } from "../output.js";
import { readSecret, refuseOneInput } from "../prompt.js";
import { restarted, withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";
import {
	DoorRegistrar,
	knowsNoServers,
	type RegisterOptions,
	registeredWords,
	registerOptions,
} from "../register.js";

interface SetOptions extends ReaderOptions {
	readonly password?: string;
	readonly spread: number;
}

/** `lintel server`: where a reader finds its site. A password is read from a file, standard input or a terminal, never an argument. */
export function register(program: Command): void {
	const server = program
		.command("server")
		.description("the site's server, that a reader with Wi-Fi speaks to");
	readerOptions(server.command("set <host[:port]>"))
		.description("the broker that the reader connects to; the password comes from standard input or a file")
		.option("--password <file>", "its first line is the password; - or nothing: standard input or a prompt")
		.option(
			"--spread <n>",
			`the first connection after a start waits up to so many seconds, 0 to ${MAX_SPREAD}`,
			wholeNumber(0, MAX_SPREAD),
			DEFAULT_SPREAD,
		)
		.action(set);
	registerOptions(
		readerOptions(server.command("register")).requiredOption("--site <url>", "the site's server"),
	)
		.description("make the reader known to the site's server as the one of its door, and the server to it")
		.action(registerReader);
	readerOptions(server.command("show"))
		.description("which server the reader has; its password is shown to nobody")
		.action((options: ReaderOptions, command: Command) =>
			withAuthority(options, async (reader) => {
				const { server: found } = await reader.request("state");
				print(command, { server: known(found) }, [serverWords(known(found))]);
			}),
		);
	readerOptions(server.command("forget"))
		.description("forget the server; the reader restarts without it")
		.action(forget);
}

/** Firmware that knows no servers says nothing of one. */
function known(found: ServerInfo | null | undefined): ServerInfo | null {
	if (found === undefined) throw knowsNoServers();
	return found;
}

async function set(address: string, options: SetOptions, command: Command): Promise<void> {
	refuseOneInput([options.password], [options.siteKey]);
	const password = await readSecret(options.password, "broker password");
	const settings = checkedServer({ ...addressOf(address), password, spread: options.spread });
	const { host, port, spread } = settings;
	let asked = false;
	await withAuthority(options, async (reader) => {
		const { wifi } = await reader.request("state");
		const before = asked;
		asked = true;
		const reply = await reader.request("server", { server: settings });
		// Where the reply was lost with the start that it announces, what is there now is what was asked for.
		const changed = reply.changed || before;
		print(command, { changed, host, port, spread }, [
			changed ? `set to ${serverWords({ host, port })}; the reader restarts` : "it has this server already",
		]);
		if (wifi !== true) hint("the reader is in no network: `lintel wifi join` gives it the site's");
		await restarted(reader, reply);
	});
}

async function forget(options: ReaderOptions, command: Command): Promise<void> {
	let asked = false;
	await withAuthority(options, async (reader) => {
		const before = asked;
		asked = true;
		const reply = await reader.request("server", { server: null });
		const forgotten = reply.changed || before;
		print(command, { forgotten }, [forgotten ? "forgotten; the reader restarts" : "it had no server"]);
		await restarted(reader, reply);
	});
}

async function registerReader(options: RegisterOptions & ReaderOptions, command: Command): Promise<void> {
	if (options.tokenFile !== undefined) refuseOneInput([options.tokenFile], [options.siteKey]);
	let registrar: DoorRegistrar | undefined;
	let outcome: Registered | undefined;
	await withAuthority(options, async (reader, { commissioned, door, key, readerId }) => {
		if (commissioned !== true)
			throw new Failure(
				"refused",
				"not-commissioned",
				"this reader has no site yet",
				"Make it a door first: `lintel commission FILE --site URL` registers it besides.",
			);
		registrar ??= await DoorRegistrar.of(options, door!);
		await registrar.agree(text(key));
		const configuration = await reader.request("configuration");
		const name = configuration === null ? "" : text(configuration.name ?? "");
		// A second time, where the reader has started again meanwhile, says no more.
		outcome ??= await registrar.register({ key: text(key), readerId: text(readerId), name });
		const reply = await reader.request("server", { server: outcome.server });
		const { host, port } = outcome.server;
		print(command, { registered: outcome.registered, door, key, readerId, host, port }, [
			`door ${door}: ${registeredWords(outcome)}`,
			`its broker is ${serverWords({ host, port })}`,
		]);
		await restarted(reader, reply);
	});
}

/** Host and, where it is there, port: of `host`, `host:port`, `[address]:port`, or an IPv6 address alone. */
export function addressOf(text: string): { host: string; port?: number } {
	const [, inner, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
	const host = inner ?? plain ?? text;
	return port === undefined ? { host } : { host, port: Number(port) };
}

/** Throws `Failure` with each problem; none repeats the password. */
function checkedServer(value: object): ServerSettings {
	const checked = checkServer(value);
	if ("server" in checked) return checked.server;
	const problems = checked.problems.map(({ field, message }) => `${field} ${message}`).join("; ");
	throw new Failure(
		"usage",
		"bad-server",
		`that is no server: ${problems}`,
		"Give the broker as HOST or HOST:PORT, and the password that the site's server gives for this door.",
	);
}
