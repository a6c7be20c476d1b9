// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { RuleEntry } from "../../lib/plan/document.js";
import { address } from "../api.js";
import { type Door, doorName, loadDoors } from "../doors.js";
import { may } from "../me.js";
import type { PageProps } from "../pages.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { momentText } from "../parts/moment.js";
import { Empty } from "../parts/notice.js";
import { type Column, Table } from "../parts/table.js";
import { type AccessPlans, loadPlan, type Plan } from "../plan.js";
import { planWords, scheduleName } from "../words/plans.js";
import { shellWords } from "../words/shell.js";
import { listed } from "../words.js";
import { PlanForm } from "./plan-form.js";

/** Access plans: all of them, or one with its form. */
export function Plans({ rest }: PageProps): JSX.Element {
	const loaded = useLoaded("plans", async () => ({ plan: await loadPlan(), doors: await loadDoors() }));
	const [first, name] = rest;
	return (
		<Loaded of={loaded}>
			{({ doors, plan }) =>
				first === undefined ? (
					<PlanList plan={plan} doors={doors} />
				) : (
					<PlanForm key={name} name={name} plan={plan} doors={doors} again={loaded.again} />
				)
			}
		</Loaded>
	);
}

type Row = readonly [name: string, rules: AccessPlans[string]];

function PlanList({ plan, doors }: { plan: Plan; doors: readonly Door[] }): JSX.Element {
	const t = planWords();
	const rows: Row[] = Object.entries(plan.accessPlans);
	const columns: Column<Row>[] = [
		{ title: t.name, cell: ([name]) => <a href={planPath(name)}>{name}</a> },
		{ title: t.rules, cell: ([, rules]) => <Rules rules={rules} doors={doors} /> },
		{
			title: t.who,
			cell: ([name]) => (
				<a href={address("/users", { plan: name })} aria-label={t.whoHas(name)}>
					{shellWords().pages.users}
				</a>
			),
		},
	];
	return (
		<>
			<Heading title={shellWords().pages.plans}>
				{may("administrator") && (
					<a class="button primary" href="/plans/new">
						{t.add}
					</a>
				)}
			</Heading>
			<p class="faint">{t.about}</p>
			{rows.length === 0 ? (
				<Empty>{t.none}</Empty>
			) : (
				<Table caption={t.caption} columns={columns} rows={rows} keyOf={([name]) => name} />
			)}
		</>
	);
}

/** Names are people's own, so what is the page's own stands before them. */
function planPath(name: string): string {
	return `/plans/of/${encodeURIComponent(name)}`;
}

function Rules({ doors, rules }: { rules: readonly RuleEntry[]; doors: readonly Door[] }): JSX.Element {
	const t = planWords();
	if (rules.length === 0) return <>{t.noRules}</>;
	return (
		<ul class="plain">
			{rules.map((rule, i) => (
				<li key={i}>{ruleText(rule, doors)}</li>
			))}
		</ul>
	);
}

/** "Front and Lab: Office hours, from 1 May 2030". */
function ruleText({ doors: ids, from, schedule, until }: RuleEntry, doors: readonly Door[]): string {
	const t = planWords();
	const names = new Map(doors.map((door) => [door.id, doorName(door)]));
	const where = ids === undefined ? t.allDoors : listed(ids.map((id) => names.get(id) ?? id));
	const dates = [
		...(from === undefined ? [] : [`${t.from} ${momentText(from)}`]),
		...(until === undefined ? [] : [`${t.until} ${momentText(until)}`]),
	];
	return `${where}: ${[scheduleName(schedule), ...dates].join(", ")}`;
}
