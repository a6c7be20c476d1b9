// SPDX-License-Identifier: Apache-2.0

/** The wall clock and the calendar, of the reader and of its site: schedules, holidays, daylight saving. */
import { parseTimeZone } from "../../../protocol/plan/tz.js";
import type { PlanDocument } from "../../../site/lib/plan/document.js";
import type { Act } from "../act.js";
import { localTime } from "../administrator.js";
import type { Scene } from "../scene.js";
import { oneOf } from "./parameters.js";

const LENGTHS = Object.freeze({
	minute: 60,
	quarter: 900,
	hour: 3600,
	"eight-hours": 28_800,
	day: 86_400,
	week: 604_800,
});
const WORDS = Object.freeze(["+1 min", "+15 min", "+1 h", "+8 h", "+1 day", "+1 week"]);
/** The farthest a calendar goes at once: a credential of a scene ends sooner. */
const MOST_S = 366 * 86_400;

const later: Act = {
	name: "later",
	group: "time",
	title: "Move the clock on",
	parameters: [oneOf("by", "By", Object.keys(LENGTHS), WORDS)],
	perform: (scene, { by }) => moved(scene, LENGTHS[by as keyof typeof LENGTHS]),
};

const calendar: Act = {
	name: "calendar",
	group: "time",
	title: "Move the calendar to a day and an hour of the site",
	parameters: [{ name: "to", title: "Local time", maxLength: 16, default: "2026-06-02T08:00" }],
	perform: (scene, { to }) => {
		const at = localMoment(scene.administrator.document, String(to));
		if (at === undefined) return `"${to}" is no moment: 2026-06-01T08:00`;
		const by = at - scene.world.seconds;
		if (by <= 0) return "time goes on: only the reader's own clock can be set back";
		return by > MOST_S ? "more than a year ahead: begin another scene there" : moved(scene, by);
	},
};

export const TIME_ACTS: readonly Act[] = Object.freeze([later, calendar]);

function moved({ administrator, world }: Scene, seconds: number): string {
	world.leap(seconds);
	return `it is ${localTime(administrator.document, world.seconds).replace("T", " ")} at the site`;
}

/** Seconds since 1970; in the hour that comes twice, the first. */
function localMoment({ timeZone }: PlanDocument, text: string): number | undefined {
	if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return undefined;
	const local = Date.parse(`${text}:00Z`) / 1000;
	if (Number.isNaN(local)) return undefined;
	const zone = parseTimeZone(timeZone)!;
	// By the offset at a first guess, then by the one at the result.
	let at = local;
	for (let i = 0; i < 2; i++) at = local - zone.offsetAt(at);
	return at;
}
