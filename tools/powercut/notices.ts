// SPDX-License-Identifier: Apache-2.0

import { NO_END, orderOf } from "../../protocol/plan/format.js";
import { NOTICES_SIZE } from "../../protocol/plan/layout.js";
import { Power, SimFlash, SimStateCell } from "../../sim/flash.js";
import { practiceKeys } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { DEVICE_KEY } from "../../sim/self.js";
import { signRevocation } from "../../site/lib/notice/sign.js";
import {
	ALWAYS_OPEN,
	encodeTables,
	type PlanImage,
	packRecords,
	signDelta,
	signSnapshot,
	tombstone,
} from "../../site/lib/plan/encode.js";
import { emptyEntry } from "../../src/access/plan-entry.js";
import { SealedState } from "../../src/config/sealed-state.js";
import { PlanStore } from "../../src/plan/store.js";
import { installPlan } from "../install-plan.js";
import { RememberingCrypto } from "./remembering-crypto.js";
import type { PowercutWorld, Scenario } from "./scenario.js";

/** Power cuts over revocation notices: appended, moved to the other bank, gone into a plan. */

const crypto = new RememberingCrypto();
const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(9));
const { signing: key, trust } = practiceKeys("ACME", pair, crypto);
const signing = { crypto, ...key };
/** Two slots with two sectors of body each. */
const PLAN_SIZE = 2 * 7 * 4096;
/** Whom every plan lists, and whom no notice names. */
const HOLDERS = [1, 2];
const LISTED = [...HOLDERS, 3, 4, 5];
const id = (n: number): Uint8Array => new SeededRandom(n + 100).bytes(8);

/** Version `version`, which has the notices up to `notice`: those of them who were listed are tombstones. */
function plan(version: number, notice: number, revoked: readonly number[] = []): PlanImage {
	const records = LISTED.map((n) =>
		revoked.includes(n) ? tombstone(id(n)) : { id: id(n), access: 0, flags: 0, from: 0, until: NO_END },
	);
	return {
		...{ site: "ACME", door: "front", version, issued: 1_700_000_000, expires: 0, notice },
		...{ tables: encodeTables(ALWAYS_OPEN), records: packRecords(records) },
	};
}

interface NoticesWorld extends PowercutWorld {
	readonly power: Power;
	readonly flash: SimFlash;
	readonly notices: SimFlash;
	readonly cell: SimStateCell;
	/** Steps that the site was told are done. */
	told: number;
}

/** A notice by its sequence, with whom it revokes; or the plan after one before it. */
type Step =
	| { readonly sequence: number; readonly ids: readonly number[] }
	| { readonly from?: PlanImage; readonly to: PlanImage };

const notice = (sequence: number, ...ids: number[]): Step => ({ sequence, ids });
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

function start({ cell, flash, notices }: NoticesWorld): PlanStore {
	const sealed = new SealedState(cell, crypto, DEVICE_KEY);
	const store = new PlanStore({
		...{ flash, crypto, rollbackCounter: sealed, deviceKey: DEVICE_KEY, door: "front", trust },
		...{ knownTime: () => undefined, notices: { flash: notices, sealed } },
	});
	store.open();
	return store;
}

function take(store: PlanStore, step: Step): void {
	if ("sequence" in step) {
		const { sequence, ids } = step;
		const signed = signRevocation({ site: "ACME", sequence, issued: 1 }, ids.map(id), signing);
		const result = store.takeNotice(signed);
		// "known": the power went before the site was told.
		if (typeof result === "string" && result !== "known")
			throw new Error(`notice ${sequence} is refused: ${result}`);
	} else if (orderOf(store) >= orderOf({ epoch: 1, version: step.to.version })) return;
	else if (step.from === undefined) installPlan(store, signSnapshot(step.to, signing));
	else {
		const result = store.applyDelta(signDelta(step.from, step.to, signing));
		if (result !== "applied") throw new Error(`the delta is refused: ${result}`);
	}
}

function work(world: NoticesWorld, steps: readonly Step[]): void {
	const store = start(world);
	for (let n = world.told; n < steps.length; n++) {
		take(store, steps[n]!);
		// A store that goes on without its cell says so by a refusal; one that is told done has to be.
		world.power.check();
		world.told = n + 1;
	}
}

/** Whom the first `count` steps revoke. */
function revokedBy(steps: readonly Step[], count: number): Set<number> {
	return new Set(steps.slice(0, count).flatMap((step) => ("sequence" in step ? step.ids : [])));
}

/** The first `before` are done before. */
function scenario(name: string, steps: readonly Step[], before: number): Scenario<NoticesWorld> {
	const fresh = (): NoticesWorld => {
		const power = new Power();
		const flash = new SimFlash({ size: PLAN_SIZE, power });
		const notices = new SimFlash({ size: NOTICES_SIZE, power });
		return { power, flash, notices, cell: new SimStateCell(power), told: 0 };
	};
	const prepared = fresh();
	work(prepared, steps.slice(0, before));
	const contents = { flash: prepared.flash.snapshot(), notices: prepared.notices.snapshot() };
	const everyone = new Set([...LISTED, 6, ...revokedBy(steps, steps.length)]);
	return {
		name,
		begin: () => {
			const world = fresh();
			world.flash.restore(contents.flash);
			world.notices.restore(contents.notices);
			world.cell.value = prepared.cell.value;
			world.told = before;
			return world;
		},
		run: (world) => {
			try {
				work(world, steps);
			} catch (error) {
				world.power.check();
				throw error;
			}
		},
		check: (world, finished) => {
			const store = start(world);
			if (world.flash.mismatches + world.notices.mismatches > 0)
				throw new Error("wrote where flash was not erased");
			if (store.damaged) throw new Error(`damaged: ${store.problem}`);
			if (finished && world.told !== steps.length) throw new Error(`ended after ${world.told} steps`);
			const must = revokedBy(steps, world.told);
			// The step that was under way may be done already.
			const may = revokedBy(steps, world.told + 1);
			const into = emptyEntry();
			for (const n of everyone) {
				store.lookup(id(n), into);
				// A plan that has the notice says nothing of whom it never listed.
				const isOut = into.kind === "revoked" || (into.kind === "absent" && !LISTED.includes(n));
				if (must.has(n) && !isOut) throw new Error(`${n} is ${into.kind}, and was revoked`);
				if (!may.has(n) && into.kind === "revoked") throw new Error(`${n} is revoked, and by no notice`);
			}
			for (const n of HOLDERS) if (!store.lookup(id(n), into)) throw new Error(`holder ${n} is ${into.kind}`);
		},
	};
}

const first = plan(1, 0);
const second = plan(2, 1, [3]);
const third = plan(3, 3, [3, 4]);
const many = range(1000, 90);

export const noticesScenarios: readonly Scenario<NoticesWorld>[] = [
	scenario("notices-take", [{ to: first }, notice(1, 3), notice(3, 50, 51), notice(2, 4)], 1),
	// A start lies between: the next one moves what is there.
	scenario("notices-move", [{ to: first }, notice(1, 3), notice(2, 50), notice(3, 4), notice(4, 5)], 3),
	scenario(
		"notices-plan",
		[
			...[{ to: first }, notice(1, 3), notice(2, 50), { from: first, to: second }],
			...[notice(3, 4), { to: third }, notice(4, 5)],
		],
		2,
	),
	// Over the end of a sector, and of a page of what is written at once.
	scenario(
		"notices-many",
		[
			...[{ to: first }, ...range(1, 3).map((n) => notice(n, ...range(1000 * n, 80)))],
			...[notice(4, 3, ...range(4000, 99)), notice(5, 4)],
		],
		4,
	),
	// Full, and the plan has some of them.
	scenario(
		"notices-full",
		[
			...[
				{ to: first },
				notice(1, 3, ...many),
				...range(2, 10).map((n) => notice(n, ...range(2000 * n, 90))),
			],
			...[{ from: first, to: second }, notice(12, 4), notice(13, 5)],
		],
		13,
	),
];
