// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { AlarmKind } from "../../lib/alarm-kinds.js";
import type { Door } from "../doors.js";
import { Tag } from "../parts/tag.js";
import { timeText } from "../parts/time.js";
import { alarmWords, doorWords, lacksText, refusedText, standingText } from "../words/doors.js";

/** Has it, waiting, unreachable since, with why as far as that is known. */
export function Standing({ door }: { door: Door }): JSX.Element {
	const t = doorWords();
	const { lacks, lockdown, state } = door;
	const kind = { "has-it": "good", waiting: "warning", unreachable: "bad", unregistered: undefined } as const;
	const refused = refusedText(door);
	return (
		<>
			<Tag kind={kind[state]}>{standingText(door)}</Tag>
			{state === "unreachable" && lacks.length > 0 && door.since !== null && (
				<div class="hint">{t.alsoLacks(lacksText(lacks))}</div>
			)}
			{refused !== undefined && <div class="hint">{refused}</div>}
			{lockdown !== null && (
				<div>
					<Tag kind="bad">{t.lockdown(timeText(lockdown.until))}</Tag>
				</div>
			)}
		</>
	);
}

/** Kinds of alarms that nobody has seen yet. */
export function AlarmTags({ kinds }: { kinds: readonly AlarmKind[] }): JSX.Element {
	const { kinds: names } = alarmWords();
	if (kinds.length === 0) return <span class="faint">{doorWords().noAlarms}</span>;
	return (
		<a href="/alarms">
			{kinds.map((kind) => (
				<Tag key={kind} kind="bad">
					{names[kind]}
				</Tag>
			))}
		</a>
	);
}
