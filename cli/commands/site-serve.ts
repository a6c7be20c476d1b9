// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { commandIo } from "../../site/lib/command-io.js";
import { Failure } from "../../site/lib/files/failure.js";
import { orExplain } from "../../site/lib/plan/explain.js";
import type { HomeAssistantChoice } from "../../site/server/home-assistant/options.js";
import type { SiteServer } from "../../site/server/serve.js";
import { nowSeconds, wholeNumber } from "../arguments.js";
import { hint, print } from "../output.js";
import { confirm, readSecret } from "../prompt.js";
import { serverModule } from "../server-modules.js";
import { siteCommand, storeOption } from "../site-command.js";

/** Where a server has what it knows. */
interface Place {
	readonly data: string;
	readonly store?: string;
}

interface Serve extends Place {
	readonly siteKey?: string;
	readonly practice?: true;
	readonly port: number;
	readonly listen: string;
	readonly tlsCert?: string;
	readonly tlsKey?: string;
	readonly publicUrl?: string;
	readonly brokerPort: number;
	readonly brokerListen: string;
	readonly brokerAddress?: string;
	readonly mqtt?: string;
	readonly homeAssistant?: string;
	readonly homeAssistantPassword?: string;
	readonly homeAssistantNames?: true;
	readonly homeAssistantCommands?: string[];
}

/** `lintel site serve` and what is done with its folder. The server's packages are loaded when one of them runs. */
export function register(program: Command): void {
	const site = siteCommand(program);
	const serving = storeOption(site.command("serve"))
		.description("run the site's server: its doors speak with it, administrators by its API")
		.option(
			"--site-key <file>",
			"keys with the roles sync and plan; else LINTEL_SITE_KEY has what such a file has",
		)
		.option("--practice", "with a site to try things out with, made in the folder")
		.option("--port <n>", "of the API", wholeNumber(0, 65_535), 4191)
		.option(
			"--listen <host>",
			"address of the API; another than this computer's own only with HTTPS",
			"127.0.0.1",
		)
		.option("--tls-cert <file>", "certificates for HTTPS, as PEM")
		.option("--tls-key <file>", "their key")
		.option(
			"--public-url <url>",
			"https://HOST at which people's browsers find the server: for links, passkeys, and a proxy in front",
		)
		.option("--broker-port <n>", "of the broker that doors connect to", wholeNumber(0, 65_535), 1883)
		.option(
			"--broker-listen <host>",
			"address of that broker; 0.0.0.0: doors reach it from the network",
			"127.0.0.1",
		)
		.option("--broker-address <host[:port]>", "where doors find the broker, if that is another address")
		.option("--mqtt <url>", "instead: a broker that others run, mqtt://HOST or mqtts://HOST");
	homeAssistantOptions(serving).action(orExplain(serve));
	storeOption(site.command("restore [backup]"))
		.description(
			"put a backup of the server's data in place of what is there; with --store: say that its database was brought back",
		)
		.option("--yes", "do not ask")
		.action(orExplain(restore));
	storeOption(site.command("token"))
		.description("make the owner's token anew; the one before opens nothing any more")
		.option("--yes", "do not ask")
		.action(orExplain(token));
	storeOption(site.command("owner").description("owners of the site's server").command("reset [login]"))
		.description("make a link of one use for an owner who is locked out; `login`: where there are several")
		.option("--yes", "do not ask")
		.action(orExplain(resetOwner));
	storeOption(site.command("broker-files"))
		.description("write Mosquitto's password and ACL files for the server and all its doors")
		.requiredOption("--out <folder>", "where to")
		.action(orExplain(brokerFiles));
}

/** See docs/home-assistant.md. */
function homeAssistantOptions(command: Command): Command {
	return command
		.option(
			"--home-assistant <url>",
			"publish the doors' states there: mqtt://USER@HOST or mqtts://USER@HOST",
		)
		.option("--home-assistant-password <file>", "its first line is the password there; - for standard input")
		.option("--home-assistant-names", "say who came in last, too: everyone who reads that broker sees it")
		.option(
			"--home-assistant-commands <door...>",
			"doors that are commanded from there: who may publish at that broker opens them",
		);
}

async function homeAssistantOf(options: Serve): Promise<HomeAssistantChoice | undefined> {
	const { homeAssistant: url, homeAssistantCommands: commands, homeAssistantNames: people } = options;
	const { homeAssistantPassword: file } = options;
	if (url === undefined) {
		if (commands === undefined && people === undefined && file === undefined) return undefined;
		throw new Failure(
			"usage",
			"no-home-assistant",
			"there is no broker to publish at",
			"Give --home-assistant mqtt://USER@HOST besides.",
		);
	}
	const password =
		file === undefined ? undefined : await readSecret(file, "password at Home Assistant's broker");
	return { url, password, people, commands };
}

async function serve(options: Serve, command: Command): Promise<void> {
	const { practiceFiles, practiceKeys } = await serverModule(() => import("../../site/server/practice.js"));
	const { KEY_VARIABLE, readServerKeys } = await serverModule(
		() => import("../../site/server/server-keys.js"),
	);
	const { serve: start } = await serverModule(() => import("../../site/server/serve.js"));
	const { serveSetup } = await serverModule(() => import("../../site/server/setup/setup-stage.js"));
	const { OwnKeys } = await serverModule(() => import("../../site/server/own-keys.js"));
	const crypto = new NodeCrypto();
	const content = process.env[KEY_VARIABLE];
	// What it starts does not inherit it.
	delete process.env[KEY_VARIABLE];
	if (options.practice === true && options.siteKey !== undefined)
		throw new Failure(
			"usage",
			"two-keys",
			"--practice makes keys itself",
			"Leave --site-key or --practice out.",
		);
	const keys = options.practice
		? practiceKeys(options.data, nowSeconds(), crypto)
		: (readServerKeys(options.siteKey, content, crypto) ?? new OwnKeys(options.data, crypto).read());
	const common = {
		folder: options.data,
		store: options.store,
		http: { host: options.listen, port: options.port },
		https: httpsOf(options),
		publicUrl: options.publicUrl,
		broker:
			options.mqtt === undefined
				? { host: options.brokerListen, port: options.brokerPort }
				: brokerUrl(options.mqtt),
		brokerAddress: options.brokerAddress,
		homeAssistant: await homeAssistantOf(options),
		log: (line: string) => hint(line),
	};
	const ended = signalled();
	const made = (server: Omit<SiteServer, "close">): void => tellServer(command, server);
	const server =
		keys === undefined ? await serveSetup({ ...common, made }) : await start({ ...common, keys });
	if ("site" in server) made(server);
	else {
		print(command, { url: server.url, setupLink: server.link }, [
			`no site is in ${options.data} yet. Make it in a browser on this computer, once: ${server.link}`,
		]);
	}
	if (options.practice)
		hint(
			`The site's files are in ${practiceFiles(options.data).folder}: its keys open nothing but what you commission with them.`,
		);
	await ended;
	await server.close();
}

function tellServer(
	command: Command,
	{ broker, ownerToken, pages, site, startLink, url, warnings }: Omit<SiteServer, "close">,
): void {
	const once = { ...(startLink && { startLink }), ...(ownerToken && { ownerToken }) };
	print(command, { site: site.id, url, pages, broker, ...once }, [
		`site ${site.id}: ${pages}, doors by ${broker}`,
		...(startLink === undefined ? [] : [`its owner signs up here, once: ${startLink}`]),
		...(ownerToken === undefined ? [] : [`the owner's token for programs, shown this once: ${ownerToken}`]),
	]);
	if (ownerToken !== undefined)
		hint(
			`Keep it as a secret (\`lintel site token\` makes another). \`lintel commission --site ${url}\` makes a reader known here; ${url}/api/openapi.json says what the server takes.`,
		);
	for (const warning of warnings) hint(warning);
}

/** The first signal that ends a process asks it to end well; after it the next one ends it at once. */
function signalled(): Promise<void> {
	const { signals } = commandIo();
	return new Promise((resolve) => {
		const end = (): void => {
			for (const name of ["SIGINT", "SIGTERM"]) signals.off(name, end);
			resolve();
		};
		for (const name of ["SIGINT", "SIGTERM"]) signals.on(name, end);
	});
}

function httpsOf({ tlsCert, tlsKey }: Serve): { cert: string; key: string } | undefined {
	if (tlsCert === undefined && tlsKey === undefined) return undefined;
	if (tlsCert === undefined || tlsKey === undefined)
		throw new Failure(
			"usage",
			"half-https",
			"HTTPS takes a certificate and its key",
			"Give --tls-cert and --tls-key.",
		);
	return { cert: readFileSync(tlsCert, "utf8"), key: readFileSync(tlsKey, "utf8") };
}

function brokerUrl(text: string): URL {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url !== undefined && /^mqtts?:$/.test(url.protocol) && url.hostname !== "") return url;
	throw new Failure(
		"usage",
		"bad-broker",
		"--mqtt is no broker's address",
		"Write mqtt://HOST:PORT, or mqtts:// for TLS.",
	);
}

async function restore(
	backup: string | undefined,
	{ data, store, yes }: Place & { yes?: true },
	command: Command,
): Promise<void> {
	const folder = await serverModule(() => import("../../site/server/data-folder.js"));
	if ((backup === undefined) !== (store !== undefined))
		throw new Failure(
			"usage",
			"which-backup",
			"a backup is a file that takes the place of site.db, or was brought back by the database's own tools",
			"Give the file of `lintel site backup`; or --store and no file, after `pg_restore`.",
		);
	if (backup === undefined) {
		await folder.markRestored(store!, nowSeconds());
		print(command, { store: "restored" }, ["the database: restored"]);
		hint(RESTORED);
		return;
	}
	await confirm(
		[
			"What came after the backup is not in it: people, plans, and the log since; doors bring their logs again.",
		],
		`Put ${backup} in place of the data in ${data}?`,
		yes === true,
	);
	const { before } = await folder.restore(backup, data, nowSeconds());
	print(command, { data, before: before ?? null }, [
		`${data}: restored`,
		...(before === undefined ? [] : [`${before}: what was there`]),
	]);
	hint(RESTORED);
}

const RESTORED =
	"Doors keep their plans. The server sends none until an administrator has confirmed the restored data (POST /api/restore/confirm), when it has heard what its doors have.";

async function token({ data, store, yes }: Place & { yes?: true }, command: Command): Promise<void> {
	const { withStore } = await serverModule(() => import("../../site/server/data-folder.js"));
	const { newOwnerToken } = await serverModule(() => import("../../site/server/api/token.js"));
	await confirm(["The owner's token of before opens nothing any more."], "Make a new one?", yes === true);
	const ownerToken = await withStore(data, newOwnerToken, store);
	print(command, { ownerToken }, [ownerToken]);
}

async function resetOwner(
	login: string | undefined,
	{ data, store: place, yes }: Place & { yes?: true },
	command: Command,
): Promise<void> {
	const { withStore } = await serverModule(() => import("../../site/server/data-folder.js"));
	const { resetOwner: reset } = await serverModule(() => import("../../site/server/sign-in/owner-reset.js"));
	await confirm(
		[
			"Whoever uses the link is an owner: passwords, passkeys, codes and sessions that this owner had end then.",
			"It is in the site's audit.",
		],
		"Make a link?",
		yes === true,
	);
	const crypto = new NodeCrypto();
	const made = await withStore(data, (store) => reset(store, nowSeconds(), login, crypto), place);
	print(command, { ...made }, [made.link]);
	hint(
		`${made.login === undefined ? "A new owner" : `The owner ${made.login}`} signs up there once, within 7 days; the server has to run meanwhile.`,
	);
}

async function brokerFiles(
	{ data, out, store: place }: Place & { out: string },
	command: Command,
): Promise<void> {
	const { withStore } = await serverModule(() => import("../../site/server/data-folder.js"));
	const { writeBrokerFiles } = await serverModule(() => import("../../site/server/broker/files.js"));
	const { acl, doors, passwords, server } = await withStore(
		data,
		(store) => writeBrokerFiles(store, out),
		place,
	);
	print(command, { passwords, acl, doors, user: server }, [
		`${passwords}: password_file of Mosquitto, ${doors} doors`,
		`${acl}: acl_file`,
	]);
	hint(
		`Name both in mosquitto.conf, make them readable to Mosquitto's user, and start the server with --mqtt mqtt://HOST. Write them again for each new door, then \`kill -HUP\` Mosquitto.`,
	);
}
