import { EDDSA, signer } from "../../protocol/credential/cose.js";
import type { Crypto } from "../../protocol/crypto.js";
import { NO_END } from "../../protocol/plan/format.js";
import { SimFlash, SimRollbackCounter } from "../../sim/flash.js";
import { SeededRandom } from "../../sim/random.js";
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

/** Lives through the days of a site and counts erases. */
export function wearOf(site: Site, crypto: Crypto): Wear {
	const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(1));
	const signing = { crypto, signer: signer(crypto, EDDSA, pair.secretKey) };
	const trust = { site: "ACME", keys: [{ algorithm: EDDSA, publicKey: pair.publicKey } as const] };
	const tables = encodeTables(ALWAYS_OPEN);
	const random = new SeededRandom(5);
	const fresh = (): RecordModel => ({ id: random.bytes(8), access: 0, flags: 0, from: 0, until: NO_END });
	const records = Array.from({ length: site.credentials }, fresh);
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
	const store = new PlanStore({ flash, rollbackCounter, crypto, trust, door: "front" });
	store.open();
	const install = (plan: PlanImage): void => {
		const { envelope, body } = signSnapshot(plan, signing);
		let result: string | undefined = store.begin(envelope);
		for (let at = 0; result === undefined && at < body.length; at += 4096)
			result = store.write(body.subarray(at, at + 4096));
		while (result === undefined || result === "more") result = store.commit();
		if (result !== "done") throw new Error(`install: ${result}`);
	};
	let version = 1;
	let now = image(version);
	install(now);
	let deltas = 0;
	let snapshots = 1;
	const erasesOfInstalls = (): number => flash.wear[0]! + flash.wear[flash.wear.length / 2]!;
	for (let day = 1; day <= site.days; day++) {
		for (let n = 0; n < site.deltasPerDay; n++) {
			for (let c = 0; c < site.changesPerDelta; c++) {
				// Somebody comes and somebody goes; who went long ago is forgotten.
				const [gone] = records.splice(random.below(site.credentials), 1);
				records.splice(site.credentials - 1, 0, fresh());
				records.push(tombstone(gone!.id));
				if (records.length > site.credentials * 1.2) records.splice(site.credentials, 1);
			}
			const next = image(++version);
			if (n === 0 && day % site.snapshotDays === 0) {
				install(next);
				snapshots++;
			} else {
				const delta = signDelta(now, next, signing);
				let result = store.applyDelta(delta);
				for (let i = 0; result === "journal-full" && i < 1_000_000; i++) {
					store.work();
					result = store.applyDelta(delta);
				}
				if (result !== "applied") throw new Error(`delta: ${result}`);
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
		raises: rollbackCounter.raises,
	};
}
