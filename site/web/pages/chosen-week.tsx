// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DAY } from "../../../protocol/plan/calendar.js";
import { Choice } from "../parts/form.js";
import type { Plan } from "../plan.js";
import { type ClockChange, mondayOf, type Span, timeText, type WeekDay, weekOf } from "../week.js";
import { dateName, dayName, scheduleWords } from "../words/schedules.js";
import { listed, number } from "../words.js";
import { Piece, Week } from "./week-grid.js";

/** One week of the calendar as doors go by it, drawn and as a table. */
export function ChosenWeek({ plan, spans }: { plan: Plan; spans: readonly Span[] }): JSX.Element | null {
	const t = scheduleWords();
	const zone = useSignal(plan.timeZone);
	const monday = useSignal(mondayOf(Math.floor(Date.now() / 1000 / DAY)));
	const clock = plan.zones.get(zone.value);
	if (clock === undefined) return null;
	const week = weekOf(spans, plan.holidays, clock, monday.value);
	return (
		<details>
			<summary>{t.look}</summary>
			<p class="hint">{t.lookAbout}</p>
			<div class="toolbar">
				<div class="field">
					<label for="week-of">{t.weekOf}</label>
					<input
						id="week-of"
						type="date"
						value={isoDay(monday.value)}
						onChange={({ currentTarget: { value } }) => {
							if (value !== "") monday.value = mondayOf(Math.floor(Date.parse(value) / 1000 / DAY));
						}}
					/>
				</div>
				{plan.zones.size > 1 && (
					<Choice
						label={t.zone}
						value={zone.value}
						options={[...plan.zones.keys()].map((name) => [name, name])}
						onChange={(name) => {
							zone.value = name;
						}}
					/>
				)}
				<div class="field acts">
					<button type="button" onClick={() => (monday.value -= 7)}>
						{t.before}
					</button>
					<button type="button" onClick={() => (monday.value += 7)}>
						{t.after}
					</button>
				</div>
			</div>
			<div class="beside">
				<Drawing week={week} />
				<Days week={week} />
			</div>
		</details>
	);
}

function Drawing({ week }: { week: readonly WeekDay[] }): JSX.Element {
	return (
		<div aria-hidden="true">
			<Week>
				{week.map(({ blocks, changes, holidays, number: day }, i) => (
					<div class={`day${holidays.length > 0 ? " holiday" : ""}`} key={day}>
						<span class="day-name">{dayName(i, "short")}</span>
						<div class="track">
							{blocks.map(({ from, to }, n) => (
								<Piece key={n} from={from} to={to} kind="open" />
							))}
							{changes.map(({ from, kind, to }) => (
								<Piece key={`${from}-${to}`} from={from} to={to} kind={kind} />
							))}
						</div>
					</div>
				))}
			</Week>
		</div>
	);
}

function Days({ week }: { week: readonly WeekDay[] }): JSX.Element {
	const t = scheduleWords();
	return (
		<table>
			<caption class="unseen">{t.weekCaption}</caption>
			<thead>
				<tr>
					<th scope="col">{t.date}</th>
					<th scope="col">{t.times}</th>
				</tr>
			</thead>
			<tbody>
				{week.map((day) => (
					<tr key={day.number}>
						<th scope="row">{dateName(day.number)}</th>
						<td>
							{day.blocks.length === 0
								? t.closed
								: listed(day.blocks.map(({ from, to }) => `${timeText(from)}–${timeText(to)}`))}
							<Notes day={day} />
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Notes({ day: { changes, holidays, minutes } }: { day: WeekDay }): JSX.Element {
	const t = scheduleWords();
	const changed = ({ from, kind, to }: ClockChange): string => t[kind](timeText(from), timeText(to));
	return (
		<>
			{minutes > 0 && <div class="hint">{t.open(number(Math.round(minutes / 6) / 10))}</div>}
			{holidays.length > 0 && <div class="hint">{t.isHoliday(listed(holidays))}</div>}
			{changes.map((change) => (
				<div class="hint" key={change.from}>
					{changed(change)}
				</div>
			))}
		</>
	);
}

function isoDay(day: number): string {
	return new Date(day * DAY * 1000).toISOString().slice(0, 10);
}
