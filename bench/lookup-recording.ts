// SPDX-License-Identifier: Apache-2.0

/**
 * On Node: plans of growing size in flash, and some lookups in each; of the flash only what these read is kept, so that a
 * small machine can repeat them without the 4 MB.
 */
import type { Flash } from "../hal/contracts/flash.js";
import { NodeCrypto } from "../hal/node/crypto.js";
import { toHex } from "../protocol/bytes.js";
import { NO_END } from "../protocol/plan/format.js";
import { SimFlash, SimRollbackCounter } from "../sim/flash.js";
import { SeededRandom } from "../sim/random.js";
import { DEVICE_KEY } from "../sim/self.js";
import { EPOCH, SimSite } from "../sim/site.js";
import {
	ALWAYS_OPEN,
	encodeTables,
	packRecords,
	type RecordModel,
	signSnapshot,
} from "../site/lib/plan/encode.js";
import { emptyEntry } from "../src/access/plan-entry.js";
import { PlanStore } from "../src/plan/store.js";
import { installPlan } from "../tools/install-plan.js";

export const SIZES = Object.freeze([1000, 10_000, 100_000, 240_000]);
const LOOKUPS = 32;
/** The plan partition of a 16 MB module. */
const PARTITION = 8_192_000;

export interface Recording {
	readonly credentials: number;
	readonly size: number;
	/** Payload of the site's trust list. */
	readonly list: string;
	readonly version: number;
	/** Credential ids to look up; all are listed. */
	readonly ids: readonly string[];
	/** What the flash says: "address:length" to bytes. */
	readonly reads: Readonly<Record<string, string>>;
	/** Flash reads of one lookup, on average and at most. */
	readonly meanReads: number;
	readonly maxReads: number;
	/** ms of one lookup on Node. */
	readonly nodeMicros: number;
}

/** `inner`, of which every read is counted and kept. */
function recordReads(inner: Flash, reads: Map<string, string>): Flash & { readonly count: number } {
	let count = 0;
	return {
		size: inner.size,
		sectorSize: inner.sectorSize,
		get count() {
			return count;
		},
		read: (address, into) => {
			inner.read(address, into);
			count++;
			reads.set(`${address}:${into.length}`, toHex(into));
		},
		write: (address, data) => inner.write(address, data),
		erase: (sector) => inner.erase(sector),
	};
}

export function record(credentials: number): Recording {
	const crypto = new NodeCrypto();
	const random = new SeededRandom(credentials);
	const site = new SimSite(crypto, random);
	const inner = new SimFlash({ size: PARTITION });
	const rollbackCounter = new SimRollbackCounter();
	const reads = new Map<string, string>();
	const flash = recordReads(inner, reads);
	const models: RecordModel[] = [];
	for (let i = 0; i < credentials; i++)
		models.push({ id: random.bytes(8), access: 0, flags: 0, from: 0, until: NO_END });
	const of = {
		rollbackCounter,
		deviceKey: DEVICE_KEY,
		crypto,
		trust: site.trust,
		door: "FRONT",
		knownTime: () => EPOCH,
	};
	const plan = new PlanStore({ ...of, flash: inner });
	plan.open();
	const snapshot = signSnapshot(
		{
			site: site.id,
			door: "FRONT",
			version: 1,
			issued: EPOCH,
			expires: 0,
			tables: encodeTables(ALWAYS_OPEN),
			records: packRecords(models),
		},
		{ crypto, ...site.keys.signing },
	);
	installPlan(plan, snapshot);

	const store = new PlanStore({ ...of, flash });
	store.open();
	const into = emptyEntry();
	const ids: string[] = [];
	let sum = 0;
	let maxReads = 0;
	for (let i = 0; i < LOOKUPS; i++) {
		const { id } = models[random.below(credentials)]!;
		const before = flash.count;
		if (!store.lookup(id, into)) throw new Error("a credential of the plan is not found");
		ids.push(toHex(id));
		const count = flash.count - before;
		sum += count;
		maxReads = Math.max(maxReads, count);
	}
	const start = process.hrtime.bigint();
	for (let i = 0; i < 2000; i++) plan.lookup(models[i % credentials]!.id, into);
	const nodeMicros = Number(process.hrtime.bigint() - start) / 2_000_000;
	return {
		credentials,
		size: PARTITION,
		list: toHex(site.trust.payload),
		version: rollbackCounter.plan,
		ids,
		reads: Object.fromEntries(reads),
		meanReads: sum / LOOKUPS,
		maxReads,
		nodeMicros,
	};
}
