// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../protocol/crypto.js";
import { NO_END } from "../../protocol/plan/format.js";
import type { TrustList } from "../../protocol/trust/list.js";
import { Power, SimFlash, SimRollbackCounter } from "../../sim/flash.js";
import { practiceKeys } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { DEVICE_KEY } from "../../sim/self.js";
import {
	ALWAYS_OPEN,
	encodeTables,
	type PlanImage,
	packRecords,
	type RecordModel,
	type Signing,
	type Snapshot,
	type TablesModel,
} from "../../site/lib/plan/encode.js";
import { PlanStore } from "../../src/plan/store.js";

/** A site of the specs: its key, and plans made by hand. */
export interface TestSite {
	readonly signing: Signing;
	readonly trust: TrustList;
}

export function testSite(crypto: Crypto, site = "ACME", seed = 1, epoch = 1): TestSite {
	const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(seed));
	const keys = practiceKeys(site, pair, crypto, [], epoch);
	return { signing: { crypto, ...keys.signing }, trust: keys.trust };
}

export const ALWAYS = ALWAYS_OPEN;

/** Credential number `n`: ids spread as random ones are, the same every time. */
export function id(n: number): Uint8Array {
	return new SeededRandom(n + 1).bytes(8);
}

export function open(n: number, access = 0): RecordModel {
	return { id: id(n), access, flags: 0, from: 0, until: NO_END };
}

export function image(
	version: number,
	records: readonly RecordModel[],
	more: Partial<PlanImage> & { model?: TablesModel } = {},
): PlanImage {
	const { model, ...rest } = more;
	return {
		site: "ACME",
		door: "front",
		version,
		issued: 1_700_000_000 + version,
		expires: 0,
		tables: encodeTables(model ?? ALWAYS),
		records: packRecords(records),
		...rest,
	};
}

export interface Device {
	readonly power: Power;
	readonly flash: SimFlash;
	readonly rollbackCounter: SimRollbackCounter;
	readonly deviceKey: Uint8Array;
	readonly crypto: Crypto;
	readonly trust: TrustList;
	readonly door: string;
	readonly knownTime: () => number | undefined;
}

export function device(crypto: Crypto, trust: TrustList, size = 2 * 64 * 1024): Device {
	const power = new Power();
	return {
		power,
		flash: new SimFlash({ size, power }),
		rollbackCounter: new SimRollbackCounter(power),
		deviceKey: DEVICE_KEY,
		crypto,
		trust,
		door: "front",
		knownTime: () => undefined,
	};
}

/** A start of the reader on that flash. */
export function start(on: Device): PlanStore {
	on.power.restore();
	const store = new PlanStore(on);
	store.open();
	return store;
}

/** Streams a snapshot in: "done", or why not. */
export function install(store: PlanStore, snapshot: Snapshot, chunk = 700): string {
	let result: string | undefined = store.begin(snapshot.envelope);
	for (let at = 0; result === undefined && at < snapshot.body.length; at += chunk) {
		result = store.write(snapshot.body.subarray(at, at + chunk));
	}
	while (result === undefined || result === "more") result = store.commit();
	return result;
}
