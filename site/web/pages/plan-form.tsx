// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { RuleEntry } from "../../lib/plan/document.js";
import { address, put } from "../api.js";
import { type Door, doorOptions } from "../doors.js";
import { may } from "../me.js";
import { Check, Choice, Field, Form, Several } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { MomentField } from "../parts/moment.js";
import { say } from "../parts/notice.js";
import { FIXED, type Plan, partPath } from "../plan.js";
import { go } from "../router.js";
import { planWords, scheduleName } from "../words/plans.js";
import { RemovePart } from "./remove-part.js";

interface FormProps {
	/** `undefined`: a new one. */
	readonly name: string | undefined;
	readonly plan: Plan;
	readonly doors: readonly Door[];
	readonly again: () => Promise<void>;
}

/** An access plan whole: its name, and its rules. */
export function PlanForm({ again, doors, name, plan }: FormProps): JSX.Element {
	const t = planWords();
	const own = useSignal(name ?? "");
	const rules = useSignal<readonly RuleEntry[]>(
		(name === undefined ? undefined : plan.accessPlans[name]) ?? [{ schedule: "always" }],
	);
	const problem = useSignal("");
	const mayEdit = may("administrator");
	const save = async (): Promise<void> => {
		const to = own.value.trim();
		problem.value =
			name === undefined && Object.hasOwn(plan.accessPlans, to)
				? t.nameTaken
				: rules.value.some((rule) => rule.doors?.length === 0)
					? t.noDoor
					: "";
		if (problem.value !== "") return;
		await put(partPath("accessPlans", to), rules.value);
		await again();
		go("/plans");
		say(t.isSaved(to));
	};
	return (
		<>
			<Heading title={name === undefined ? t.addTitle : t.editTitle(name)}>
				{name !== undefined && (
					<a class="button" href={address("/users", { plan: name })}>
						{t.whoHas(name)}
					</a>
				)}
				{name !== undefined && mayEdit && (
					<RemovePart part="accessPlans" name={name} words={t} back="/plans" again={again} />
				)}
			</Heading>
			<Form act={t.save} onSubmit={save}>
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
				{rules.value.map((_, i) => (
					<Rule key={i} at={i} rules={rules} plan={plan} doors={doors} />
				))}
				<div role="alert">{problem.value !== "" && <p class="notice bad">{problem.value}</p>}</div>
				<p>
					<button
						type="button"
						onClick={() => {
							rules.value = [...rules.value, { doors: [], schedule: "always" }];
						}}
					>
						{t.addRule}
					</button>
				</p>
			</Form>
			<p>
				<a href="/plans">{t.backTo}</a>
			</p>
		</>
	);
}

interface RuleProps {
	readonly at: number;
	readonly rules: Signal<readonly RuleEntry[]>;
	readonly plan: Plan;
	readonly doors: readonly Door[];
}

/** Doors × schedule, and the dates between which it holds. */
function Rule({ at, doors, plan, rules }: RuleProps): JSX.Element {
	const t = planWords();
	const rule = rules.value[at]!;
	const set = (more: Partial<Record<keyof RuleEntry, unknown>>): void => {
		const next = Object.fromEntries(
			Object.entries({ ...rule, ...more }).filter(([, value]) => value !== undefined && value !== ""),
		) as unknown as RuleEntry;
		rules.value = rules.value.map((one, i) => (i === at ? next : one));
	};
	const names = [...FIXED, ...Object.keys(plan.schedules)];
	return (
		<fieldset class="card">
			<legend>{t.rule(at + 1)}</legend>
			<Check
				label={t.allDoors}
				checked={rule.doors === undefined}
				onChange={(all) => set({ doors: all ? undefined : [] })}
			/>
			{rule.doors !== undefined && (
				<Several
					label={t.someDoors}
					options={doorOptions(doors)}
					chosen={rule.doors}
					onChange={(chosen) => set({ doors: chosen })}
				/>
			)}
			<Choice
				label={t.schedule}
				value={rule.schedule}
				options={names.map((name) => [name, scheduleName(name)])}
				onChange={(schedule) => set({ schedule })}
			/>
			<MomentField label={t.from} time={t.time} value={rule.from ?? ""} onInput={(from) => set({ from })} />
			<MomentField
				label={t.until}
				time={t.time}
				value={rule.until ?? ""}
				onInput={(until) => set({ until })}
			/>
			{rules.value.length > 1 && (
				<button
					type="button"
					onClick={() => {
						rules.value = rules.value.filter((_, i) => i !== at);
					}}
				>
					{t.removeRule(at + 1)}
				</button>
			)}
		</fieldset>
	);
}
