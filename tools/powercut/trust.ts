// SPDX-License-Identifier: Apache-2.0

import { checkConfig } from "../../protocol/config/document.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { NO_END } from "../../protocol/plan/format.js";
import { Power, SimFlash } from "../../sim/flash.js";
import { type PracticeKeys, practiceKeys, rootOf, withNextList } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { DEVICE_KEY, SimSelf } from "../../sim/self.js";
import {
	ALWAYS_OPEN,
	encodeTables,
	packRecords,
	type Snapshot,
	signSnapshot,
} from "../../site/lib/plan/encode.js";
import { signingKey } from "../../site/lib/site-keys.js";
import { type KeyModel, modelOf, type TrustModel } from "../../site/lib/trust/model.js";
import { emptyEntry } from "../../src/access/plan-entry.js";
import { ConfigStore } from "../../src/config/store.js";
import { PlanStore } from "../../src/plan/store.js";
import { RememberingCrypto } from "./remembering-crypto.js";
import type { PowercutWorld, Scenario } from "./scenario.js";

/** Power cuts over the trust list: steps, a list and its plan as one change, commissioning over a candidate. */

const crypto = new RememberingCrypto();
const DOOR = "front";
/** Small sectors, four a half. */
const SECTOR = 512;
/** Two slots with two sectors of body each. */
const PLAN_SIZE = 2 * 7 * 4096;
/** Credentials that some plan lists. */
const IDS = [1, 2, 3].map((n) => new SeededRandom(n).bytes(8));

const pairOf = (seed: number): KeyPair => crypto.ed25519KeyPair(new Uint8Array(32).fill(seed));
const FIRST = pairOf(1);
const SECOND = pairOf(2);
const NEXT_ROOT = rootOf(crypto, new Uint8Array(32).fill(3));

/** The site after each of its lists, version 1 first. Both keys sign plans. */
function site(...changes: ((before: TrustModel) => Partial<TrustModel>)[]): readonly PracticeKeys[] {
	const second: KeyModel = { publicKey: SECOND.publicKey, roles: ["plan"] };
	const sites = [practiceKeys("ACME", FIRST, crypto, [second])];
	for (const change of changes) {
		const before = sites.at(-1)!;
		const roots = [before.root, NEXT_ROOT];
		sites.push(withNextList(before, change(modelOf(before.trust)), roots));
	}
	return sites;
}

/** Key number `n` of the list is so. */
const keyIs =
	(n: number, state: "ended" | "stolen", epoch?: number) =>
	({ keys, epoch: last }: TrustModel): Partial<TrustModel> => ({
		keys: keys.map((key, i) => (i === n ? { ...key, state } : key)),
		epoch: epoch ?? last,
	});

/** A plan that lists credential `n`. */
function plan(by: KeyPair, epoch: number, version: number, n: number): Snapshot {
	const record = { id: IDS[n - 1]!, access: 0, flags: 0, from: 0, until: NO_END };
	return signSnapshot(
		{
			...{ site: "ACME", door: DOOR, version, issued: 1_700_000_000, expires: 0 },
			...{ tables: encodeTables(ALWAYS_OPEN), records: packRecords([record]) },
		},
		{ crypto, epoch, ...signingKey(by, crypto) },
	);
}

interface TrustWorld extends PowercutWorld {
	readonly self: SimSelf;
	readonly flash: SimFlash;
	/** Steps that the outside was told are done. */
	told: number;
	/** Steps that the last start found done. */
	seen: number;
}

/** A start of the reader. */
class Reader {
	readonly store: ConfigStore;
	readonly plan: PlanStore;

	constructor({ flash, self }: Pick<TrustWorld, "flash" | "self">) {
		const sealed = self.sealed(crypto);
		const store = new ConfigStore(self.flash, sealed, crypto, new SeededRandom(5));
		store.open();
		this.store = store;
		this.plan = new PlanStore({
			...{ flash, crypto, rollbackCounter: sealed, deviceKey: DEVICE_KEY, knownTime: () => undefined },
			get trust() {
				return store.trust;
			},
			held: store.lists,
			door: DOOR,
		});
		if (store.membership !== undefined) this.plan.open();
	}

	take({ lists }: PracticeKeys, alone = false): void {
		this.store.lists.add(lists.at(-1)!, 0);
		const member = this.store.membership !== undefined;
		const refusal = this.store.lists.take(alone, member ? this.plan : undefined);
		if (refusal !== undefined) throw new Error(`the list is refused: ${refusal}`);
	}

	install({ body, envelope }: Snapshot): void {
		let result: string | undefined = this.plan.begin(envelope) ?? this.plan.write(body) ?? "more";
		while (result === "more") result = this.plan.commit();
		if (result !== "done") throw new Error(`the plan is refused: ${result}`);
	}

	/** What opens the door, and by whose word. */
	get state(): string {
		const { plan, store } = this;
		const into = emptyEntry();
		const listed = IDS.flatMap((id, i) => (plan.lookup(id, into) ? [i + 1] : []));
		return `list ${store.trust.version}, plan ${plan.epoch}/${plan.version} of ${listed.join()}`;
	}
}

type Step = (reader: Reader) => void;

/** A new reader draws its keys, and takes the lists of `sites` one by one, then its door. */
const join =
	(sites: readonly PracticeKeys[]): Step =>
	(reader) => {
		const { lists } = reader.store;
		reader.store.makeKeys();
		for (const one of sites) reader.take(one);
		const checked = checkConfig({ id: DOOR });
		if ("problems" in checked) throw new Error("the scenario's configuration is not valid");
		const { anchor, candidate } = lists;
		const credentials = [new Uint8Array(150).fill(3)];
		reader.store.join({ trust: candidate!, anchor, door: DOOR, credentials }, checked.config);
	};

const take =
	(one: PracticeKeys, alone = false): Step =>
	(reader) =>
		reader.take(one, alone);
const install =
	(snapshot: Snapshot): Step =>
	(reader) =>
		reader.install(snapshot);
/** As one change. */
const together =
	(...steps: Step[]): Step =>
	(reader) => {
		for (const step of steps) step(reader);
	};

/** Each step is one change: after a cut it is done, or nothing of it is. The first `before` are done before. */
function scenario(name: string, steps: readonly Step[], before = 0): Scenario<TrustWorld> {
	const fresh = (power = new Power()): TrustWorld => ({
		power,
		self: new SimSelf(new SimFlash({ size: 8 * SECTOR, sectorSize: SECTOR, power })),
		flash: new SimFlash({ size: PLAN_SIZE, power }),
		told: before,
		seen: before,
	});
	const life = fresh();
	let prepared = { self: life.self.snapshot(), flash: life.flash.snapshot() };
	const states = [new Reader(life).state];
	for (const [i, step] of steps.entries()) {
		const reader = new Reader(life);
		step(reader);
		states.push(reader.state);
		if (i + 1 === before) prepared = { self: life.self.snapshot(), flash: life.flash.snapshot() };
	}
	return {
		name,
		begin() {
			const world = fresh();
			world.self.restore(prepared.self);
			world.flash.restore(prepared.flash);
			return world;
		},
		run(world) {
			const reader = new Reader(world);
			for (let i = Math.max(world.told, world.seen); i < steps.length; i++) {
				steps[i]!(reader);
				world.told = i + 1;
			}
		},
		check(world, finished) {
			const { store, state } = new Reader(world);
			if (store.damaged) throw new Error("damaged");
			if (store.lists.newest !== store.trust) throw new Error("a list waits that no plan comes with");
			if (world.flash.mismatches > 0) throw new Error("wrote where flash was not erased");
			const least = Math.max(world.told, world.seen);
			if (finished && state !== states[steps.length]) throw new Error(`ended with ${state}`);
			if (state === states[least]) world.seen = least;
			else if (state === states[least + 1]) world.seen = least + 1;
			else throw new Error(`${state} after ${least} steps, not ${states[least]}`);
		},
	};
}

const ended = site(
	keyIs(0, "ended"),
	({ keys }) => ({ keys, roots: [NEXT_ROOT.publicKey] }),
	() => ({ epoch: 2 }),
);
const stolen = site(keyIs(0, "stolen", 2), keyIs(1, "stolen", 3), ({ keys }) => ({
	keys: [...keys.slice(0, 1), { publicKey: pairOf(4).publicKey, roles: ["plan"] }],
	epoch: 4,
}));
const commissioned = [join(stolen.slice(0, 1)), install(plan(FIRST, 1, 1, 1))];

export const trustScenarios: readonly Scenario<TrustWorld>[] = [
	scenario("trust-commission", [join(ended), install(plan(SECOND, 2, 1, 2))]),
	scenario(
		"trust-steps",
		[
			join(ended.slice(0, 1)),
			install(plan(FIRST, 1, 1, 1)),
			...ended.slice(1).map((one) => take(one)),
			install(plan(SECOND, 2, 1, 2)),
		],
		2,
	),
	scenario("trust-stolen", [...commissioned, together(take(stolen[1]!), install(plan(SECOND, 2, 1, 2)))], 2),
	scenario(
		"trust-life",
		[
			...commissioned,
			together(take(stolen[1]!), install(plan(SECOND, 2, 1, 2))),
			take(stolen[2]!, true),
			take(stolen[3]!),
			install(plan(pairOf(4), 4, 1, 3)),
		],
		2,
	),
];
