// SPDX-License-Identifier: Apache-2.0

import { networkInterfaces } from "node:os";
import { fromHex } from "../../protocol/bytes.js";
import { checkServer, DEFAULT_MQTT_PORT } from "../../protocol/config/server.js";
import { Failure } from "../lib/files/failure.js";
import { EmbeddedBroker } from "./broker/embedded.js";
import { ExternalBroker } from "./broker/external.js";
import { type BrokerSecret, brokerPassword } from "./broker/passwords.js";
import type { SiteTransport } from "./broker/transport.js";
import type { Store } from "./store/store.js";

/** An address to listen at. Port 0: any that is free. */
export interface Listen {
	readonly host: string;
	readonly port: number;
}

/** A broker in this process, or the address of one that others run. */
export type BrokerChoice = Listen | URL;

export async function brokerSecret(store: Store, site: string): Promise<BrokerSecret> {
	const [secret, epoch] = await Promise.all([
		store.facts.get("brokerSecret"),
		store.facts.get("brokerEpoch"),
	]);
	if (secret === undefined || epoch === undefined) throw new Error("a store without a broker's secret");
	return { site, secret: fromHex(secret), epoch };
}

/** Of the site's server at a broker that others run: that of no door. */
export function serverPassword(broker: BrokerSecret): string {
	return brokerPassword(broker, "", broker.epoch);
}

/** Throws `Failure` where it cannot listen there. */
export async function openBroker(choice: BrokerChoice, secret: BrokerSecret): Promise<SiteTransport> {
	if (choice instanceof URL)
		return new ExternalBroker({ url: choice, site: secret.site, password: serverPassword(secret) });
	try {
		return await EmbeddedBroker.open({ ...choice, secret: () => secret });
	} catch (error) {
		throw listenFailure(error, choice, "the broker", "--broker-port");
	}
}

/** Where doors are told that the broker is. Throws `Failure`. */
export function doorsFind(
	{ broker, brokerAddress }: { broker: BrokerChoice; brokerAddress?: string | undefined },
	transport: SiteTransport,
): Listen {
	const [choiceHost, choicePort] =
		broker instanceof URL
			? [broker.hostname.replace(/^\[|\]$/g, ""), Number(broker.port) || DEFAULT_MQTT_PORT]
			: [broker.host, transport instanceof EmbeddedBroker ? transport.port : broker.port];
	if (brokerAddress === undefined) return { host: reachable(choiceHost), port: choicePort };
	const [, inner, plain, port = choicePort] =
		/^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(brokerAddress) ?? [];
	const host = inner ?? plain;
	const checked = checkServer({ host, port: Number(port), password: "-" });
	if ("server" in checked) return { host: checked.server.host, port: checked.server.port };
	throw new Failure(
		"usage",
		"bad-broker-address",
		"--broker-address is no address that a reader can be given",
		"Write HOST or HOST:PORT.",
	);
}

/** Of all of a computer's addresses the first that others can reach. */
function reachable(host: string): string {
	if (host !== "0.0.0.0" && host !== "::") return host;
	const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
	return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? host;
}

/** Why a port cannot be listened at, and what to do. */
export function listenFailure(error: unknown, { host, port }: Listen, who: string, option: string): unknown {
	const code = (error as NodeJS.ErrnoException).code;
	if (code === "EADDRINUSE")
		return new Failure(
			"input",
			"port-taken",
			`${who} cannot listen at ${host}:${port}: another program does`,
			`Stop that one, or give ${option} another port.`,
		);
	if (code === "EACCES")
		return new Failure(
			"input",
			"port-denied",
			`${who} may not listen at ${host}:${port}`,
			`Give ${option} a port above 1023.`,
		);
	if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
		return new Failure(
			"input",
			"no-such-address",
			`${host} is no address of this computer`,
			"Give an address that it has, or 0.0.0.0 for all.",
		);
	return error;
}
