// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey, X509Certificate } from "node:crypto";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Failure, traceOf } from "../lib/files/failure.js";
import type { SiteKeys } from "../lib/site-keys.js";
import { publicOrigin, SiteAddress } from "./address.js";
import { type Api, type HttpsFiles, newApi } from "./api/app.js";
import { endsSoon } from "./api/health.js";
import { ROUTES } from "./api/routes.js";
import { firstOwnerToken } from "./api/token.js";
import {
	type BrokerChoice,
	brokerSecret,
	doorsFind,
	type Listen,
	listenFailure,
	openBroker,
} from "./brokers.js";
import { Cluster } from "./cluster/cluster.js";
import { takeLists } from "./cluster/follower.js";
import { openFolder } from "./data-folder.js";
import { HomeAssistant } from "./home-assistant/bridge.js";
import { type HomeAssistantChoice, homeAssistantOptions } from "./home-assistant/options.js";
import { ServedDoors } from "./home-assistant/served-doors.js";
import { NoticeFile } from "./notice-archive.js";
import { eraseOld, RetentionTask } from "./privacy/retention.js";
import { RunningSite } from "./running-site.js";
import { ServerKeys, WARN_S } from "./server-keys.js";
import { firstStartLink } from "./sign-in/start-link.js";

export interface ServeOptions {
	readonly folder: string;
	/** Of the store, where that is a database of PostgreSQL. */
	readonly store?: string | undefined;
	readonly keys: SiteKeys;
	readonly http: Listen;
	readonly https?: HttpsFiles | undefined;
	/** How people reach it, where that is another address than it listens at: `https://doors.example.org`. */
	readonly publicUrl?: string | undefined;
	readonly broker: BrokerChoice;
	/** `HOST` or `HOST:PORT` at which doors find the broker, where that is another address. */
	readonly brokerAddress?: string | undefined;
	/** Where the doors are published for Home Assistant, if anywhere. */
	readonly homeAssistant?: HomeAssistantChoice | undefined;
	/** A line for the server's own log: what it could not do. */
	readonly log: (line: string) => void;
	/** Seconds since 1970. */
	readonly now?: () => number;
}

/** A site's server that runs. */
export interface SiteServer {
	readonly site: RunningSite;
	readonly url: string;
	/** Where people open its pages. */
	readonly pages: string;
	/** Where doors find the broker, `HOST:PORT`. */
	readonly broker: string;
	/** The owner's token, on the first start alone. */
	readonly ownerToken: string | undefined;
	/** Where its owner signs up, as long as there is none. */
	readonly startLink: string | undefined;
	/** What somebody has to do soon. */
	readonly warnings: readonly string[];
	/** Ends streams, sessions and the store, in this order. */
	close(): Promise<void>;
}

/** Throws `Failure`; nothing runs then. */
export async function serve(options: ServeOptions): Promise<SiteServer> {
	checkHttp(options);
	return startSite(options, { open: (api) => listen(api, options.http), isLinked: false });
}

/** How the API of a site that starts is reached. */
export interface Entrance {
	/** The address that it answers at from then on. Throws `Failure`. */
	readonly open: (api: Api) => Promise<string>;
	/** A person has the link by which its owner signs up already. */
	readonly isLinked: boolean;
}

/** Throws `Failure`; nothing runs then. */
export async function startSite(options: ServeOptions, entrance: Entrance): Promise<SiteServer> {
	const opened: (() => Promise<void>)[] = [];
	const close = async (): Promise<void> => {
		for (const end of opened.splice(0).reverse()) await end();
	};
	try {
		return { ...(await start(options, entrance, (end) => opened.push(end))), close };
	} catch (error) {
		await close();
		throw error;
	}
}

async function start(
	options: ServeOptions,
	entrance: Entrance,
	opened: (end: () => Promise<void>) => void,
): Promise<Omit<SiteServer, "close">> {
	const { https, log, now = nowSeconds } = options;
	const keys = new ServerKeys(options.folder, options.keys, new NodeCrypto());
	keys.check(now());
	const published = options.homeAssistant && homeAssistantOptions(keys.site, options.homeAssistant);
	// Doors of a broker in the process are connected to it alone.
	const shared = options.store !== undefined && options.broker instanceof URL;
	const database = options.store === undefined ? undefined : { url: options.store, shared };
	const folder = await openFolder(options.folder, keys.site, now(), database);
	opened(() => folder.close());
	const cluster = shared ? new Cluster(options.store!) : undefined;
	if (cluster !== undefined) {
		opened(() => cluster.close());
		await takeLists(folder.store, keys, now());
		keys.check(now());
	}
	keys.save();
	const { store } = folder;
	const secret = await brokerSecret(store, keys.site);
	const transport = await openBroker(options.broker, secret);
	opened(() => transport.close());
	const found = doorsFind(options, transport);
	const archive = new NoticeFile(join(options.folder, "notices"));
	const site = await RunningSite.open({
		...{ store, keys, transport, archive, now, log, cluster },
		broker: { ...found, secret },
	});
	opened(() => site.close());
	if (published !== undefined) {
		const doors = await ServedDoors.open(site, (error) => log(traceOf(error)));
		opened(async () => doors.close());
		const bridge = new HomeAssistant(published, doors, log);
		opened(() => bridge.close());
	}
	const api = await newApi(site, ROUTES, (error) => log(traceOf(error)), {
		...{ https, isBehindProxy: options.publicUrl !== undefined },
	});
	opened(() => api.close());
	const url = await entrance.open(api);
	site.address = new SiteAddress(url, options.publicUrl);
	site.outbox.look();
	const { origin: pages } = site.address;
	await store.facts.set("pages", pages);
	const failed = (error: unknown): void => log(traceOf(error));
	const retention = new RetentionTask(() => eraseOld(store, now(), site.crypto), now, failed);
	opened(() => retention.close());
	retention.look().catch(failed);
	// Last: of a start that fails nobody would read it.
	const ownerToken = await store.transaction(firstOwnerToken);
	const first = entrance.isLinked ? undefined : await firstStartLink(store, now());
	const startLink = first && `${pages}/start#${first}`;
	const ends = keys.end(now());
	const { restored } = site.planner;
	const warnings = [
		...(ends - now() > WARN_S ? [] : [endsSoon(ends, now())]),
		...(restored === undefined ? [] : [unconfirmed(restored)]),
	];
	return { site, url, pages, broker: wordsOf(found), ownerToken, startLink, warnings };
}

export async function listen(api: Api, at: Listen): Promise<string> {
	try {
		await api.listen(at);
	} catch (error) {
		throw listenFailure(error, at, "the server", "--port");
	}
	const { address, family, port } = api.server.address() as AddressInfo;
	const scheme = "cert" in api.initialConfig || api.initialConfig.https ? "https" : "http";
	return `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** Refuses to listen where secrets would be read, or by no good certificate. Throws `Failure`. */
export function checkHttp(options: Pick<ServeOptions, "http" | "https" | "publicUrl">): void {
	refuseInTheClear(options);
	refuseBadCertificate(options);
	if (options.publicUrl !== undefined) publicOrigin(options.publicUrl);
}

/** Tokens would pass a network in the clear. */
function refuseInTheClear({ http, https }: Pick<ServeOptions, "http" | "https">): void {
	if (https !== undefined || /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(http.host)) return;
	throw new Failure(
		"usage",
		"no-https",
		`the server listens at ${http.host} by HTTPS alone: tokens would pass the network in the clear`,
		"Give --tls-cert and --tls-key; or leave --listen out, and put a proxy with HTTPS in front of 127.0.0.1.",
	);
}

/** Before anything is opened: what OpenSSL says of a file is for its makers. */
function refuseBadCertificate({ https }: Pick<ServeOptions, "https">): void {
	try {
		if (https === undefined) return;
		// An empty file is none to it.
		new X509Certificate(https.cert);
		createPrivateKey(https.key);
		createSecureContext(https);
	} catch (error) {
		throw new Failure(
			"input",
			"bad-certificate",
			`the certificate and its key are not of each other, or no PEM files: ${(error as Error).message}`,
			"Give --tls-cert the file with the server's certificate first and then those that signed it, --tls-key that certificate's own key without a passphrase.",
		);
	}
}

function unconfirmed(restored: number): string {
	const at = new Date(restored * 1000).toISOString().slice(0, 16);
	return `A backup was restored at ${at}Z and nobody has confirmed it: until then no door gets a plan. GET /api/restore says which doors were not heard and which revocations are lost; POST /api/restore/confirm, with the owner's token, confirms.`;
}

function wordsOf({ host, port }: Listen): string {
	return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

export function nowSeconds(): number {
	return Math.floor(Date.now() / 1000);
}
