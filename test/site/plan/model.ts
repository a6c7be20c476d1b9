// SPDX-License-Identifier: Apache-2.0

import type { TimeTrust } from "../../../hal/contracts/time.js";
import type { Reason } from "../../../protocol/reasons.js";
import type { IntervalEntry, PlanDocument, RuleEntry } from "../../../site/lib/plan/document.js";
import type { DoorSituation, Limits } from "../../../src/access/decide.js";

/**
 * The decision as an administrator would reason it out from the plan file, slowly: local time by Intl, days as texts.
 * Shares nothing with `src/plan` but the types of its inputs.
 */
export interface Question {
	readonly document: PlanDocument;
	readonly door: string;
	/** Name of the zone for Intl. */
	readonly zone: string;
	readonly issued: number;
	readonly id: string;
	readonly limits: Limits;
	readonly situation: DoorSituation;
	readonly wall: number;
	readonly trust: TimeTrust;
	/** How far the clock may be off, s. */
	readonly error: number;
}

export function reasonOut(q: Question): Reason {
	const { document } = q;
	const user = document.users.find((u) => u.credentials.some((c) => c.id === q.id));
	const credential = user?.credentials.find((c) => c.id === q.id);
	if (user === undefined || credential === undefined) return "unknown-credential";
	if (credential.revoked) return "revoked";
	const rules = user.accessPlans
		.flatMap((name) => document.accessPlans[name]!)
		.filter((rule) => rule.doors === undefined || rule.doors.includes(q.door));
	if (rules.length === 0) return "wrong-door";
	if (user.suspended) return "suspended";
	if (q.situation.lockdown && !user.override) return "lockdown";

	const timeIsKnown =
		q.trust === "synced" ||
		(q.trust === "restored" &&
			!document.strictTime &&
			(document.maxClockError === undefined || q.error <= document.maxClockError));
	const alwaysIn = rules.some(
		(r) => r.schedule === "always" && r.from === undefined && r.until === undefined,
	);
	if (!timeIsKnown) {
		if (rules.every((r) => r.schedule === "never")) return "outside-schedule";
		const limited =
			q.limits.notBefore !== undefined ||
			q.limits.expires !== undefined ||
			document.offline?.days !== undefined ||
			[user.from, user.until, credential.from, credential.until].some((t) => t !== undefined);
		if (limited || !alwaysIn) return "clock-unset";
	} else {
		const now = q.trust === "restored" ? Math.max(q.wall, q.issued) : q.wall;
		if (q.limits.expires !== undefined && q.limits.expires <= now) return "expired";
		if (q.limits.notBefore !== undefined && q.limits.notBefore > now) return "not-yet-valid";
		if (document.offline?.days !== undefined) {
			const end = q.issued + document.offline.days * 86400;
			const grace = user.grace ? (document.offline.graceDays ?? 0) * 86400 : 0;
			if (now >= end + grace) return "plan-expired";
		}
		const over = [user.until, credential.until].some(
			(t) => t !== undefined && now >= moment(t, q.zone, true),
		);
		if (over) return "expired";
		const early = [user.from, credential.from].some((t) => t !== undefined && now < moment(t, q.zone, false));
		if (early) return "not-yet-valid";
		if (!rules.some((rule) => ruleHolds(q, rule, now))) return "outside-schedule";
	}
	if (q.situation.awaitingFirstPerson && !user.firstPerson) return "awaiting-first-person";
	return "granted";
}

function ruleHolds(q: Question, rule: RuleEntry, now: number): boolean {
	if (rule.from !== undefined && now < moment(rule.from, q.zone, false)) return false;
	if (rule.until !== undefined && now >= moment(rule.until, q.zone, true)) return false;
	if (rule.schedule === "always") return true;
	if (rule.schedule === "never") return false;
	const { day, time } = local(now, q.zone);
	return q.document.schedules![rule.schedule]!.some((interval) => {
		const acrossMidnight = interval.to <= interval.from;
		if (!acrossMidnight)
			return holdsOn(q.document, interval, day) && interval.from <= time && time < interval.to;
		if (holdsOn(q.document, interval, day) && interval.from <= time) return true;
		return holdsOn(q.document, interval, shift(day, -1)) && time < interval.to;
	});
}

const ORDER = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

function holdsOn(document: PlanDocument, interval: IntervalEntry, day: string): boolean {
	const kinds = Object.keys(document.holidays ?? {}).filter((kind) =>
		document.holidays![kind]!.some((entry) => {
			const { date, days = 1 } = typeof entry === "string" ? { date: entry } : entry;
			const years =
				date.length === 10
					? [date]
					: [`${day.slice(0, 4)}-${date}`, `${Number(day.slice(0, 4)) - 1}-${date}`];
			return years.some((first) => first <= day && day < shift(first, days));
		}),
	);
	if (kinds.length > 0) return kinds.some((kind) => interval.holidays?.includes(kind));
	const name = ORDER[new Date(`${day}T00:00Z`).getUTCDay()]!;
	return (interval.days ?? []).some((text) => {
		if (text === "daily") return true;
		const [first, last = first] = text.split("-") as [string, string?];
		const twoWeeks = [...ORDER, ...ORDER];
		const from = ORDER.indexOf(first);
		return twoWeeks.slice(from, twoWeeks.indexOf(last, from) + 1).includes(name);
	});
}

function shift(day: string, by: number): string {
	return new Date(Date.parse(`${day}T00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const moments = new Map<string, number>();

export function local(now: number, zone: string): { day: string; time: string } {
	let format = formats.get(zone);
	if (format === undefined) {
		// The Swedish way to write a date is ISO 8601's.
		format = new Intl.DateTimeFormat("sv-SE", {
			timeZone: zone,
			dateStyle: "short",
			timeStyle: "short",
		});
		formats.set(zone, format);
	}
	const [day, time] = format.format(now * 1000).split(" ");
	return { day: day!, time: time! };
}

/** Seconds of a text in a plan file; local midnights are found by trying every quarter of an hour. */
function moment(text: string, zone: string, end: boolean): number {
	const key = `${zone} ${text} ${end}`;
	let seconds = moments.get(key);
	if (seconds === undefined) {
		if (text.endsWith("Z")) seconds = Date.parse(text) / 1000;
		else {
			const wanted = end ? shift(text, 1) : text;
			const middle = Date.parse(`${wanted}T00:00Z`) / 1000;
			for (let t = middle - 15 * 3600; t <= middle + 15 * 3600; t += 900) {
				const { day, time } = local(t, zone);
				if (day === wanted && time === "00:00") seconds = t;
			}
		}
		if (seconds === undefined) throw new Error(`no moment ${text} in ${zone}`);
		moments.set(key, seconds);
	}
	return seconds;
}
