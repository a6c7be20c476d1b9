// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { put } from "../api.js";
import { may } from "../me.js";
import { Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { say } from "../parts/notice.js";
import { Tag } from "../parts/tag.js";
import { FIXED, type Plan, partPath, usersOf } from "../plan.js";
import { go } from "../router.js";
import { intervalsOf, type Span, spansOf } from "../week.js";
import { scheduleWords } from "../words/schedules.js";
import { listed } from "../words.js";
import { ChosenWeek } from "./chosen-week.js";
import { DayTable, type Drawn } from "./day-table.js";
import { RemovePart } from "./remove-part.js";
import { WeekGrid } from "./week-grid.js";

/** A schedule whole. `name` undefined: a new one. */
export function ScheduleForm({
	again,
	name,
	plan,
}: {
	name: string | undefined;
	plan: Plan;
	again: () => Promise<void>;
}): JSX.Element {
	const t = scheduleWords();
	const saved = (name === undefined ? undefined : plan.schedules[name]) ?? [];
	const own = useSignal(name ?? "");
	const spans = useSignal<readonly Span[]>(spansOf(saved));
	const problem = useSignal("");
	const mayEdit = may("administrator");
	const drawn: Drawn = { spans, days: [0, 1, 2, 3, 4, 5, 6, ...Object.keys(plan.holidays)], mayEdit };
	const save = async (): Promise<void> => {
		const to = own.value.trim();
		const isTaken = (FIXED as readonly string[]).includes(to) || Object.hasOwn(plan.schedules, to);
		problem.value = name === undefined && isTaken ? t.nameTaken : "";
		if (problem.value !== "") return;
		await put(partPath("schedules", to), intervalsOf(spans.value));
		await again();
		go("/schedules");
		say(t.isSaved(to));
	};
	const isChanged = JSON.stringify(intervalsOf(spans.value)) !== JSON.stringify(intervalsOf(spansOf(saved)));
	return (
		<>
			<Heading title={name === undefined ? t.addTitle : t.editTitle(name)}>
				{name !== undefined && mayEdit && (
					<RemovePart part="schedules" name={name} words={t} back="/schedules" again={again} />
				)}
			</Heading>
			<Form act={t.save} onSubmit={save} extra={isChanged && <Tag kind="warning">{t.changed}</Tag>}>
				{name === undefined && (
					<Field
						label={t.name}
						value={own.value}
						maxLength={100}
						required
						onInput={(value) => {
							own.value = value;
						}}
					/>
				)}
				<div role="alert">{problem.value !== "" && <p class="notice bad">{problem.value}</p>}</div>
				<div class="beside">
					<WeekGrid {...drawn} />
					<DayTable {...drawn} />
				</div>
			</Form>
			{name !== undefined && <UsedBy name={name} plan={plan} />}
			<ChosenWeek spans={spans.value} plan={plan} />
			<p>
				<a href="/schedules">{t.backTo}</a>
			</p>
		</>
	);
}

function UsedBy({ name, plan }: { name: string; plan: Plan }): JSX.Element {
	const t = scheduleWords();
	const { accessPlans, doors } = usersOf(plan, name);
	return (
		<p>
			{t.usedBy}: {listed([...accessPlans, ...doors.map(t.doorMode)]) || t.unused}
		</p>
	);
}
