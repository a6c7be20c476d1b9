// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { ACCESS_MASK, ACCESS_REVOKED, ID, NO_END, RECORD } from "../../protocol/plan/format.js";
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
	signDelta,
	signSnapshot,
	tombstone,
} from "../../site/lib/plan/encode.js";
import { emptyEntry } from "../../src/access/plan-entry.js";
import { PlanStore } from "../../src/plan/store.js";
import type { PowercutWorld, Scenario } from "./scenario.js";

/** Power cuts over the access plan: install, delta, revocation, merge. */

/** Verifying the same few signatures a hundred thousand times shows nothing new. */
class RememberingCrypto extends NodeCrypto {
	readonly #known = new Map<string, boolean>();

	override ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		const key = `${toHex(signature)}${toHex(this.sha256(message))}`;
		let good = this.#known.get(key);
		if (good === undefined) {
			good = super.ed25519Verify(signature, message, publicKey);
			this.#known.set(key, good);
		}
		return good;
	}
}

const crypto: Crypto = new RememberingCrypto();
const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(7));
const keys = practiceKeys("ACME", pair, crypto);
const signing: Signing = { crypto, ...keys.signing };
const { trust } = keys;
/** Two slots with two sectors of body each. */
const SIZE = 2 * 7 * 4096;

const tables = encodeTables({ ...ALWAYS_OPEN, zone: "CET-1CEST,M3.5.0,M10.5.0/3" });

function record(n: number, access = 0): RecordModel {
	return { id: new SeededRandom(n + 1).bytes(8), access, flags: 0, from: 0, until: NO_END };
}

function image(version: number, records: readonly RecordModel[]): PlanImage {
	const issued = 1_700_000_000 + version;
	return { site: "ACME", door: "front", version, issued, expires: 0, tables, records: packRecords(records) };
}

interface PlanWorld extends PowercutWorld {
	readonly power: Power;
	readonly flash: SimFlash;
	readonly rollbackCounter: SimRollbackCounter;
	/** The highest version that the site was told is in force. */
	acknowledged: number;
	/** Versions of revocations that the site was told hold. */
	readonly revoked: Set<number>;
	/** The highest version that was in force after a start. */
	seen: number;
}

interface Step {
	readonly snapshot?: Snapshot;
	readonly delta?: Uint8Array;
	/** Version that the step leads to. */
	readonly version: number;
	/** Apply the delta when half of the snapshot of the step before is in. */
	readonly during?: boolean;
	/** It only revokes, and may come before its base: ids. */
	readonly ahead?: boolean;
	readonly merge?: boolean;
}

/** What the plan of each version says of each id, by the images alone. */
function truth(images: readonly PlanImage[]): Map<number, Map<string, string>> {
	const versions = new Map<number, Map<string, string>>();
	for (const { version, records } of images) {
		const kinds = new Map<string, string>();
		for (let at = 0; at < records.length; at += RECORD) {
			const access = ((records[at + ID]! << 8) | records[at + ID + 1]!) & ACCESS_MASK;
			kinds.set(toHex(records.subarray(at, at + ID)), access === ACCESS_REVOKED ? "revoked" : "listed");
		}
		versions.set(version, kinds);
	}
	return versions;
}

function start(world: PlanWorld): PlanStore {
	const store = new PlanStore({
		flash: world.flash,
		rollbackCounter: world.rollbackCounter,
		deviceKey: DEVICE_KEY,
		crypto,
		trust,
		door: "front",
		knownTime: () => undefined,
	});
	store.open();
	return store;
}

function scenario(
	name: string,
	images: readonly PlanImage[],
	before: readonly Step[],
	steps: readonly Step[],
): Scenario<PlanWorld> {
	const versions = truth(images);
	// Those that some version sees otherwise, and some of the rest: the scrub below compares the whole body anyway.
	const all = [...new Set([...versions.values()].flatMap((kinds) => [...kinds.keys()]))];
	const changed = (hex: string): boolean =>
		new Set([...versions.values()].map((kinds) => kinds.get(hex))).size > 1;
	const ids = all.filter((hex, n) => changed(hex) || n % 16 === 0);
	const bytes = ids.map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));
	const fresh = (): PlanWorld => {
		const power = new Power();
		const flash = new SimFlash({ size: SIZE, power });
		return {
			power,
			flash,
			rollbackCounter: new SimRollbackCounter(power),
			acknowledged: 0,
			revoked: new Set(),
			seen: 0,
		};
	};
	const prepared = fresh();
	work(prepared, before);
	const contents = prepared.flash.snapshot();
	const last = Math.max(...steps.map((step) => step.version));

	return {
		name,
		begin: () => {
			const world = fresh();
			world.flash.restore(contents);
			world.rollbackCounter.value = prepared.rollbackCounter.value;
			world.acknowledged = prepared.acknowledged;
			return world;
		},
		run: (world) => work(world, steps),
		check: (world, finished) => {
			const store = start(world);
			const { version } = store;
			if (world.flash.mismatches > 0) throw new Error("wrote where flash was not erased");
			if (version < world.acknowledged) throw new Error(`version ${version} after ${world.acknowledged}`);
			if (version < world.seen) throw new Error(`version fell from ${world.seen} to ${version}`);
			if (version !== 0 && !versions.has(version)) throw new Error(`version ${version} was never signed`);
			if (version === 0 && store.problem !== "empty") throw new Error(`no plan: ${store.problem}`);
			if (store.damaged) throw new Error("damaged");
			if (finished && version !== last) throw new Error(`ended at version ${version}`);
			world.seen = version;
			const expected = versions.get(version);
			const into = emptyEntry();
			const aheadVersions = [...store.earlyRevocations];
			for (const v of world.revoked) {
				if (v > version && !aheadVersions.includes(v)) throw new Error(`revocation ${v} is lost`);
			}
			for (const [i, hex] of ids.entries()) {
				store.lookup(bytes[i]!, into);
				let should = expected?.get(hex) ?? "absent";
				for (const v of aheadVersions) {
					// What that delta itself revokes: not so in the version before.
					const revokes =
						versions.get(v)!.get(hex) === "revoked" && versions.get(v - 1)!.get(hex) !== "revoked";
					if (revokes) should = "revoked";
				}
				if (into.kind !== should)
					throw new Error(`${hex} is ${into.kind}, version ${version} says ${should}`);
			}
			// The whole body, as the site signed it.
			for (let i = 0; i < 16 && version !== 0; i++) store.work();
			if (store.absence !== undefined && version !== 0) throw new Error("body is not what was signed");
		},
	};
}

/** Does each step that is still to be done, as the site would: told what it is told, it sends again. */
function work(world: PlanWorld, steps: readonly Step[]): void {
	const store = start(world);
	for (const [i, step] of steps.entries()) {
		if (step.merge) {
			if (store.compact()) while (store.work());
			continue;
		}
		if (store.version >= step.version || step.during) continue;
		if (step.delta !== undefined) {
			const result = store.applyDelta(step.delta);
			if (result === "applied") world.acknowledged = store.version;
			else if (result === "revoked-ahead" && step.ahead) world.revoked.add(step.version);
			else throw new Error(`delta to ${step.version}: ${result}`);
			continue;
		}
		const { envelope, body } = step.snapshot!;
		const half = Math.floor(body.length / 2) + 100;
		expectNone(store.begin(envelope));
		expectNone(store.write(body.subarray(0, half)));
		const next = steps[i + 1];
		if (next?.during && !world.revoked.has(next.version) && store.version < next.version) {
			const result = store.applyDelta(next.delta!);
			if (result !== "revoked-ahead") throw new Error(`revocation during install: ${result}`);
			world.revoked.add(next.version);
		}
		expectNone(store.write(body.subarray(half)));
		let result = store.commit();
		while (result === "more") result = store.commit();
		if (result !== "done") throw new Error(`install of ${step.version}: ${result}`);
		world.acknowledged = store.version;
	}
}

function expectNone(refusal: string | undefined): void {
	if (refusal !== undefined) throw new Error(`refused: ${refusal}`);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

const one = image(
	1,
	range(0, 70).map((n) => record(n)),
);
const two = image(2, [...range(5, 75).map((n) => record(n)), tombstone(record(0).id)]);
const three = image(3, [
	...range(5, 74).map((n) => record(n)),
	tombstone(record(0).id),
	tombstone(record(74).id),
]);
const four = image(4, [
	...range(5, 73).map((n) => record(n)),
	tombstone(record(0).id),
	tombstone(record(74).id),
	tombstone(record(73).id),
]);

const install = (of: PlanImage): Step => ({ snapshot: signSnapshot(of, signing), version: of.version });
const delta = (from: PlanImage, to: PlanImage): Step => ({
	delta: signDelta(from, to, signing),
	version: to.version,
});

export const planScenarios: readonly Scenario<PlanWorld>[] = [
	scenario("plan-first-install", [one], [], [install(one)]),
	scenario("plan-install", [one, two], [install(one)], [install(two)]),
	scenario("plan-delta", [one, two, three], [install(one)], [delta(one, two), delta(two, three)]),
	scenario(
		"plan-revoke",
		[one, two, three, four],
		[install(one), delta(one, two)],
		[delta(two, three), delta(three, four)],
	),
	scenario(
		"plan-revoke-during-install",
		[one, two, three],
		[install(one)],
		[install(two), { ...delta(two, three), during: true }],
	),
	scenario(
		"plan-revoke-ahead",
		[one, two, three],
		[install(one)],
		[{ ...delta(two, three), ahead: true }, delta(one, two)],
	),
	scenario(
		"plan-merge",
		[one, two, three, four],
		[install(one), delta(one, two), delta(two, three)],
		[{ merge: true, version: 3 }, delta(three, four)],
	),
];
