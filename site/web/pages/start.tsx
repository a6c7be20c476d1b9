// SPDX-License-Identifier: Apache-2.0

import type { ComponentChildren, JSX } from "preact";
import { get } from "../api.js";
import { useFresh } from "../live.js";
import { may } from "../me.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Banner } from "../parts/notice.js";
import { Time } from "../parts/time.js";
import type { Invitation } from "../users.js";
import { shellWords } from "../words/shell.js";
import { startWords } from "../words/start.js";
import { listed } from "../words.js";

interface Door {
	readonly id: string;
	readonly name: string;
	readonly state: "has-it" | "waiting" | "unreachable" | "unregistered";
}

/** What the server says of itself; `detail` is English. */
interface Health {
	readonly problems: readonly { readonly reason: string; readonly detail: string }[];
	readonly keyEnds: number | null;
}

/** How many are counted; beyond that it is "more". */
const MANY = 50;
/** Doors that are named. */
const NAMED = 5;

interface Overview {
	readonly health: Health;
	readonly doors: readonly Door[];
	readonly bounced: readonly Invitation[];
	readonly alarms: readonly unknown[];
}

async function overview(): Promise<Overview> {
	const [health, { doors }, { invitations: bounced }, { alarms }] = await Promise.all([
		get<Health>("/api/health"),
		get<{ doors: readonly Door[] }>("/api/doors"),
		get<{ invitations: readonly Invitation[] }>(`/api/invitations?state=bounced&limit=${MANY}`),
		get<{ alarms: readonly unknown[] }>(`/api/alarms?limit=${MANY}`),
	]);
	return { health, doors, bounced, alarms };
}

/** What needs attention, and what is done most. */
export function Start(): JSX.Element {
	const t = startWords();
	const all = useLoaded("overview", overview);
	useFresh(["session", "plan", "alarm", "alarm-raised", "alarm-acknowledged", "invitation"], all.again);
	return (
		<>
			<Heading title={shellWords().pages.start} />
			<Loaded of={all}>{(value) => <Attention {...value} />}</Loaded>
			<section class="card" aria-labelledby="to-do">
				<h2 id="to-do">{t.toDo}</h2>
				<div class="actions">
					{may("manager") && (
						<a class="button primary" href="/users/new">
							{t.addUser}
						</a>
					)}
					<a class="button" href="/users">
						{t.findUser}
					</a>
				</div>
			</section>
		</>
	);
}

function Attention({ alarms, bounced, doors, health }: Overview): JSX.Element {
	const t = startWords();
	const unreachable = doors.filter(({ state }) => state === "unreachable");
	const waiting = doors.filter(({ state }) => state === "waiting");
	const items = [
		...health.problems.map(({ detail, reason }) => (
			<Item key={reason + detail} kind="bad" to="/keys" text={t.problems[reason] ?? detail}>
				{reason === "key-ends-soon" && health.keyEnds !== null && (
					<p>
						{t.keyEnds}: <Time at={health.keyEnds} />
					</p>
				)}
			</Item>
		)),
		alarms.length > 0 && (
			<Item key="alarms" kind="bad" to="/alarms" text={t.alarms(alarms.length, alarms.length === MANY)} />
		),
		unreachable.length > 0 && (
			<Item
				key="unreachable"
				to="/doors"
				text={`${t.unreachable(unreachable.length)}: ${namesOf(unreachable)}`}
			>
				<p>{t.unreachableText}</p>
			</Item>
		),
		bounced.length > 0 && (
			<Item
				key="bounced"
				to="/invitations?state=bounced"
				text={t.bounced(bounced.length, bounced.length === MANY)}
			/>
		),
		waiting.length > 0 && (
			<Item
				key="waiting"
				kind="info"
				to="/doors"
				text={`${t.waiting(waiting.length)}: ${namesOf(waiting)}`}
			/>
		),
	].filter((item) => item !== false);
	return (
		<section aria-labelledby="attention">
			<h2 id="attention">{t.attention}</h2>
			{items.length === 0 ? <p>{t.nothing}</p> : <ul class="plain">{items}</ul>}
		</section>
	);
}

function namesOf(doors: readonly Door[]): string {
	const names = doors.slice(0, NAMED).map(({ id, name }) => name || id);
	return listed(doors.length > NAMED ? [...names, "…"] : names);
}

function Item({
	children,
	kind = "warning",
	text,
	to,
}: {
	text: string;
	to: string;
	kind?: "warning" | "bad" | "info";
	children?: ComponentChildren;
}): JSX.Element {
	return (
		<li>
			<Banner kind={kind}>
				<p>
					<strong>{text}</strong>{" "}
					<a href={to} aria-label={`${startWords().look}: ${text}`}>
						{startWords().look}
					</a>
				</p>
				{children}
			</Banner>
		</li>
	);
}
