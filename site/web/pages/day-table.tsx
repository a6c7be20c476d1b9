// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import {
	DAY_MIN,
	type DayKey,
	isPossible,
	type Span,
	timeText,
	withCopies,
	withOther,
	withoutSpan,
	withSpan,
} from "../week.js";
import { dayName, scheduleWords } from "../words/schedules.js";

/** What the drawing and the table share. */
export interface Drawn {
	readonly spans: Signal<readonly Span[]>;
	/** Weekdays, then kinds of holidays. */
	readonly days: readonly DayKey[];
	readonly mayEdit: boolean;
}

/** What is added first: a day's work. */
const WORK = { from: 480, to: 1020 };

/** The week as a table, with times to type. */
export function DayTable({ days, mayEdit, spans }: Drawn): JSX.Element {
	const t = scheduleWords();
	const problem = useSignal("");
	return (
		<section aria-labelledby="day-times">
			<h2 id="day-times">{t.table}</h2>
			<div role="alert">{problem.value !== "" && <p class="notice bad">{problem.value}</p>}</div>
			<table class="times">
				<caption class="unseen">{t.table}</caption>
				<thead>
					<tr>
						<th scope="col">{t.day}</th>
						<th scope="col">{t.times}</th>
					</tr>
				</thead>
				<tbody>
					{days.map((day) => (
						<tr key={day}>
							<th scope="row">{dayName(day)}</th>
							<td>
								<DayTimes
									day={day}
									spans={spans.value}
									mayEdit={mayEdit}
									onChange={(next) => {
										problem.value = next === undefined ? t.noTime : "";
										if (next !== undefined) spans.value = next;
									}}
								/>
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

function DayTimes({
	day,
	mayEdit,
	onChange,
	spans,
}: {
	day: DayKey;
	spans: readonly Span[];
	mayEdit: boolean;
	/** `undefined`: what was typed is no time. */
	onChange: (spans: readonly Span[] | undefined) => void;
}): JSX.Element {
	const t = scheduleWords();
	const own = spans.flatMap((span, at) => (span.day === day ? [{ span, at }] : []));
	const name = dayName(day);
	const change = (at: number, from: string, to: string): void => {
		const next = spanFrom(day, from, to);
		onChange(isPossible(next) ? withOther(spans, at, next) : undefined);
	};
	return (
		<>
			{own.length === 0 && <p class="faint">{t.closed}</p>}
			{own.map(({ at, span }, n) => {
				const [from, to] = [timeText(span.from), timeText(span.to).replace("24:00", "00:00")];
				if (!mayEdit) return <p key={n}>{rangeText(span)}</p>;
				return (
					<div class="moment" key={n}>
						<input
							type="time"
							step={300}
							required
							aria-label={t.fromOn(name, n + 1)}
							value={from}
							onChange={({ currentTarget: { value } }) => value && change(at, value, to)}
						/>
						<span aria-hidden="true">–</span>
						<input
							type="time"
							step={300}
							required
							aria-label={t.toOn(name, n + 1)}
							value={to}
							onChange={({ currentTarget: { value } }) => value && change(at, from, value)}
						/>
						{span.to > DAY_MIN && <span class="hint">{t.nextDay}</span>}
						<button
							type="button"
							class="quiet"
							aria-label={`${t.removeTime}: ${name} ${rangeText(span)}`}
							onClick={() => onChange(withoutSpan(spans, at))}
						>
							{t.removeTime}
						</button>
					</div>
				);
			})}
			{mayEdit && (
				<div class="acts">
					<button
						type="button"
						aria-label={`${t.addTime}: ${name}`}
						onClick={() =>
							onChange(
								withSpan(
									spans,
									free(
										day,
										own.map(({ span }) => span),
									),
								),
							)
						}
					>
						{t.addTime}
					</button>
					{typeof day === "number" && own.length > 0 && (
						<button
							type="button"
							aria-label={`${t.copy}: ${name}`}
							onClick={() => onChange(withCopies(spans, day, [0, 1, 2, 3, 4]))}
						>
							{t.copy}
						</button>
					)}
				</div>
			)}
		</>
	);
}

/** A time that a day does not have yet: work, else the hour behind its last one. */
function free(day: DayKey, own: readonly Span[]): Span {
	const last = Math.max(0, ...own.map(({ to }) => to));
	if (own.length === 0) return { day, ...WORK };
	const from = Math.min(last + 60, DAY_MIN - 60);
	return { day, from, to: from + 60 };
}

/** As it was typed: an end that is not after its beginning is on the next day. */
function spanFrom(day: DayKey, from: string, to: string): Span {
	const [start, end] = [from, to].map((text) => {
		const [hours, minutes] = text.split(":").map(Number);
		return hours! * 60 + minutes!;
	}) as [number, number];
	if (start === end && start === 0) return { day, from: 0, to: DAY_MIN };
	return { day, from: start, to: end <= start ? end + DAY_MIN : end };
}

export function rangeText({ from, to }: Pick<Span, "from" | "to">): string {
	const t = scheduleWords();
	return `${timeText(from)}–${timeText(to)}${to > DAY_MIN ? ` (${t.nextDay})` : ""}`;
}
