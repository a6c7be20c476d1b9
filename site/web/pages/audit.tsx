// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { address, get } from "../api.js";
import { Field } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Empty } from "../parts/notice.js";
import { More, usePages } from "../parts/pages.js";
import { type Column, Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { query, setQuery } from "../router.js";
import { actionWords, auditWords } from "../words/audit.js";
import { shellWords } from "../words/shell.js";

interface Row {
	readonly serial: number;
	readonly at: number;
	readonly by: string;
	readonly who: string | null;
	readonly what: string;
	readonly to: string | null;
	readonly name: string | null;
	readonly details: unknown;
}

interface Found {
	readonly rows: readonly Row[];
	readonly next: number | null;
}

const PAGE = 50;
const DAY_S = 86_400;

/** What was done on the site, and by whom. */
export function Audit(): JSX.Element {
	const t = auditWords();
	const asked = (name: string): string => query.value.get(name) ?? "";
	const [search, since, until] = [asked("search"), asked("since"), asked("until")];
	const path = address("/api/audit", {
		...{ search, limit: PAGE },
		since: dayStart(since),
		until: until === "" ? undefined : dayStart(until)! + DAY_S - 1,
	});
	const found = useLoaded(path, () => get<Found>(path));
	return (
		<>
			<Heading title={shellWords().pages.audit}>
				<a class="button" href="/api/audit/export" download>
					{t.exportIt}
				</a>
			</Heading>
			<p>{t.text}</p>
			<p class="hint">{t.exportText}</p>
			<search class="toolbar">
				<div class="grow">
					<Field
						label={t.search}
						hint={t.searchHint}
						type="search"
						maxLength={100}
						value={search}
						onInput={(value) => setQuery("search", value)}
					/>
				</div>
				<Field label={t.since} type="date" value={since} onInput={(value) => setQuery("since", value)} />
				<Field label={t.until} type="date" value={until} onInput={(value) => setQuery("until", value)} />
			</search>
			<Loaded of={found}>{(first) => <Rows key={path} first={first} path={path} />}</Loaded>
		</>
	);
}

/** Where a day begins here, seconds since 1970. */
function dayStart(day: string): number | undefined {
	return day === "" ? undefined : Math.floor(new Date(`${day}T00:00`).getTime() / 1000);
}

function Rows({ first, path }: { first: Found; path: string }): JSX.Element {
	const t = auditWords();
	const pages = usePages(first, path);
	const rows = [first, ...pages.rest].flatMap(({ rows }) => rows);
	const columns: Column<Row>[] = [
		{ title: t.when, cell: ({ at }) => <Time at={at} /> },
		{
			title: t.who,
			cell: ({ by, who }) => (by === "machine" ? t.machine : (who ?? t.unknown(by))),
		},
		{ title: t.what, cell: (row) => <Done row={row} /> },
	];
	if (rows.length === 0)
		return (
			<Empty>
				<p>{t.none}</p>
			</Empty>
		);
	return (
		<>
			<Table caption={t.caption} columns={columns} rows={rows} keyOf={({ serial }) => String(serial)} />
			<More pages={pages} text={t.more} />
		</>
	);
}

function Done({ row: { by, details, name, to, what } }: { row: Row }): JSX.Element {
	const all = actionWords();
	const words = Object.hasOwn(all, what) ? all[what] : what;
	// Whoever did it to the own account is named already.
	const whom = to === by ? "" : (name ?? to ?? "");
	const more = Object.entries((details ?? {}) as Record<string, unknown>);
	return (
		<>
			{words} {whom}
			{more.length > 0 && (
				<div class="hint">
					{more
						.map(([key, value]) => `${key}: ${typeof value === "object" ? JSON.stringify(value) : value}`)
						.join(", ")}
				</div>
			)}
		</>
	);
}
