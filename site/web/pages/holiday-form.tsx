// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { HolidayEntry } from "../../lib/plan/document.js";
import { put } from "../api.js";
import { may } from "../me.js";
import { Check, Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { say } from "../parts/notice.js";
import { type Plan, partPath } from "../plan.js";
import { go } from "../router.js";
import { scheduleWords } from "../words/schedules.js";
import { RemovePart } from "./remove-part.js";

/** As the form has an entry: a whole date, of which the year may not count. */
interface Day {
	readonly date: string;
	readonly isYearly: boolean;
	readonly days: number;
}

/** One kind of holidays whole. `kind` undefined: a new one. */
export function HolidayForm({
	again,
	kind,
	plan,
}: {
	kind: string | undefined;
	plan: Plan;
	again: () => Promise<void>;
}): JSX.Element {
	const t = scheduleWords();
	const own = useSignal(kind ?? "");
	const days = useSignal<readonly Day[]>(((kind && plan.holidays[kind]) || []).map(dayOf));
	const problem = useSignal("");
	const save = async (): Promise<void> => {
		const to = own.value.trim();
		problem.value =
			kind === undefined && Object.hasOwn(plan.holidays, to)
				? t.nameTaken
				: days.value.some(({ date }) => date === "")
					? t.badDay
					: "";
		if (problem.value !== "") return;
		await put(partPath("holidays", to), days.value.map(entryOf));
		await again();
		go("/schedules");
		say(t.isSaved(to));
	};
	const setDay = (at: number, more: Partial<Day>): void => {
		days.value = days.value.map((day, i) => (i === at ? { ...day, ...more } : day));
	};
	return (
		<>
			<Heading title={kind === undefined ? t.addHolidays : t.kindTitle(kind)}>
				{kind !== undefined && may("administrator") && (
					<RemovePart part="holidays" name={kind} words={t} back="/schedules" again={again} />
				)}
			</Heading>
			<Form act={t.save} onSubmit={save}>
				{kind === undefined && (
					<Field
						label={t.kind}
						value={own.value}
						maxLength={100}
						required
						onInput={(value) => {
							own.value = value;
						}}
					/>
				)}
				{days.value.map((day, i) => (
					<DayFields
						key={i}
						at={i}
						day={day}
						onChange={(more) => setDay(i, more)}
						onRemove={() => {
							days.value = days.value.filter((_, n) => n !== i);
						}}
					/>
				))}
				<div role="alert">{problem.value !== "" && <p class="notice bad">{problem.value}</p>}</div>
				<p>
					<button
						type="button"
						onClick={() => {
							days.value = [...days.value, { date: "", isYearly: false, days: 1 }];
						}}
					>
						{t.addDay}
					</button>
				</p>
			</Form>
			<p>
				<a href="/schedules">{t.backTo}</a>
			</p>
		</>
	);
}

function DayFields({
	at,
	day: { date, days, isYearly },
	onChange,
	onRemove,
}: {
	at: number;
	day: Day;
	onChange: (more: Partial<Day>) => void;
	onRemove: () => void;
}): JSX.Element {
	const t = scheduleWords();
	return (
		<fieldset>
			<legend>{t.entry(at + 1)}</legend>
			<div class="toolbar">
				<Field label={t.firstDay} type="date" value={date} required onInput={(date) => onChange({ date })} />
				<Field
					label={t.length}
					type="number"
					min={1}
					max={255}
					value={String(days)}
					onInput={(value) => onChange({ days: Math.min(255, Math.max(1, Math.round(Number(value)) || 1)) })}
				/>
				<Check label={t.everyYear} checked={isYearly} onChange={(isYearly) => onChange({ isYearly })} />
				<div class="field">
					<button type="button" onClick={onRemove} aria-label={`${t.removeTime}: ${t.entry(at + 1)}`}>
						{t.removeTime}
					</button>
				</div>
			</div>
		</fieldset>
	);
}

/** A year with a February 29, for days of every year. */
const ANY_YEAR = "2028";

function dayOf(entry: HolidayEntry): Day {
	const { date, days = 1 } = typeof entry === "string" ? { date: entry } : entry;
	const isYearly = date.length === "12-25".length;
	return { date: isYearly ? `${ANY_YEAR}-${date}` : date, isYearly, days };
}

function entryOf({ date, days, isYearly }: Day): HolidayEntry {
	const text = isYearly ? date.slice("2028-".length) : date;
	return days === 1 ? text : { date: text, days };
}
