// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../protocol/crypto.js";
import { NO_END } from "../../protocol/plan/format.js";
import { SimFlash, SimRollbackCounter } from "../../sim/flash.js";
import { practiceKeys } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { DEVICE_KEY } from "../../sim/self.js";
import {
	ALWAYS_OPEN,
	encodeTables,
	type PlanImage,
	packRecords,
	type RecordModel,
	signDelta,
	signSnapshot,
	tombstone,
} from "../../site/lib/plan/encode.js";
import { PlanStore } from "../../src/plan/store.js";
import { installPlan } from "../install-plan.js";

export interface Wear {
	readonly deltas: number;
	readonly snapshots: number;
	/** Merges that the reader did by itself. */
	readonly merges: number;
	/** Erases of the sector that was erased most, and of all on average. */
	readonly most: number;
	readonly mean: number;
	/** Raises of the floor in NVS. */
	readonly raises: number;
}

export interface Site {
	readonly credentials: number;
	readonly days: number;
	/** Each day: deltas, each with so many credentials added and as many revoked. */
	readonly deltasPerDay: number;
	readonly changesPerDelta: number;
	/** A snapshot comes every so many days besides. */
	readonly snapshotDays: number;
}

const newRecord = (random: SeededRandom): RecordModel => ({
	id: random.bytes(8),
	access: 0,
	flags: 0,
	from: 0,
	until: NO_END,
});

/** Revokes a credential and adds another; of the revoked ones the oldest are forgotten. */
function replaceOne(records: RecordModel[], credentials: number, random: SeededRandom): void {
	const [gone] = records.splice(random.below(credentials), 1);
	records.splice(credentials - 1, 0, newRecord(random));
	records.push(tombstone(gone!.id));
	if (records.length > credentials * 1.2) records.splice(credentials, 1);
}

/** With as much of the reader's idle work as it needs. */
function applyDelta(store: PlanStore, delta: Uint8Array): void {
	let result = store.applyDelta(delta);
	for (let i = 0; result === "journal-full" && i < 1_000_000; i++) {
		store.work();
		result = store.applyDelta(delta);
	}
	if (result !== "applied") throw new Error(`delta: ${result}`);
}

/** Lives through the days of a site and counts erases. */
export function wearOf(site: Site, crypto: Crypto): Wear {
	const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(1));
	const keys = practiceKeys("ACME", pair, crypto);
	const signing = { crypto, ...keys.signing };
	const { trust } = keys;
	const tables = encodeTables(ALWAYS_OPEN);
	const random = new SeededRandom(5);
	const records = Array.from({ length: site.credentials }, () => newRecord(random));
	const image = (version: number): PlanImage => ({
		site: "ACME",
		door: "front",
		version,
		issued: 1,
		expires: 0,
		tables,
		records: packRecords(records),
	});
	const pages = Math.ceil((site.credentials * 1.3) / 63) + 2;
	const flash = new SimFlash({ size: 2 * (5 + Math.ceil(pages / 4)) * 4096 });
	const rollbackCounter = new SimRollbackCounter();
	const store = new PlanStore({
		flash,
		rollbackCounter,
		deviceKey: DEVICE_KEY,
		crypto,
		trust,
		door: "front",
		knownTime: () => undefined,
	});
	store.open();
	const install = (plan: PlanImage): void => installPlan(store, signSnapshot(plan, signing));
	let version = 1;
	let now = image(version);
	install(now);
	let deltas = 0;
	let snapshots = 1;
	const erasesOfInstalls = (): number => flash.wear[0]! + flash.wear[flash.wear.length / 2]!;
	for (let day = 1; day <= site.days; day++) {
		for (let n = 0; n < site.deltasPerDay; n++) {
			for (let c = 0; c < site.changesPerDelta; c++) replaceOne(records, site.credentials, random);
			const next = image(++version);
			if (n === 0 && day % site.snapshotDays === 0) {
				install(next);
				snapshots++;
			} else {
				applyDelta(store, signDelta(now, next, signing));
				deltas++;
			}
			now = next;
			while (store.work());
		}
	}
	const most = flash.wear.reduce((a, b) => Math.max(a, b), 0);
	const mean = flash.erases / flash.wear.length;
	return {
		deltas,
		snapshots,
		merges: erasesOfInstalls() - snapshots,
		most,
		mean,
		raises: rollbackCounter.writes,
	};
}
