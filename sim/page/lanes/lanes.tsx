// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { LANES, type Span } from "../../scene/span.js";
import {
	placeOf,
	shownIn,
	ticksOf,
	timeText,
	VIEWS,
	type View,
	type Window,
	windowOf,
} from "../../scene/window.js";
import type { Client } from "../client.js";
import { later } from "../parts/later.js";
import { LANE_TITLES, lengthText } from "./words.js";

// Decoders come with the first bar that is opened.
const Opened = later(async () => (await import("./opened.js")).Opened);

/** What happens behind the door, in lanes of time; whatever is chosen opens into its bytes. */
export function Lanes({ client }: { client: Client }): JSX.Element {
	const view = useSignal<View>("visit");
	const chosen = useSignal<number | undefined>(undefined);
	const list = useRef<HTMLOListElement>(null);
	const spans = client.spans.value;
	const window = windowOf(spans, view.value, client.state.value?.at ?? 0);
	const shown = shownIn(spans, window);
	const span = spans.find(({ id }) => id === chosen.value);
	const choose = (id: number): void => {
		chosen.value = id;
	};
	return (
		<div class="lanes">
			<Views view={view} />
			<Tracks shown={shown} window={window} chosen={chosen} onChoose={choose} />
			{span && (
				<Opened
					span={span}
					zero={window.zero}
					onClose={() => {
						chosen.value = undefined;
						list.current?.querySelector<HTMLElement>("button[tabindex='0']")?.focus();
					}}
				/>
			)}
			<List shown={shown} window={window} chosen={chosen.value} list={list} onChoose={choose} />
		</div>
	);
}

function Views({ view }: { view: Signal<View> }): JSX.Element {
	return (
		<fieldset class="segments" aria-label="Time shown">
			{(Object.keys(VIEWS) as View[]).map((one) => (
				<button
					key={one}
					type="button"
					aria-pressed={view.value === one}
					onClick={() => {
						view.value = one;
					}}
				>
					{VIEWS[one]}
				</button>
			))}
		</fieldset>
	);
}

interface ShownProps {
	readonly shown: readonly Span[];
	readonly window: Window;
	readonly onChoose: (id: number) => void;
}

/** The picture, for a pointer; the list below it has the same for everybody. */
function Tracks({
	chosen,
	onChoose,
	shown,
	window,
}: ShownProps & { chosen: Signal<number | undefined> }): JSX.Element {
	const { from, to, zero } = window;
	return (
		<div class="tracks" aria-hidden="true">
			{LANES.map((lane) => (
				<div key={lane} class="lane">
					<span class="lane-title">{LANE_TITLES[lane]}</span>
					<div class="track">
						{shown
							.filter((span) => span.lane === lane)
							.map((span) => {
								const { left, width } = placeOf(span, window);
								return (
									<button
										key={span.id}
										type="button"
										tabIndex={-1}
										class={`bar ${toneOf(span)}${chosen.value === span.id ? " chosen" : ""}`}
										style={{ left: `${100 * left}%`, width: `${100 * width}%` }}
										title={`${span.title} · ${timeText(span.from - zero)}`}
										onClick={() => onChoose(span.id)}
									>
										{span.title}
									</button>
								);
							})}
					</div>
				</div>
			))}
			<div class="lane ruler">
				<span class="lane-title" />
				<div class="track">
					{ticksOf(window).map((at) => (
						<span key={at} class="tick" style={{ left: `${(100 * (at + zero - from)) / (to - from)}%` }}>
							{timeText(at).replace(".0 ", " ")}
						</span>
					))}
				</div>
			</div>
		</div>
	);
}

function toneOf({ lane, reason }: Span): string {
	return `of-${lane === "decision" ? (reason === "granted" ? "good" : "bad") : lane}`;
}

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
	ArrowDown: (at, count) => Math.min(at + 1, count - 1),
	ArrowUp: (at) => Math.max(at - 1, 0),
	Home: () => 0,
	End: (_at, count) => count - 1,
};

/** The bars as a list with their times: one stop of the tab key, arrows go from one to the next. */
function List({
	chosen,
	list,
	onChoose,
	shown,
	window,
}: ShownProps & { chosen: number | undefined; list: { current: HTMLOListElement | null } }): JSX.Element {
	const reached = useSignal<number | undefined>(undefined);
	const at = Math.max(
		0,
		shown.findIndex(({ id }) => id === (reached.value ?? chosen)),
	);
	const onKeyDown = (event: KeyboardEvent): void => {
		const next = STEPS[event.key]?.(at, shown.length);
		if (next === undefined) return;
		event.preventDefault();
		reached.value = shown[next]!.id;
		list.current!.querySelectorAll<HTMLElement>("button")[next]!.focus();
	};
	if (shown.length === 0) return <p class="faint">Nothing has happened yet.</p>;
	return (
		<ol class="spans" ref={list} aria-label="What happened, in its order" onKeyDown={onKeyDown}>
			{shown.map((span, i) => (
				<li key={span.id}>
					<button
						type="button"
						class={toneOf(span)}
						tabIndex={i === at ? 0 : -1}
						aria-pressed={span.id === chosen}
						onFocus={() => {
							reached.value = span.id;
						}}
						onClick={() => onChoose(span.id)}
					>
						<span class="when">{timeText(span.from - window.zero)}</span>
						<span class="which">{LANE_TITLES[span.lane]}</span>
						<span class="what">{span.title}</span>
						<span class="long">{lengthText(span)}</span>
					</button>
				</li>
			))}
		</ol>
	);
}
