// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../hal/contracts/flash.js";
import { checkConfig, type ReaderConfig } from "../protocol/config/document.js";
import type { Crypto, Random } from "../protocol/crypto.js";
import { listHash } from "../protocol/trust/list.js";
import type { SealedState } from "../src/config/sealed-state.js";
import { ConfigStore } from "../src/config/store.js";
import type { SimSite } from "./site.js";
import type { Uplink } from "./uplink.js";

/** The one door of simulated worlds. */
export const DOOR = "FRONT";

/** `settings` of `DOOR` as its installer's file has them. Throws where one is not valid. */
export function configuration(settings: object = {}): ReaderConfig {
	const checked = checkConfig({ id: DOOR, ...settings });
	if ("config" in checked) return checked.config;
	const [{ field, message }] = checked.problems as [(typeof checked.problems)[0]];
	throw new Error(`${field} ${message}`);
}

/**
 * Leaves in a blank flash what an installer's visit does: the reader's keys, the site's trust and a configuration; with `uplink`, too,
 * where its site's server is. Returns the reader's Ed25519 key.
 */
export function commission(
	flash: Flash,
	sealed: SealedState,
	crypto: Crypto,
	site: SimSite,
	config: ReaderConfig,
	uplink?: Uplink,
): Uint8Array {
	// The site's dice make both the keys and what it signs over them, as one seed gives one world.
	const issued = [site.reader(config.id, 4), site.reader(config.id, 5)];
	const seeds = issued.map(({ secretKey }) => secretKey.subarray(0, 32));
	const dealt: Random = { fill: (into) => into.set(seeds.shift()!) };
	const store = new ConfigStore(flash, sealed, crypto, dealt);
	store.open();
	store.makeKeys();
	const credentials = issued.map(({ cwt }) => cwt);
	store.join(
		{ trust: site.trust, anchor: listHash(site.trust, crypto), door: config.id, credentials },
		config,
		uplink?.server,
	);
	if (uplink !== undefined) store.setWifi(uplink.wifi);
	return issued[0]!.publicKey.publicKey;
}
