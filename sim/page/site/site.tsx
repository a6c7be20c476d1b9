// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Table } from "../../../site/web/parts/table.js";
import { Tag } from "../../../site/web/parts/tag.js";
import type { PersonState, SiteState } from "../../scene/site-state.js";
import type { Client } from "../client.js";
import { Acts } from "../parts/acts.js";
import { Messages } from "./messages.js";

/** The plan as an administrator has it, what is done with it, and what then travels to the door. */
export function Site({ client }: { client: Client }): JSX.Element {
	const site = client.site.value;
	if (site === undefined) return <p class="faint">The reader starts.</p>;
	return (
		<div class="site">
			<Versions site={site} hasSession={client.state.value?.session === true} />
			<People client={client} site={site} />
			<Hours site={site} />
			<Acts client={client} names={["hours", "holiday", "mode", "right"]} />
			<h2>Now</h2>
			<Acts client={client} names={["command", "lockdown", "release"]} />
			<Messages lines={site.lines} />
		</div>
	);
}

function Versions({ site, hasSession }: { site: SiteState; hasSession: boolean }): JSX.Element {
	const { door, lockdown, notice, version } = site;
	const hasAll = door !== undefined && door.version === version && door.notice === notice;
	return (
		<p class="versions" role="status">
			<span>
				Plan {version}, {notice} {notice === 1 ? "notice" : "notices"}
			</span>
			{hasAll ? (
				<Tag kind="good">the door has it</Tag>
			) : (
				<Tag kind="warning">the door has {door === undefined ? "said nothing" : `plan ${door.version}`}</Tag>
			)}
			{!hasSession && <Tag kind="bad">no session</Tag>}
			{lockdown && <Tag kind="bad">lockdown</Tag>}
		</p>
	);
}

function People({ client, site }: { client: Client; site: SiteState }): JSX.Element {
	const { others, people } = site;
	const columns = [
		{ title: "Person", cell: (person: PersonState) => <Named person={person} /> },
		{ title: "May come", cell: (person: PersonState) => <Plan client={client} person={person} /> },
		{ title: "Do", cell: (person: PersonState) => <PersonActs client={client} person={person} /> },
	];
	return (
		<>
			<h2>People of the plan</h2>
			<Table caption="People of the plan" columns={columns} rows={people} keyOf={({ name }) => name} />
			{others.length > 0 && <Adding client={client} others={others} />}
		</>
	);
}

function Named({ person }: { person: PersonState }): JSX.Element {
	const { name, revoked, rights } = person;
	return (
		<>
			<span>{name}</span> {revoked && <Tag kind="bad">revoked</Tag>}
			{rights.map((right) => (
				<Tag key={right} kind={right === "suspended" ? "warning" : undefined}>
					{right === "suspended" ? "paused" : right === "firstPerson" ? "first person" : right}
				</Tag>
			))}
		</>
	);
}

/** The access plans that a person can have. */
function choices(client: Client): readonly string[] {
	const parameters = client.acts.value.find(({ name }) => name === "plan")?.parameters ?? [];
	const [plan] = parameters.filter(({ name }) => name === "plan");
	return plan !== undefined && "choices" in plan ? plan.choices : [];
}

function Plan({ client, person }: { client: Client; person: PersonState }): JSX.Element {
	return (
		<select
			aria-label={`When ${person.name} may come`}
			value={person.plans[0]}
			disabled={person.revoked}
			onChange={({ currentTarget }) => client.act("plan", { who: person.name, plan: currentTarget.value })}
		>
			{choices(client).map((choice) => (
				<option key={choice}>{choice}</option>
			))}
		</select>
	);
}

function PersonActs({ client, person }: { client: Client; person: PersonState }): JSX.Element {
	const { name: who, revoked, rights } = person;
	const isPaused = rights.includes("suspended");
	const pause = (): void => client.act("right", { who, right: "suspended", on: isPaused ? "no" : "yes" });
	return (
		<span class="row">
			<button type="button" disabled={revoked} onClick={() => client.act("revoke", { who })}>
				Revoke <span class="unseen">{who}</span>
			</button>
			<button type="button" disabled={revoked} onClick={pause}>
				{isPaused ? "Let go on" : "Pause"} <span class="unseen">{who}</span>
			</button>
			<button type="button" onClick={() => client.act("remove", { who })}>
				Remove <span class="unseen">{who}</span>
			</button>
		</span>
	);
}

function Adding({ client, others }: { client: Client; others: readonly string[] }): JSX.Element {
	const who = useSignal("");
	const plan = useSignal("always");
	const chosen = others.includes(who.value) ? who.value : others[others.length - 1]!;
	return (
		<form
			class="row"
			onSubmit={(event) => {
				event.preventDefault();
				client.act("add", { who: chosen, plan: plan.value });
			}}
		>
			<select
				aria-label="Who is added"
				value={chosen}
				onChange={({ currentTarget }) => {
					who.value = currentTarget.value;
				}}
			>
				{others.map((other) => (
					<option key={other}>{other}</option>
				))}
			</select>
			<select
				aria-label="When they may come"
				value={plan.value}
				onChange={({ currentTarget }) => {
					plan.value = currentTarget.value;
				}}
			>
				{choices(client).map((choice) => (
					<option key={choice}>{choice}</option>
				))}
			</select>
			<button type="submit">Add to the plan</button>
		</form>
	);
}

function Hours({ site }: { site: SiteState }): JSX.Element {
	const { holidays, mode, schedules } = site;
	const facts = [...Object.entries(schedules), ["holidays", holidays.join(", ")], ["the door is", mode]];
	return (
		<>
			<h2>Hours</h2>
			<dl class="hours">
				{facts.map(([name, text]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd>{text}</dd>
					</div>
				))}
			</dl>
		</>
	);
}
