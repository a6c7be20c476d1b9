// SPDX-License-Identifier: Apache-2.0

import type { ServerSettings } from "../protocol/config/server.js";
import type { Crypto } from "../protocol/crypto.js";
import { type SigningKey, signingKey } from "../site/lib/site-keys.js";
import type { KeyModel } from "../site/lib/trust/model.js";
import type { SimBroker } from "./broker.js";
import type { SimNetwork } from "./network.js";
import { EPOCH } from "./site.js";

/** Where a simulated reader finds its site's server, and the network in which it does. */
export interface Uplink {
	readonly server: ServerSettings;
	readonly wifi: { readonly ssid: string; readonly password: string };
}

/** RFC 5737: for documentation. */
const ADDRESS = "192.0.2.10";

export const UPLINK: Uplink = Object.freeze({
	server: { host: "broker.example", port: 1883, password: "practice", spread: 1 },
	wifi: { ssid: "Building", password: "correct horse" },
});

const SEED = new Uint8Array(32).fill(0x5c);
const LIFE_S = 90 * 86_400;

/** The key of simulated sites' servers: for practice alone. */
export function practiceServerKey(crypto: Crypto): SigningKey {
	return signingKey(crypto.ed25519KeyPair(SEED.slice()), crypto);
}

/** As it stands in the site's trust list. */
export function serverModel({ publicKey }: SigningKey, epoch = EPOCH): KeyModel {
	return { publicKey, roles: ["sync"], until: epoch + LIFE_S };
}

/** The broker is where the reader looks for it. */
export function connectBroker(network: SimNetwork, broker: SimBroker): void {
	const { host, port } = UPLINK.server;
	network.names.set(host, ADDRESS);
	network.listeners.set(`${ADDRESS}:${port}`, broker.accept);
}
