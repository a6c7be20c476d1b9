// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import {
	ACCESS_MASK,
	ACCESS_REVOKED,
	ID,
	NO_END,
	orderOf,
	type PlanNumber,
	RECORD,
} from "../../protocol/plan/format.js";
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
	signDelta,
	signSnapshot,
	tombstone,
} from "../../site/lib/plan/encode.js";
import { emptyEntry } from "../../src/access/plan-entry.js";
import { PlanStore } from "../../src/plan/store.js";
import { RememberingCrypto } from "./remembering-crypto.js";
import type { PowercutWorld, Scenario } from "./scenario.js";

/** Power cuts over the access plan: install, delta, revocation, merge. */

const crypto: Crypto = new RememberingCrypto();
const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(7));
const byEpoch = [1, 2, 3].map((epoch) => practiceKeys("ACME", pair, crypto, [], epoch));
const signing = (epoch: number): Signing => ({ crypto, ...byEpoch[epoch - 1]!.signing });
const trust = (epoch: number): TrustList => byEpoch[epoch - 1]!.trust;
/** Two slots with two sectors of body each. */
const SIZE = 2 * 7 * 4096;

const tables = encodeTables({ ...ALWAYS_OPEN, zone: "CET-1CEST,M3.5.0,M10.5.0/3" });

function record(n: number, access = 0): RecordModel {
	return { id: new SeededRandom(n + 1).bytes(8), access, flags: 0, from: 0, until: NO_END };
}

type Image = PlanImage & PlanNumber;

function image(version: number, records: readonly RecordModel[], epoch = 1): Image {
	const issued = 1_700_000_000 + version;
	const of = { site: "ACME", door: "front", epoch, version, issued, expires: 0 };
	return { ...of, tables, records: packRecords(records) };
}

interface PlanWorld extends PowercutWorld {
	readonly power: Power;
	readonly flash: SimFlash;
	readonly rollbackCounter: SimRollbackCounter;
	/** Of the site's trust list. */
	readonly epoch: number;
	/** The highest plan that the site was told is in force. */
	acknowledged: number;
	/** Revocations that the site was told hold. */
	readonly revoked: Set<number>;
	/** The highest plan that was in force after a start. */
	seen: number;
}

interface Step {
	readonly snapshot?: Snapshot;
	readonly delta?: Uint8Array;
	/** The plan that the step leads to. */
	readonly order: number;
	/** Apply the delta when half of the snapshot of the step before is in. */
	readonly during?: boolean;
	/** It only revokes, and may come before its base: ids. */
	readonly ahead?: boolean;
	readonly merge?: boolean;
}

/** What each plan says of each id, by the images alone. Plans are named by `orderOf`, here and below. */
function truth(images: readonly Image[]): Map<number, Map<string, string>> {
	const plans = new Map<number, Map<string, string>>();
	for (const plan of images) {
		const { records } = plan;
		const kinds = new Map<string, string>();
		for (let at = 0; at < records.length; at += RECORD) {
			const access = ((records[at + ID]! << 8) | records[at + ID + 1]!) & ACCESS_MASK;
			kinds.set(toHex(records.subarray(at, at + ID)), access === ACCESS_REVOKED ? "revoked" : "listed");
		}
		plans.set(orderOf(plan), kinds);
	}
	return plans;
}

function start(world: PlanWorld): PlanStore {
	const store = new PlanStore({
		flash: world.flash,
		rollbackCounter: world.rollbackCounter,
		deviceKey: DEVICE_KEY,
		crypto,
		trust: trust(world.epoch),
		door: "front",
		knownTime: () => undefined,
	});
	store.open();
	return store;
}

function scenario(
	name: string,
	images: readonly Image[],
	before: readonly Step[],
	steps: readonly Step[],
	epoch = 1,
): Scenario<PlanWorld> {
	const plans = truth(images);
	// Those that some version sees otherwise, and some of the rest: the scrub below compares the whole body anyway.
	const all = [...new Set([...plans.values()].flatMap((kinds) => [...kinds.keys()]))];
	const changed = (hex: string): boolean =>
		new Set([...plans.values()].map((kinds) => kinds.get(hex))).size > 1;
	const ids = all.filter((hex, n) => changed(hex) || n % 16 === 0);
	const bytes = ids.map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));
	const fresh = (epoch: number): PlanWorld => {
		const power = new Power();
		const flash = new SimFlash({ size: SIZE, power });
		return {
			power,
			flash,
			rollbackCounter: new SimRollbackCounter(power),
			epoch,
			acknowledged: 0,
			revoked: new Set(),
			seen: 0,
		};
	};
	const prepared = fresh(1);
	work(prepared, before);
	const contents = prepared.flash.snapshot();
	const last = Math.max(...steps.map((step) => step.order));

	return {
		name,
		begin: () => {
			const world = fresh(epoch);
			world.flash.restore(contents);
			world.rollbackCounter.value = prepared.rollbackCounter.value;
			world.acknowledged = prepared.acknowledged;
			return world;
		},
		run: (world) => work(world, steps),
		check: (world, finished) => {
			const store = start(world);
			const order = orderOf(store);
			if (world.flash.mismatches > 0) throw new Error("wrote where flash was not erased");
			if (order < world.acknowledged) throw new Error(`plan ${order} after ${world.acknowledged}`);
			if (order < world.seen) throw new Error(`the plan fell from ${world.seen} to ${order}`);
			if (order !== 0 && !plans.has(order)) throw new Error(`plan ${order} was never signed`);
			if (order === 0 && store.problem !== "empty") throw new Error(`no plan: ${store.problem}`);
			if (store.damaged) throw new Error("damaged");
			if (finished && order !== last) throw new Error(`ended at plan ${order}`);
			world.seen = order;
			const expected = plans.get(order);
			const into = emptyEntry();
			const ahead = [...store.earlyRevocations];
			for (const early of world.revoked) {
				if (early > order && !ahead.includes(early)) throw new Error(`revocation ${early} is lost`);
			}
			for (const [i, hex] of ids.entries()) {
				store.lookup(bytes[i]!, into);
				let should = expected?.get(hex) ?? "absent";
				for (const early of ahead) {
					// What that delta itself revokes: not so in the version before.
					const revokes =
						plans.get(early)!.get(hex) === "revoked" && plans.get(early - 1)!.get(hex) !== "revoked";
					if (revokes) should = "revoked";
				}
				if (into.kind !== should) throw new Error(`${hex} is ${into.kind}, plan ${order} says ${should}`);
			}
			// The whole body, as the site signed it.
			for (let i = 0; i < 16 && order !== 0; i++) store.work();
			if (store.absence !== undefined && order !== 0) throw new Error("body is not what was signed");
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
		if (orderOf(store) >= step.order || step.during) continue;
		if (step.delta !== undefined) {
			const result = store.applyDelta(step.delta);
			if (result === "applied") world.acknowledged = orderOf(store);
			else if (result === "revoked-ahead" && step.ahead) world.revoked.add(step.order);
			else throw new Error(`delta to ${step.order}: ${result}`);
			continue;
		}
		const { envelope, body } = step.snapshot!;
		const half = Math.floor(body.length / 2) + 100;
		expectNone(store.begin(envelope));
		expectNone(store.write(body.subarray(0, half)));
		const next = steps[i + 1];
		if (next?.during && !world.revoked.has(next.order) && orderOf(store) < next.order) {
			const result = store.applyDelta(next.delta!);
			if (result !== "revoked-ahead") throw new Error(`revocation during install: ${result}`);
			world.revoked.add(next.order);
		}
		expectNone(store.write(body.subarray(half)));
		let result = store.commit();
		while (result === "more") result = store.commit();
		if (result !== "done") throw new Error(`install of ${step.order}: ${result}`);
		world.acknowledged = orderOf(store);
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

/** Of the list's next epoch; the last of the one before is as high as a thief of its key can sign. */
const highest = image(
	0xffff_ffff,
	range(0, 70).map((n) => record(n)),
);
const again = image(1, [...range(5, 75).map((n) => record(n)), tombstone(record(0).id)], 2);
const andOn = image(
	2,
	[...range(5, 74).map((n) => record(n)), tombstone(record(0).id), tombstone(record(74).id)],
	2,
);

const install = (of: Image): Step => ({ snapshot: signSnapshot(of, signing(of.epoch)), order: orderOf(of) });
const delta = (from: Image, to: Image): Step => ({
	delta: signDelta(from, to, signing(to.epoch)),
	order: orderOf(to),
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
		[{ merge: true, order: orderOf(three) }, delta(three, four)],
	),
	scenario(
		"plan-new-epoch",
		[highest, again, andOn],
		[install(highest)],
		[install(again), { ...delta(again, andOn), during: true }],
		2,
	),
];
