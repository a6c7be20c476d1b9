// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { address, get, post } from "../api.js";
import { type Alarm, type Door, doorName, doorPath, loadDoors } from "../doors.js";
import { useFresh } from "../live.js";
import { may } from "../me.js";
import { Choice } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Empty, say, sayError } from "../parts/notice.js";
import { More, usePages } from "../parts/pages.js";
import { type Column, Table } from "../parts/table.js";
import { Tag } from "../parts/tag.js";
import { Time, timeText } from "../parts/time.js";
import { query, setQuery } from "../router.js";
import { alarmWords } from "../words/doors.js";
import { refusalText } from "../words/refusals.js";
import { shellWords } from "../words/shell.js";

interface Found {
	readonly alarms: readonly Alarm[];
	readonly next: number | null;
}

const NEWS = ["alarm-raised", "alarm-ended", "alarm-acknowledged"] as const;

/** What people have to know of, until they say that they do. */
export function Alarms(): JSX.Element {
	const t = alarmWords();
	const state = query.value.get("state") === "all" ? "all" : "open";
	const path = address("/api/alarms", { state, limit: 100 });
	const found = useLoaded(path, () => get<Found>(path));
	const doors = useLoaded("doors", loadDoors);
	useFresh(NEWS, found.again);
	return (
		<>
			<Heading title={shellWords().pages.alarms} />
			<Choice
				label={t.show}
				value={state}
				options={[
					["open", t.open],
					["all", t.all],
				]}
				onChange={(value) => setQuery("state", value === "all" ? "all" : "")}
			/>
			<Loaded of={found}>
				{(first) => (
					<Results
						key={path}
						first={first}
						path={path}
						doors={doors.value.value ?? []}
						again={found.again}
						isOpen={state === "open"}
					/>
				)}
			</Loaded>
		</>
	);
}

function Results({
	again,
	doors,
	first,
	isOpen,
	path,
}: {
	first: Found;
	path: string;
	doors: readonly Door[];
	isOpen: boolean;
	again: () => Promise<void>;
}): JSX.Element {
	const t = alarmWords();
	const pages = usePages(first, path);
	const rows = [
		...new Map([first, ...pages.rest].flatMap(({ alarms }) => alarms).map((one) => [one.id, one])).values(),
	];
	const unseen = rows.filter(({ acknowledged }) => acknowledged === null).map(({ id }) => id);
	const acknowledge = async (alarms: readonly number[]): Promise<void> => {
		try {
			await post("/api/alarms/acknowledge", { alarms });
			pages.forget();
			await again();
			say(t.isAcknowledged);
		} catch (error) {
			sayError(refusalText(error));
		}
	};
	if (rows.length === 0) return <Empty>{isOpen ? t.noneOpen : t.none}</Empty>;
	return (
		<>
			{may("manager") && unseen.length > 1 && (
				<p>
					<button type="button" onClick={() => acknowledge(unseen)}>
						{t.acknowledgeAll}
					</button>
				</p>
			)}
			<Table
				caption={t.caption}
				columns={columns(doors, (alarm) => acknowledge([alarm.id]))}
				rows={rows}
				keyOf={({ id }) => String(id)}
			/>
			<More pages={pages} text={t.more} />
		</>
	);
}

function columns(doors: readonly Door[], acknowledge: (alarm: Alarm) => void): Column<Alarm>[] {
	const t = alarmWords();
	const names = new Map(doors.map((door) => [door.id, doorName(door)]));
	return [
		{
			title: t.what,
			cell: ({ details, kind }) => (
				<>
					{t.kinds[kind]}
					{(details.count ?? 1) > 1 && ` (${t.count(details.count!)})`}
					<div class="hint">{t.advice[kind]}</div>
				</>
			),
		},
		{ title: t.door, cell: ({ door }) => <a href={doorPath(door)}>{names.get(door) ?? door}</a> },
		{
			title: t.when,
			cell: ({ at, ended }) => (
				<>
					<Time at={at} />
					{ended !== null && <div class="hint">{t.over(timeText(ended))}</div>}
				</>
			),
		},
		{
			title: t.state,
			cell: (alarm) => (
				<State alarm={alarm} where={names.get(alarm.door) ?? alarm.door} onSeen={acknowledge} />
			),
		},
	];
}

function State({
	alarm,
	onSeen,
	where,
}: {
	alarm: Alarm;
	where: string;
	onSeen: (alarm: Alarm) => void;
}): JSX.Element {
	const t = alarmWords();
	const { acknowledged, kind } = alarm;
	if (acknowledged !== null) return <>{t.seen(acknowledged.name ?? t.program, timeText(acknowledged.at))}</>;
	if (!may("manager")) return <Tag kind="bad">{t.open}</Tag>;
	return (
		<button
			type="button"
			aria-label={`${t.acknowledge}: ${t.kinds[kind]}, ${where}`}
			onClick={() => onSeen(alarm)}
		>
			{t.acknowledge}
		</button>
	);
}
