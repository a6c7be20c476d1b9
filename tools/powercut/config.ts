// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../protocol/bytes.js";
import { checkConfig, type ReaderConfig } from "../../protocol/config/document.js";
import { listHash } from "../../protocol/trust/list.js";
import { Power, SimFlash } from "../../sim/flash.js";
import { practiceKeys } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { SimSelf } from "../../sim/self.js";
import type { ConfigStore } from "../../src/config/store.js";
import { RememberingCrypto } from "./remembering-crypto.js";
import type { PowercutWorld, Scenario } from "./scenario.js";

/** Power cuts over what a reader keeps about itself: keys, membership, configuration, reset. */

const crypto = new RememberingCrypto();
const { trust } = practiceKeys("ACME", crypto.ed25519KeyPair(new Uint8Array(32).fill(7)), crypto);
/** Apart from the harness's seeds of garbage, which must not look like a key. */
const SEEDS = 0x10000;
/** Small sectors, two a half: every boundary in a few writes. */
const SECTOR = 512;
const HALF = 2 * SECTOR;

interface ConfigWorld extends PowercutWorld {
	readonly self: SimSelf;
	/** Changes that the installer was told are done. */
	done: number;
}

function configuration(strikeTime: number): ReaderConfig {
	const checked = checkConfig({ id: "FRONT", name: "Front door", door: { strikeTime } });
	if ("problems" in checked) throw new Error("the scenario's configuration is not valid");
	return checked.config;
}

function join(store: ConfigStore): void {
	// What `finish` does when it is asked again after its reply was lost.
	if (store.membership !== undefined) return;
	store.makeKeys();
	const credentials = [new Uint8Array(150).fill(3)];
	store.join({ trust, anchor: listHash(trust, crypto), door: "FRONT", credentials }, configuration(5));
}

type Change = (store: ConfigStore) => void;

function open(self: SimSelf, seed: number): ConfigStore {
	return self.open(crypto, new SeededRandom(SEEDS + seed));
}

function blank(power?: Power): SimSelf {
	return new SimSelf(new SimFlash({ size: 2 * HALF, sectorSize: SECTOR, ...(power && { power }) }));
}

/** All of it, as text. */
function contents({ keys, membership, config, wifi }: ConfigStore): string {
	const key = keys && toHex(keys[0]!.publicKey);
	return JSON.stringify({
		key,
		member: membership?.trust.site,
		time: config?.door.strikeTime,
		wifi,
		signed: membership?.credentials.map(toHex),
	});
}

function scenario(name: string, changes: readonly Change[]): Scenario<ConfigWorld> {
	/** After each change of an undisturbed life. */
	const expected: string[] = [];
	const secrets: string[] = [];
	const self = blank();
	expected.push(contents(open(self, 0)));
	for (const [i, change] of changes.entries()) {
		const store = open(self, i);
		change(store);
		expected.push(contents(store));
		secrets.push(store.keys ? toHex(store.keys[0]!.secretKey.subarray(0, 32)) : "");
	}
	return {
		name,
		begin() {
			const power = new Power();
			return { power, self: blank(power), done: 0 };
		},
		run(world) {
			while (world.done < changes.length) {
				const store = open(world.self, world.done);
				changes[world.done]!(store);
				world.done++;
			}
		},
		check({ self, done }, finished) {
			const store = open(self, 0);
			const { flash } = self;
			if (store.damaged) throw new Error("damaged");
			const now = contents(store);
			if (now !== expected[done] && (finished || now !== expected[done + 1]))
				throw new Error(`${now} after ${done} changes, not ${expected[done]}`);
			// Keys that were not given out may lie there in part until the next change.
			const told = secrets.slice(0, done).filter((secret) => secret !== "");
			if (store.keys === undefined && told.some((secret) => toHex(flash.bytes).includes(secret)))
				throw new Error("a key is still in flash");
			if (toHex(flash.bytes.subarray(0, HALF)) !== toHex(flash.bytes.subarray(HALF)) && now !== expected[0])
				throw new Error("one half is behind");
		},
	};
}

const reset: Change = (store) => store.reset();
const apply =
	(strikeTime: number): Change =>
	(store) =>
		void store.setConfig(configuration(strikeTime));
const wifi: Change = (store) => store.setWifi({ ssid: "Building", password: "correct horse" });

const certify: Change = (store) => store.setCredentials([new Uint8Array(150).fill(4)]);

export const configScenarios: readonly Scenario<ConfigWorld>[] = [
	scenario("config-commission", [wifi, join]),
	scenario("config-life", [apply(7), join, wifi, apply(9), certify, apply(5), reset, wifi, join]),
];
