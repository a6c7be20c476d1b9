// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { DOOR_MODES, type PlanMode } from "../../../protocol/plan/tables.js";
import type { DoorEntry } from "../../lib/plan/document.js";
import { put } from "../api.js";
import { Check, Choice, Field, Form } from "../parts/form.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { say } from "../parts/notice.js";
import { FIXED, loadPlan, type Plan } from "../plan.js";
import { doorWords } from "../words/doors.js";
import { planWords, scheduleName } from "../words/plans.js";

/** What a door does by itself, by schedule. */
export function DoorModes({ id }: { id: string }): JSX.Element {
	const t = doorWords();
	const plan = useLoaded(id, loadPlan);
	return (
		<section class="card" aria-labelledby="modes">
			<h2 id="modes">{t.modes}</h2>
			<p class="hint">{t.modesAbout}</p>
			<Loaded of={plan}>{(loaded) => <ModesForm id={id} plan={loaded} />}</Loaded>
		</section>
	);
}

function ModesForm({ id, plan }: { id: string; plan: Plan }): JSX.Element {
	const t = doorWords();
	const entry = useSignal<DoorEntry>(plan.doors[id] ?? {});
	const { defaultMode = "locked", modes = [], officeMode = false, timeZone = "" } = entry.value;
	const set = (more: Partial<DoorEntry>): void => {
		entry.value = { ...entry.value, ...more };
	};
	const save = async (): Promise<void> => {
		const { timeZone: zone, ...rest } = entry.value;
		await put(`/api/plan/doors/${encodeURIComponent(id)}`, { ...rest, ...(zone && { timeZone: zone }) });
		say(t.isSaved);
	};
	return (
		<Form act={t.save} onSubmit={save}>
			{modes.map((_, i) => (
				<Line key={i} at={i} entry={entry} plan={plan} />
			))}
			<p>
				<button
					type="button"
					onClick={() => set({ modes: [...modes, { schedule: "always", mode: "unlocked" }] })}
				>
					{t.addLine}
				</button>
			</p>
			<Choice
				label={t.otherwise}
				value={defaultMode}
				options={modeOptions()}
				onChange={(mode) => set({ defaultMode: mode })}
			/>
			<Check label={t.officeMode} checked={officeMode} onChange={(on) => set({ officeMode: on })} />
			<Field
				label={t.timeZone}
				hint={`${t.timeZoneHint} (${plan.timeZone})`}
				value={timeZone}
				maxLength={64}
				onInput={(value) => set({ timeZone: value })}
			/>
		</Form>
	);
}

function Line({ at, entry, plan }: { at: number; entry: Signal<DoorEntry>; plan: Plan }): JSX.Element {
	const t = doorWords();
	const modes = entry.value.modes ?? [];
	const { mode, schedule } = modes[at]!;
	const put = (next: typeof modes): void => {
		entry.value = { ...entry.value, modes: next };
	};
	const set = (more: Partial<(typeof modes)[number]>): void =>
		put(modes.map((one, i) => (i === at ? { ...one, ...more } : one)));
	return (
		<fieldset>
			<legend>{t.line(at + 1)}</legend>
			<Choice
				label={planWords().schedule}
				value={schedule}
				options={[...FIXED, ...Object.keys(plan.schedules)].map((name) => [name, scheduleName(name)])}
				onChange={(schedule) => set({ schedule })}
			/>
			<Choice label={t.mode} value={mode} options={modeOptions()} onChange={(mode) => set({ mode })} />
			<button type="button" onClick={() => put(modes.filter((_, i) => i !== at))}>
				{t.removeLine(at + 1)}
			</button>
		</fieldset>
	);
}

function modeOptions(): [PlanMode, string][] {
	const { modeNames } = doorWords();
	return DOOR_MODES.map((mode) => [mode, modeNames[mode]]);
}
