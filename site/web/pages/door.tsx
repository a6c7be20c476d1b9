// SPDX-License-Identifier: Apache-2.0

import type { ComponentChildren, JSX } from "preact";
import { address, del, get } from "../api.js";
import { type Door, doorName, doorPath, useDoorNews } from "../doors.js";
import { may } from "../me.js";
import { confirm } from "../parts/dialog.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Banner, sayError } from "../parts/notice.js";
import { since, timeText } from "../parts/time.js";
import { agesOf, alarmWords, doorWords } from "../words/doors.js";
import { refusalText } from "../words/refusals.js";
import { number } from "../words.js";
import { DoorCommands } from "./door-commands.js";
import { DoorModes } from "./door-modes.js";
import { DoorSettings } from "./door-settings.js";
import { Standing } from "./door-standing.js";

/** One door: how it stands, what can be done there now, how it is set. */
export function DoorPage({ id }: { id: string }): JSX.Element {
	const t = doorWords();
	const path = `/api${doorPath(id)}`;
	const door = useLoaded(path, () => get<Door>(path));
	useDoorNews(door.again);
	return (
		<Loaded of={door}>
			{(one) => (
				<>
					<Heading title={doorName(one)} />
					<Alarms door={one} again={door.again} />
					<Facts door={one} />
					{may("manager") && <DoorCommands door={one} again={door.again} />}
					{may("administrator") && <DoorModes id={id} />}
					{may("administrator") && <DoorSettings door={one} again={door.again} />}
					<p>
						<a href="/doors">{t.backTo}</a>
						{" · "}
						<a href={address("/events", { door: id })}>{t.events}</a>
					</p>
				</>
			)}
		</Loaded>
	);
}

function Alarms({ again, door }: { door: Door; again: () => Promise<void> }): JSX.Element | null {
	const { advice, kinds } = alarmWords();
	const { alarms, fork } = door;
	if (alarms.length === 0 && fork === null) return null;
	return (
		<Banner kind="bad">
			{alarms.map((kind) => (
				<p key={kind}>
					<strong>{kinds[kind]}.</strong> {advice[kind]} <a href="/alarms">{doorWords().alarms}</a>
				</p>
			))}
			{fork !== null && <p>{doorWords().fork(timeText(fork.since))}</p>}
			{fork !== null && may("administrator") && <EndFork door={door} again={again} />}
		</Banner>
	);
}

/** Of a log with two histories neither is taken until somebody has decided. */
function EndFork({ again, door }: { door: Door; again: () => Promise<void> }): JSX.Element {
	const t = doorWords();
	const end = async (): Promise<void> => {
		if (!(await confirm({ title: t.endForkTitle, text: t.endForkText, act: t.endFork, isGrave: true })))
			return;
		try {
			await del(`/api${doorPath(door.id)}/fork`);
			await again();
		} catch (error) {
			sayError(refusalText(error));
		}
	};
	return (
		<button type="button" onClick={end}>
			{t.endFork}
		</button>
	);
}

function Facts({ door }: { door: Door }): JSX.Element {
	const t = doorWords();
	const ages = agesOf(door);
	const { health, reader } = door;
	const facts: readonly (readonly [string, ComponentChildren])[] = [
		[t.state, <Standing key="state" door={door} />],
		[t.planAge, ages.plan],
		[t.timeAge, ages.time],
		[t.logAge, ages.log],
		...(health?.signal == null
			? []
			: [[t.signal, `${number(health.signal)} dBm, ${t.saidAt(since(health.at))}`] as const]),
		...(reader === null ? [] : [[t.key, <code key="key">{reader.key}</code>] as const]),
	];
	return (
		<dl class="card">
			{facts.map(([name, value]) => (
				<>
					<dt key={name}>{name}</dt>
					<dd>{value}</dd>
				</>
			))}
		</dl>
	);
}
