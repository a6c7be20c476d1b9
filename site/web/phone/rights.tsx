// SPDX-License-Identifier: Apache-2.0

/** Access plans in words. */
import type { JSX } from "preact";
import { phoneWords } from "../words/phone.js";
import { count, listed, locale } from "../words.js";
import type { Hours, Pass, PhoneDoor, PhonePlan, Rights } from "./site-api.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** A Monday, in UTC. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

function dayName(day: string): string {
	const at = DAYS.indexOf(day);
	if (at < 0) return day;
	const format = new Intl.DateTimeFormat(locale.value, { weekday: "short", timeZone: "UTC" });
	return format.format(MONDAY + at * DAY_MS);
}

/** "Mon–Fri and Sun". */
function daysText(days: readonly string[]): string {
	if (days.includes("daily")) return phoneWords().daily;
	return listed(days.map((day) => day.split("-").map(dayName).join("–")));
}

/** "17:00" as the language has it. */
function clockText(text: string): string {
	const [hour = 0, minute = 0] = text.split(":").map(Number);
	// "24:00" is the end of a day, which no clock shows.
	if (hour === 24 || Number.isNaN(hour + minute)) return text;
	const format = new Intl.DateTimeFormat(locale.value, { timeStyle: "short", timeZone: "UTC" });
	return format.format(Date.UTC(2024, 0, 1, hour, minute));
}

function hoursText({ days, from, holidays, to }: Hours): string {
	const t = phoneWords();
	const when = t.hours(days === undefined ? "" : daysText(days), clockText(from), clockText(to)).trim();
	return holidays === undefined || holidays.length === 0 ? when : `${when}, ${t.holidays}`;
}

/** A date of an access plan: a day, with a time of day or without; local to the doors, or UTC. */
export function momentText(moment: string): string {
	const parts = /^\d{4}-\d\d-\d\d(T\d\d:\d\d)?(Z)?$/.exec(moment);
	if (parts === null) return moment;
	const [, time, utc] = parts;
	const format = new Intl.DateTimeFormat(locale.value, {
		dateStyle: "medium",
		...(time && { timeStyle: "short" }),
		...(!utc && { timeZone: "UTC" }),
	});
	return format.format(new Date(utc ? moment : `${moment}${time ? "" : "T00:00"}Z`));
}

/** Undefined: for good. */
export function validText({ from, until }: { from?: string; until?: string }): string | undefined {
	const t = phoneWords();
	if (from !== undefined && until !== undefined) return t.fromTo(momentText(from), momentText(until));
	if (from !== undefined) return t.from(momentText(from));
	return until === undefined ? undefined : t.until(momentText(until));
}

function RuleText({
	rule,
	doors,
}: {
	rule: PhonePlan["rules"][number];
	doors: readonly PhoneDoor[];
}): JSX.Element {
	const t = phoneWords();
	const own = doors.filter(({ id }) => rule.doors.includes(id));
	const where = own.length === doors.length ? t.everyDoor : listed(own.map(({ name }) => name));
	const { schedule } = rule;
	const when =
		schedule === "always"
			? t.always
			: schedule === "never" || rule.times.length === 0
				? t.never
				: rule.times.map(hoursText).join("; ");
	const valid = validText(rule);
	return (
		<li>
			{where}: {when}
			{valid !== undefined && `, ${valid}`}
		</li>
	);
}

function passText({ count: times, left }: Pass): string | undefined {
	const t = phoneWords();
	if (left !== undefined) return count(left, t.timesLeft);
	return times === undefined ? undefined : count(times, t.times);
}

/** For whom, where and when. */
export function RightsList({ rights, children }: { rights: Rights; children?: JSX.Element }): JSX.Element {
	const t = phoneWords();
	const { doors, pass, person, plans } = rights;
	const valid = [validText(rights), pass && passText(pass)].filter((text) => text !== undefined).join(", ");
	return (
		<dl>
			<dt>{t.person}</dt>
			<dd>{person}</dd>
			<dt>{t.doors}</dt>
			<dd>{children ?? (doors.length === 0 ? t.noDoors : listed(doors.map(({ name }) => name)))}</dd>
			{plans.length > 0 && (
				<>
					<dt>{t.when}</dt>
					<dd>
						<ul class="plain">
							{plans.flatMap(({ name, rules }) =>
								rules.map((rule, i) => <RuleText key={`${name} ${i}`} rule={rule} doors={doors} />),
							)}
						</ul>
					</dd>
				</>
			)}
			{valid !== "" && (
				<>
					<dt>{t.valid}</dt>
					<dd>{valid}</dd>
				</>
			)}
		</dl>
	);
}
