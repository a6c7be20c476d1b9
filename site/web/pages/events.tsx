// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { REASONS, type Reason } from "../../../protocol/reasons.js";
import { type Language, sayEvent, sayReason } from "../../lib/log/words/say.js";
import { address, get } from "../api.js";
import { type Door, doorName, doorOptions, loadDoors } from "../doors.js";
import { isLive, useFresh } from "../live.js";
import { Choice } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Empty } from "../parts/notice.js";
import { More, usePages } from "../parts/pages.js";
import { type Column, Table } from "../parts/table.js";
import { dateText, Time } from "../parts/time.js";
import { query, setQuery } from "../router.js";
import { EVENT_GROUPS, type EventGroup, eventWords } from "../words/events.js";
import { shellWords } from "../words/shell.js";
import { language } from "../words.js";
import { EventExport } from "./event-export.js";

interface Row {
	readonly id: number;
	readonly door: string;
	readonly at: number;
	readonly trust: string;
	readonly kind: number;
	readonly detail: number;
	readonly value: number;
	readonly reason?: string;
	readonly subject?: string;
	readonly person?: string;
	readonly user?: string;
}

interface Found {
	readonly rows: readonly Row[];
	readonly next: string | null;
}

const PAGE = 50;

/** What is asked of the API: the address has it, so that the way back leads to it. */
function asked(): Record<string, string | undefined> {
	const value = (name: string): string => query.value.get(name) ?? "";
	const group = value("kind");
	return {
		door: value("door"),
		user: value("user"),
		words: value("search"),
		reason: value("reason"),
		event: Object.hasOwn(EVENT_GROUPS, group) ? EVENT_GROUPS[group as EventGroup] : "",
		since: momentOf(value("from"), 0),
		until: momentOf(value("until"), 1),
	};
}

/** The beginning of a day of the browser's, or of the day after it less a second; `undefined`: no day. */
function momentOf(day: string, after: 0 | 1): string | undefined {
	const [year, month, date] = day.split("-").map(Number);
	if (date === undefined) return undefined;
	return String(new Date(year!, month! - 1, date + after).getTime() / 1000 - after);
}

export function Events(): JSX.Element {
	const doors = useLoaded("doors", loadDoors);
	const wanted = asked();
	const path = address("/api/log", { ...wanted, limit: PAGE });
	const found = useLoaded(path, () => get<Found>(path));
	useFresh(["log"], found.again);
	const all = doors.value.value ?? [];
	return (
		<>
			<Heading title={shellWords().pages.events} />
			<Search doors={all} />
			<Loaded of={found}>{(first) => <Results key={path} first={first} path={path} doors={all} />}</Loaded>
			<EventExport wanted={wanted} doors={all} />
		</>
	);
}

function Search({ doors }: { doors: readonly Door[] }): JSX.Element {
	const t = eventWords();
	const value = (name: string): string => query.value.get(name) ?? "";
	const groups = Object.keys(EVENT_GROUPS) as EventGroup[];
	const reasons = (Object.keys(REASONS) as Reason[]).filter((reason) => reason !== "granted");
	return (
		<>
			<search class="toolbar">
				<SearchField />
				<Choice
					label={t.door}
					value={value("door")}
					options={[["", t.allDoors], ...doorOptions(doors)]}
					onChange={(door) => setQuery("door", door)}
				/>
				<Choice
					label={t.group}
					value={value("kind")}
					options={[["", t.allGroups], ...groups.map((one): [string, string] => [one, t.groups[one]])]}
					onChange={(kind) => setQuery("kind", kind)}
				/>
				<Choice
					label={t.reason}
					value={value("reason")}
					options={[
						["", t.allReasons],
						["denied", t.denied],
						...reasons.map((one): [string, string] => [one, sayReason(one, language.value).short]),
					]}
					onChange={(reason) => setQuery("reason", reason)}
				/>
				<DayField name="from" label={t.from} />
				<DayField name="until" label={t.until} />
			</search>
			{value("user") !== "" && (
				<p>
					{t.ofUser}{" "}
					<button type="button" class="quiet" onClick={() => setQuery("user", "")}>
						{t.allUsers}
					</button>
				</p>
			)}
		</>
	);
}

function DayField({ label, name }: { label: string; name: string }): JSX.Element {
	return (
		<div class="field">
			<label for={`day-${name}`}>{label}</label>
			<input
				id={`day-${name}`}
				type="date"
				value={query.value.get(name) ?? ""}
				onChange={({ currentTarget: { value } }) => setQuery(name, value)}
			/>
		</div>
	);
}

/** A search waits until the writing pauses for this long, ms. */
const PAUSE_MS = 250;

function SearchField(): JSX.Element {
	const timer = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	return (
		<div class="field grow">
			<label for="search">{eventWords().search}</label>
			<input
				id="search"
				type="search"
				defaultValue={query.value.get("search") ?? ""}
				onInput={({ currentTarget: { value } }) => {
					clearTimeout(timer.current);
					timer.current = setTimeout(() => setQuery("search", value.trim()), PAUSE_MS);
				}}
			/>
		</div>
	);
}

/** The first page, which follows what happens, and those behind it that were asked for. */
function Results({
	doors,
	first,
	path,
}: {
	first: Found;
	path: string;
	doors: readonly Door[];
}): JSX.Element {
	const t = eventWords();
	const pages = usePages(first, path);
	const { next, rest: behind } = pages;
	// What has come since has moved the first page's end: what is behind it begins where it was.
	const start = useRef(first);
	const rest = behind.length === 0 ? [] : start.current.rows;
	if (behind.length === 0) start.current = first;
	const rows = distinct([...first.rows, ...rest, ...behind.flatMap(({ rows }) => rows)]);
	return (
		<>
			<p role="status" class="hint">
				{isLive.value ? t.live : t.notLive}
			</p>
			{rows.length === 0 ? (
				<Empty>{t.none}</Empty>
			) : (
				<Table caption={t.caption} columns={columns(doors)} rows={rows} keyOf={({ id }) => String(id)} />
			)}
			{next !== null && (
				<p>
					{rows.length < PAGE && <span class="hint">{searchedTo(next)} </span>}
					<More pages={pages} text={rows.length < PAGE ? t.further : t.more} />
				</p>
			)}
		</>
	);
}

function searchedTo(next: string): string {
	const at = Number(next.split(".")[0]);
	return eventWords().searching(dateText(at));
}

function distinct(rows: readonly Row[]): Row[] {
	return [...new Map(rows.map((row) => [row.id, row])).values()].sort((a, b) => b.at - a.at || b.id - a.id);
}

function columns(doors: readonly Door[]): Column<Row>[] {
	const t = eventWords();
	const names = new Map(doors.map((door) => [door.id, doorName(door)]));
	return [
		{
			title: t.when,
			cell: ({ at, trust }) => (
				<>
					<Time at={at} />
					{trust === "unset" && <div class="hint">{t.unsetClock}</div>}
				</>
			),
		},
		{ title: t.where, cell: ({ door }) => names.get(door) ?? door },
		{ title: t.what, cell: (row) => <What row={row} /> },
	];
}

/** The sentence, with the person's name as a link, and of a refusal what to do. */
function What({ row }: { row: Row }): JSX.Element {
	const { detail, kind, person, reason, subject, user, value } = row;
	const say = (who: string | undefined): string =>
		sayEvent({ kind, detail, value, isAbout: subject !== undefined }, who, language.value as Language);
	const isKnown = reason !== undefined && reason !== "granted" && Object.hasOwn(REASONS, reason);
	return (
		<>
			{person !== undefined && user !== undefined ? (
				<Linked sentence={say(MARK)} name={person} user={user} />
			) : (
				say(person)
			)}
			{isKnown && (
				<details>
					<summary class="hint">{eventWords().toDo}</summary>
					<p class="hint">{sayReason(reason as Reason, language.value as Language).advice}</p>
				</details>
			)}
		</>
	);
}

/** Stands for a name in a sentence; no sentence has it. */
const MARK = "\u0000";

function Linked({ name, sentence, user }: { sentence: string; name: string; user: string }): JSX.Element {
	const [before = "", after = ""] = sentence.split(MARK);
	return (
		<>
			{before}
			<a href={`/users/${encodeURIComponent(user)}`}>{name}</a>
			{after}
		</>
	);
}
