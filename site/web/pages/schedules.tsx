// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { may } from "../me.js";
import type { PageProps } from "../pages.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Empty } from "../parts/notice.js";
import { type Column, Table } from "../parts/table.js";
import { loadPlan, type Plan, usersOf } from "../plan.js";
import { spansOf, timeText } from "../week.js";
import { dayName, scheduleWords } from "../words/schedules.js";
import { shellWords } from "../words/shell.js";
import { listed } from "../words.js";
import { HolidayForm } from "./holiday-form.js";
import { ScheduleForm } from "./schedule-form.js";

/** Schedules and holidays: all of them, or one with its form. Names are people's own, so a word of the page stands before them. */
export function Schedules({ rest }: PageProps): JSX.Element {
	const loaded = useLoaded("plan", loadPlan);
	const [what, name] = rest;
	return (
		<Loaded of={loaded}>
			{(plan) => {
				const { again } = loaded;
				if (what === "new" || what === "of")
					return <ScheduleForm key={name} name={name} plan={plan} again={again} />;
				if (what === "holidays") return <HolidayForm key={name} kind={name} plan={plan} again={again} />;
				return (
					<>
						<ScheduleList plan={plan} />
						<HolidayList plan={plan} />
					</>
				);
			}}
		</Loaded>
	);
}

type ScheduleRow = readonly [name: string, intervals: Plan["schedules"][string]];

function ScheduleList({ plan }: { plan: Plan }): JSX.Element {
	const t = scheduleWords();
	const rows: ScheduleRow[] = Object.entries(plan.schedules);
	const columns: Column<ScheduleRow>[] = [
		{ title: t.name, cell: ([name]) => <a href={`/schedules/of/${encodeURIComponent(name)}`}>{name}</a> },
		{ title: t.times, cell: ([, intervals]) => <Times intervals={intervals} /> },
		{
			title: t.usedBy,
			isWide: true,
			cell: ([name]) => {
				const { accessPlans, doors } = usersOf(plan, name);
				return listed([...accessPlans, ...doors.map(t.doorMode)]) || t.unused;
			},
		},
	];
	return (
		<>
			<Heading title={shellWords().pages.schedules}>
				{may("administrator") && (
					<a class="button primary" href="/schedules/new">
						{t.add}
					</a>
				)}
			</Heading>
			<p class="faint">{t.about}</p>
			{rows.length === 0 ? (
				<Empty>{t.none}</Empty>
			) : (
				<Table caption={t.caption} columns={columns} rows={rows} keyOf={([name]) => name} />
			)}
		</>
	);
}

/** "Mon, Tue 08:00–17:00", a line for each time. */
function Times({ intervals }: { intervals: ScheduleRow[1] }): JSX.Element {
	const byTime = new Map<string, string[]>();
	for (const { day, from, to } of spansOf(intervals)) {
		const time = `${timeText(from)}–${timeText(to)}`;
		byTime.set(time, [...(byTime.get(time) ?? []), dayName(day, "short")]);
	}
	return (
		<ul class="plain">
			{[...byTime].map(([time, days]) => (
				<li key={time}>
					{time} <span class="faint">{days.join(" ")}</span>
				</li>
			))}
		</ul>
	);
}

type HolidayRow = readonly [kind: string, days: Plan["holidays"][string]];

function HolidayList({ plan }: { plan: Plan }): JSX.Element {
	const t = scheduleWords();
	const rows: HolidayRow[] = Object.entries(plan.holidays);
	const columns: Column<HolidayRow>[] = [
		{
			title: t.kind,
			cell: ([kind]) => <a href={`/schedules/holidays/${encodeURIComponent(kind)}`}>{kind}</a>,
		},
		{ title: t.days, cell: ([, days]) => t.dayCount(days.length) },
	];
	return (
		<section aria-labelledby="holidays">
			<div class="heading">
				<h2 id="holidays">{t.holidaysTitle}</h2>
				{may("administrator") && (
					<div class="actions">
						<a class="button" href="/schedules/holidays">
							{t.addHolidays}
						</a>
					</div>
				)}
			</div>
			<p class="faint">{t.holidaysAbout}</p>
			{rows.length === 0 ? (
				<Empty>{t.noHolidays}</Empty>
			) : (
				<Table caption={t.holidaysCaption} columns={columns} rows={rows} keyOf={([kind]) => kind} />
			)}
		</section>
	);
}
