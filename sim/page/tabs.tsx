// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";

export interface Tab {
	readonly name: string;
	readonly title: string;
	readonly panel: () => JSX.Element;
}

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
	ArrowRight: (at, count) => (at + 1) % count,
	ArrowLeft: (at, count) => (at + count - 1) % count,
	Home: () => 0,
	End: (_at, count) => count - 1,
};

/**
 * Tabs as of the ARIA practices: arrows go from one to the next, each is shown as it gets the focus. A panel is made when it is first
 * shown, and stays as it is while another is.
 */
export function Tabs({ tabs }: { tabs: readonly Tab[] }): JSX.Element {
	const shown = useSignal(tabs[0]!.name);
	const seen = useRef(new Set<string>());
	seen.current.add(shown.value);
	const list = useRef<HTMLDivElement>(null);
	const onKeyDown = (event: KeyboardEvent): void => {
		const at = tabs.findIndex(({ name }) => name === shown.value);
		const next = STEPS[event.key]?.(at, tabs.length);
		if (next === undefined) return;
		event.preventDefault();
		shown.value = tabs[next]!.name;
		list.current!.querySelectorAll<HTMLElement>("[role=tab]")[next]!.focus();
	};
	return (
		<>
			<div class="tabs" role="tablist" aria-label="Views" ref={list}>
				{tabs.map(({ name, title }) => (
					<button
						key={name}
						type="button"
						role="tab"
						id={`tab-${name}`}
						aria-controls={`panel-${name}`}
						aria-selected={shown.value === name}
						tabIndex={shown.value === name ? 0 : -1}
						onClick={() => {
							shown.value = name;
						}}
						onKeyDown={onKeyDown}
					>
						{title}
					</button>
				))}
			</div>
			{tabs.map(({ name, panel }) => (
				<div
					key={name}
					class="panel"
					role="tabpanel"
					id={`panel-${name}`}
					aria-labelledby={`tab-${name}`}
					hidden={shown.value !== name}
				>
					{seen.current.has(name) && panel()}
				</div>
			))}
		</>
	);
}
