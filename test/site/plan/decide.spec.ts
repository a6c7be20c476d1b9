// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { TimeTrust } from "../../../hal/contracts/time.js";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import type { Reason } from "../../../protocol/reasons.js";
import { SeededRandom } from "../../../sim/random.js";
import { compilePlan } from "../../../site/lib/plan/compile.js";
import type { PlanDocument, RuleEntry, UserEntry } from "../../../site/lib/plan/document.js";
import { decide } from "../../../src/access/decide.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { device, install, start, testSite } from "../../support/plans.js";
import { local, type Question, reasonOut } from "./model.js";

/** Decisions compared; `npm test` runs them all. */
const CASES = Number(process.env.LINTEL_DECISIONS ?? 100_000);
const PER_PLAN = 250;

const ZONES = [
	["Europe/Vienna", "CET-1CEST,M3.5.0,M10.5.0/3"],
	["America/New_York", "EST5EDT,M3.2.0,M11.1.0"],
	["Asia/Kolkata", "IST-5:30"],
	["Australia/Lord_Howe", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"],
	["Europe/Dublin", "IST-1GMT0,M10.5.0,M3.5.0/1"],
] as const;

class Dice extends SeededRandom {
	one<T>(of: readonly T[]): T {
		return of[this.below(of.length)]!;
	}

	chance(percent: number): boolean {
		return this.below(100) < percent;
	}

	some<T>(of: readonly T[]): T[] {
		return of.filter(() => this.chance(50));
	}
}

const BASE = Date.UTC(2026, 0, 1) / 1000;

/** A day in 2026 or 2027, near the changes of the clock and the turn of the year more often than elsewhere. */
function day(dice: Dice): string {
	const special = [
		"2026-03-29",
		"2026-03-08",
		"2026-10-25",
		"2026-11-01",
		"2026-12-31",
		"2027-01-01",
		"2026-04-05",
	];
	if (dice.chance(40)) return dice.one(special);
	return new Date((BASE + dice.below(700) * 86400) * 1000).toISOString().slice(0, 10);
}

function time(dice: Dice): string {
	if (dice.chance(10)) return "00:00";
	const minute = dice.chance(50) ? dice.below(24) * 60 : dice.below(1440);
	return new Date(minute * 60_000).toISOString().slice(11, 16);
}

function moment(dice: Dice): string {
	return dice.chance(50)
		? day(dice)
		: `${day(dice)}T${String(dice.below(24)).padStart(2, "0")}:${dice.one(["00", "05", "55"])}Z`;
}

function validity(dice: Dice): { from?: string; until?: string } {
	const result: { from?: string; until?: string } = {};
	if (dice.chance(15)) result.from = moment(dice);
	if (dice.chance(15)) result.until = moment(dice);
	if (
		result.from !== undefined &&
		result.until !== undefined &&
		result.from.slice(0, 10) >= result.until.slice(0, 10)
	)
		delete result.from;
	return result;
}

function randomDocument(dice: Dice, zone: string): PlanDocument {
	const kinds = ["public", "short", "works"].slice(0, dice.below(4));
	const holidays = Object.fromEntries(
		kinds.map((kind) => [
			kind,
			Array.from({ length: dice.below(4) }, () => {
				const full = day(dice);
				const date = dice.chance(50) ? full : full.slice(5);
				return dice.chance(50) ? date : { date, days: 1 + dice.below(5) };
			}),
		]),
	);
	const names = ["a", "b", "c", "d"].slice(0, 1 + dice.below(4));
	const schedules = Object.fromEntries(
		names.map((name) => [
			name,
			Array.from({ length: dice.below(4) }, () => {
				const from = time(dice);
				let to = dice.chance(10) ? "24:00" : time(dice);
				if (to === from) to = from === "12:34" ? "12:35" : "12:34";
				const days = dice.some(["mon-fri", "sat", "sun", "daily", "fri-mon", "wed"]);
				return { days: days.length === 0 ? ["tue"] : days, holidays: dice.some(kinds), from, to };
			}),
		]),
	);
	const rule = (): RuleEntry => ({
		...(dice.chance(70) ? {} : { doors: dice.some(["front", "back"]) }),
		schedule: dice.one([...names, ...names, "always", "never"]),
		...validity(dice),
	});
	const plans = ["staff", "guests", "night", "none"];
	const accessPlans = Object.fromEntries(
		plans.map((name) => [name, name === "none" ? [] : Array.from({ length: 1 + dice.below(3) }, rule)]),
	);
	const users = Array.from({ length: 12 }, (_, n): UserEntry => {
		const own = validity(dice);
		return {
			name: `user ${n}`,
			accessPlans: dice.some(plans),
			...own,
			suspended: dice.chance(8),
			extended: dice.chance(20),
			firstPerson: dice.chance(30),
			override: dice.chance(30),
			grace: dice.chance(40),
			credentials: Array.from({ length: 1 + dice.below(2) }, () => ({
				id: toHex(dice.bytes(8)),
				revoked: dice.chance(10),
				...(own.from === undefined && own.until === undefined ? validity(dice) : {}),
			})),
		};
	});
	return {
		site: "ACME",
		timeZone: zone,
		holidays,
		schedules,
		accessPlans,
		doors: { front: {}, back: {} },
		users,
		...(dice.chance(50) ? { offline: { days: 1 + dice.below(300), graceDays: dice.below(60) } } : {}),
		strictTime: dice.chance(20),
		...(dice.chance(30) ? { maxClockError: dice.one([10, 60, 3600, 0xffff_ffff]) } : {}),
	};
}

describe("access plan: the decision", () => {
	it(`is what a slow, obvious model says, ${CASES} times on random plans`, () => {
		const crypto = new NodeCrypto();
		const { signing, trust } = testSite(crypto);
		const dice = new Dice(20260101);
		const seen = new Map<Reason, number>();
		const into = emptyEntry();
		for (let done = 0; done < CASES; ) {
			const [zone, posix] = dice.one(ZONES);
			const document = randomDocument(dice, posix);
			const issued = BASE + dice.below(600 * 86400);
			const door = dice.one(["front", "back"]);
			const snapshot = compilePlan(document, { door, version: 1, issued }, signing);
			const store = start({ ...device(crypto, trust, 2 * 7 * 4096), door });
			assert.equal(install(store, snapshot), "done");
			const ids = document.users.flatMap((u) => u.credentials.map((c) => c.id));
			for (let n = 0; n < PER_PLAN; n++, done++) {
				const wall = dice.chance(80)
					? Date.parse(`${day(dice)}T${time(dice)}Z`) / 1000 + dice.one([0, -1, 1, dice.below(3600)])
					: issued + dice.one([0, -1, 86400 * (document.offline?.days ?? 1), dice.below(400) * 86400]);
				const question: Question = {
					document,
					door,
					zone,
					issued,
					id: dice.chance(3) ? toHex(dice.bytes(8)) : dice.one(ids),
					limits: {
						notBefore: dice.chance(15) ? wall + dice.one([0, 1, -1, 1000]) : undefined,
						expires: dice.chance(15) ? wall + dice.one([0, 1, -1, 100_000]) : undefined,
					},
					situation: { lockdown: dice.chance(15), awaitingFirstPerson: dice.chance(15) },
					wall,
					trust: dice.one<TimeTrust>(["unset", "restored", "synced", "synced", "synced"]),
					error: dice.one([0, 10, 11, 60, 3600, 3601, Number.POSITIVE_INFINITY]),
				};
				store.lookup(fromHex(question.id), into);
				const decision = decide(
					store,
					into,
					question.limits,
					question.situation,
					wall,
					question.trust,
					question.error,
				);
				const expected = reasonOut(question);
				seen.set(expected, (seen.get(expected) ?? 0) + 1);
				if (decision.reason !== expected || decision.granted !== (expected === "granted")) {
					assert.fail(
						`${decision.reason}, the model says ${expected}: ${JSON.stringify({ ...question, local: local(wall, zone) })}`,
					);
				}
			}
		}
		// Every answer was met often enough to mean something.
		for (const reason of [
			"granted",
			"unknown-credential",
			"revoked",
			"wrong-door",
			"suspended",
			"lockdown",
			"clock-unset",
			"expired",
			"not-yet-valid",
			"plan-expired",
			"outside-schedule",
			"awaiting-first-person",
		] as const) {
			assert.isAbove(seen.get(reason) ?? 0, CASES / 1000, reason);
		}
	});

	it("without a plan, or with a damaged one, says so", () => {
		const door = { lockdown: false, awaitingFirstPerson: false };
		const none = { absence: "no-plan", issued: 0, expires: 0, tables: undefined } as const;
		assert.equal(decide(none, emptyEntry(), {}, door, 0, "synced", 0).reason, "no-plan");
		assert.equal(
			decide({ ...none, absence: "plan-damaged" }, emptyEntry(), {}, door, 0, "synced", 0).reason,
			"plan-damaged",
		);
	});
});
