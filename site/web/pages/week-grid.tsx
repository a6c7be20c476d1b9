// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import {
	DAY_MIN,
	type DayKey,
	dragged,
	isPossible,
	type Span,
	snapped,
	withOther,
	withoutSpan,
	withSpan,
} from "../week.js";
import { dayName, scheduleWords } from "../words/schedules.js";
import { type Drawn, rangeText } from "./day-table.js";

/** What moves with the pointer: a new span, one that is moved, or one of its ends. */
interface Drag {
	readonly kind: "new" | "move" | "from" | "to";
	readonly span: Span;
	/** Of the span that is changed; -1: a new one. */
	readonly at: number;
	/** Where on its day it was taken hold of, minutes. */
	readonly start: number;
}

const STEP = 15;

/** Edits of the week by pointer and keys. */
interface Editing {
	readonly drag: Signal<Drag | undefined>;
	/** What the drag would make. */
	readonly preview: Signal<Span | undefined>;
	/** For screen readers: what an edit has come to. */
	readonly spoken: Signal<string>;
	readonly begin: (event: PointerEvent, from: Drag) => void;
	readonly press: (event: KeyboardEvent, span: Span, at: number) => void;
}

function useEditing({ days, mayEdit, spans }: Drawn, grid: { current: HTMLDivElement | null }): Editing {
	const drag = useSignal<Drag | undefined>(undefined);
	const preview = useSignal<Span | undefined>(undefined);
	const spoken = useSignal("");
	const wanted = useRef<Span | undefined>(undefined);
	useEffect(() => {
		if (wanted.current !== undefined) focusOn(grid.current!, wanted.current);
		wanted.current = undefined;
	});
	const put = (next: readonly Span[], focus?: Span): void => {
		spans.value = next;
		wanted.current = focus;
		spoken.value = focus === undefined ? "" : labelOf(focus);
	};
	const begin = (event: PointerEvent, from: Drag): void => {
		// A finger scrolls; times are typed there.
		if (!mayEdit || event.button !== 0 || event.pointerType === "touch") return;
		event.preventDefault();
		drag.value = from;
		follow(
			(to) => {
				preview.value = movedTo(from, to, grid.current!);
			},
			(isDone) => {
				const span = preview.value;
				drag.value = preview.value = undefined;
				if (isDone && span !== undefined)
					put(from.at < 0 ? withSpan(spans.value, span) : withOther(spans.value, from.at, span), span);
			},
		);
	};
	const press = (event: KeyboardEvent, span: Span, at: number): void => {
		if (!mayEdit) return;
		const isTaken = event.key === "Delete" || event.key === "Backspace";
		const moved = isTaken ? undefined : byKey(event, span, days);
		if (!isTaken && moved === undefined) return;
		event.preventDefault();
		if (isTaken) {
			const next = withoutSpan(spans.value, at);
			put(next, next[Math.min(at, next.length - 1)]);
		} else if (isPossible(moved!)) put(withOther(spans.value, at, moved!), moved);
	};
	return { drag, preview, spoken, begin, press };
}

/** The pointer's way until it is let go, or taken away. */
function follow(move: (event: PointerEvent) => void, end: (isDone: boolean) => void): void {
	const ended = (isDone: boolean) => (): void => {
		removeEventListener("pointermove", move);
		removeEventListener("pointerup", up);
		removeEventListener("pointercancel", cancel);
		end(isDone);
	};
	const [up, cancel] = [ended(true), ended(false)];
	addEventListener("pointermove", move);
	addEventListener("pointerup", up);
	addEventListener("pointercancel", cancel);
}

/** A week drawn: each day a column, its times blocks that are dragged by the pointer or moved by keys. */
export function WeekGrid(drawn: Drawn): JSX.Element {
	const t = scheduleWords();
	const id = useId();
	const grid = useRef<HTMLDivElement>(null);
	const editing = useEditing(drawn, grid);
	return (
		<section aria-labelledby={id}>
			<h2 id={id}>{t.week}</h2>
			{drawn.mayEdit && (
				<p class="hint" id={`${id}-keys`}>
					{t.weekAbout}
				</p>
			)}
			<p class="unseen" role="status">
				{editing.spoken.value}
			</p>
			<Week innerRef={grid}>
				{drawn.days.map((day) => (
					<DayColumn
						key={day}
						day={day}
						onPointerDown={(event, start) =>
							editing.begin(event, { kind: "new", span: { day, from: start, to: start }, at: -1, start })
						}
					>
						<DaySpans day={day} drawn={drawn} editing={editing} keys={`${id}-keys`} />
					</DayColumn>
				))}
			</Week>
		</section>
	);
}

function DaySpans({
	day,
	drawn: { spans },
	editing: { begin, drag, press, preview },
	keys,
}: {
	day: DayKey;
	drawn: Drawn;
	editing: Editing;
	keys: string;
}): JSX.Element {
	const made = preview.value;
	return (
		<>
			{spans.value.map((span, at) => [
				span.day === day && (
					<SpanBlock
						key={at}
						span={span}
						isMoving={drag.value?.at === at && made !== undefined}
						keys={keys}
						onPointerDown={(event, kind, start) => begin(event, { kind, span, at, start })}
						onKeyDown={(event) => press(event, span, at)}
					/>
				),
				span.to > DAY_MIN && isNext(span.day, day) && (
					<Piece key={`rest-${at}`} from={0} to={span.to - DAY_MIN} kind="rest" />
				),
			])}
			{made?.day === day && <Piece from={made.from} to={Math.min(made.to, DAY_MIN)} kind="preview" />}
		</>
	);
}

/** Hours beside, and the days as columns. */
export function Week({
	children,
	innerRef,
}: {
	children: ComponentChildren;
	innerRef?: { current: HTMLDivElement | null };
}): JSX.Element {
	return (
		<div class="week" ref={innerRef ?? null}>
			<div class="hours" aria-hidden="true">
				{[0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => (
					<span key={hour} style={{ top: percent(hour * 60) }}>
						{hour}
					</span>
				))}
			</div>
			{children}
		</div>
	);
}

function DayColumn({
	children,
	day,
	onPointerDown,
}: {
	children: ComponentChildren;
	day: DayKey;
	onPointerDown: (event: PointerEvent, minute: number) => void;
}): JSX.Element {
	return (
		<div class="day">
			<span class="day-name" aria-hidden="true">
				{dayName(day, "short")}
			</span>
			<div
				class="track"
				data-day={JSON.stringify(day)}
				onPointerDown={(event) => onPointerDown(event, minuteAt(event, event.currentTarget))}
			>
				{children}
			</div>
		</div>
	);
}

/** A stretch of a day, drawn. */
export function Piece({
	from,
	kind,
	to,
}: {
	from: number;
	to: number;
	kind: "open" | "rest" | "preview" | "skipped" | "twice";
}): JSX.Element {
	return (
		<div
			class={`piece ${kind}`}
			style={{ top: percent(from), height: percent(to - from) }}
			aria-hidden="true"
		/>
	);
}

function SpanBlock({
	isMoving,
	keys,
	onKeyDown,
	onPointerDown,
	span,
}: {
	span: Span;
	isMoving: boolean;
	keys: string;
	onPointerDown: (event: PointerEvent, kind: Drag["kind"], minute: number) => void;
	onKeyDown: (event: KeyboardEvent) => void;
}): JSX.Element {
	const hold = (kind: Drag["kind"]) => (event: PointerEvent & { currentTarget: HTMLElement }) => {
		event.stopPropagation();
		event.currentTarget.closest("button")?.focus();
		onPointerDown(event, kind, minuteAt(event, event.currentTarget.closest<HTMLElement>(".track")!));
	};
	const { day, from, to } = span;
	return (
		<button
			type="button"
			class={`piece open${isMoving ? " moving" : ""}`}
			style={{ top: percent(from), height: percent(Math.min(to, DAY_MIN) - from) }}
			data-span={`${day}|${from}|${to}`}
			aria-label={labelOf(span)}
			aria-describedby={keys}
			onPointerDown={hold("move")}
			onKeyDown={onKeyDown}
		>
			<span class="end top" onPointerDown={hold("from")} />
			<span class="piece-text" aria-hidden="true">
				{rangeText(span).slice(0, "08:00–17:00".length)}
			</span>
			{to <= DAY_MIN && <span class="end bottom" onPointerDown={hold("to")} />}
		</button>
	);
}

function labelOf(span: Span): string {
	return `${dayName(span.day)} ${rangeText(span)}`;
}

function percent(minutes: number): string {
	return `${(minutes / DAY_MIN) * 100}%`;
}

function minuteAt({ clientY }: PointerEvent, track: HTMLElement): number {
	const { height, top } = track.getBoundingClientRect();
	return Math.min(DAY_MIN, Math.max(0, ((clientY - top) / height) * DAY_MIN));
}

/** What a drag has come to where the pointer is now. */
function movedTo({ kind, span, start }: Drag, event: PointerEvent, grid: HTMLElement): Span | undefined {
	const tracks = [...grid.querySelectorAll<HTMLElement>(".track")];
	const own = tracks.find(({ dataset }) => dataset.day === JSON.stringify(span.day))!;
	const now = minuteAt(event, own);
	switch (kind) {
		case "new":
			return Math.abs(now - start) < STEP / 2 ? undefined : dragged(span.day, start, now, STEP);
		case "from":
			return { ...span, from: Math.max(0, Math.min(snapped(now, STEP), span.to - STEP)) };
		case "to":
			return { ...span, to: Math.max(span.from + STEP, Math.min(snapped(now, STEP), DAY_MIN)) };
		case "move": {
			const over = tracks.find((track) => {
				const { left, right } = track.getBoundingClientRect();
				return event.clientX >= left && event.clientX <= right;
			});
			const length = span.to - span.from;
			const most = span.to > DAY_MIN ? DAY_MIN - STEP : DAY_MIN - length;
			const from = Math.max(0, Math.min(span.from + snapped(now - start + DAY_MIN, STEP) - DAY_MIN, most));
			const day = over === undefined ? span.day : (JSON.parse(over.dataset.day!) as DayKey);
			return { day, from, to: from + length };
		}
	}
}

/** What an arrow key makes of a span; `undefined`: it is another key. */
function byKey({ key, shiftKey }: KeyboardEvent, span: Span, days: readonly DayKey[]): Span | undefined {
	const steps = { ArrowUp: -STEP, ArrowDown: STEP }[key];
	if (steps !== undefined && shiftKey) return { ...span, to: span.to + steps };
	if (steps !== undefined) return { ...span, from: span.from + steps, to: span.to + steps };
	const sideways = { ArrowLeft: -1, ArrowRight: 1 }[key];
	const day = sideways === undefined ? undefined : days[days.indexOf(span.day) + sideways];
	return day === undefined ? undefined : { ...span, day };
}

function isNext(before: DayKey, day: DayKey): boolean {
	return typeof before === "number" && (before + 1) % 7 === day;
}

/** The block of a span, or of the one that it has become part of. */
function focusOn(grid: HTMLElement, { day, from, to }: Span): void {
	const blocks = [...grid.querySelectorAll<HTMLButtonElement>("button[data-span]")];
	const has = ({ dataset }: HTMLButtonElement): boolean => {
		const [of, first, last] = dataset.span!.split("|");
		return of === String(day) && Number(first) <= from && Number(last) >= to;
	};
	blocks.find(has)?.focus();
}
