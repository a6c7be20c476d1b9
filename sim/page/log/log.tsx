// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { toHex } from "../../../protocol/bytes.js";
import type { LogReport, Problem } from "../../../protocol/log/findings.js";
import { type Column, Table } from "../../../site/web/parts/table.js";
import type { LogAnswer } from "../../scene/log-check.js";
import type { Logged } from "../../scene/scene.js";
import type { Client } from "../client.js";
import { later } from "../parts/later.js";

const Bytes = later(async () => (await import("../lanes/bytes.js")).Bytes);

/** Records that are listed, the newest of them. */
const LISTED = 100;
/** Where a record has the low byte of its detail: of a decision, its reason. */
const REASON_AT = 11;
/** A record's fields, by the byte that each begins at. */
const FIELDS: readonly (readonly [at: number, name: string])[] = [
	[0, "serial"],
	[4, "time"],
	[8, "kind"],
	[9, "trust"],
	[10, "detail"],
	[12, "value"],
	[16, "subject"],
	[24, "link"],
];

/** The door's log in words, with its chain: one byte can be changed, and the check finds it. */
export function Log({ client }: { client: Client }): JSX.Element {
	const list = useRef<HTMLDivElement>(null);
	const records = client.log.value.slice(-LISTED).reverse();
	const answer = client.asked.value;
	const close = (): void => {
		client.asked.value = undefined;
		list.current?.querySelector<HTMLElement>(`button[data-serial="${answer!.serial}"]`)?.focus();
	};
	if (records.length === 0)
		return (
			<>
				<h2>Log</h2>
				<p class="faint">Nothing is in the log yet.</p>
			</>
		);
	return (
		<>
			<h2>Log</h2>
			<p class="faint">
				Each record has a link, which is a hash over itself and the link before it; the reader signs what
				begins a sector.
			</p>
			{answer && <Record answer={answer} client={client} onClose={close} />}
			<div class="records" ref={list}>
				<Table
					caption="Records of the log, the newest first"
					columns={columnsFor(answer, (serial) => client.askLog({ serial }))}
					rows={records}
					keyOf={({ entry }) => String(entry.serial)}
				/>
			</div>
		</>
	);
}

function columnsFor(
	answer: LogAnswer | undefined,
	open: (serial: number) => void,
): readonly Column<Logged>[] {
	const isBroken = (serial: number): boolean =>
		answer?.report.problems.some(({ from, to }) => from <= serial && serial <= to) === true;
	const shown = ({ entry: { serial }, words }: Logged): string =>
		answer?.serial === serial && answer.at !== undefined ? answer.words : words;
	return [
		{
			title: "Record",
			cell: ({ entry: { serial } }) => (
				<button
					type="button"
					class="plain"
					aria-label={`Open record ${serial}`}
					data-serial={serial}
					onClick={() => open(serial)}
				>
					{serial}
				</button>
			),
		},
		{ title: "Time", cell: ({ entry }) => clockText(entry.time) },
		{
			title: "What",
			cell: (logged) => (
				<span class={isBroken(logged.entry.serial) ? "broken" : undefined}>
					{shown(logged)}
					{isBroken(logged.entry.serial) && <strong>does not hold</strong>}
				</span>
			),
		},
		{
			title: "Link",
			isWide: true,
			cell: ({ entry }) => (
				<code class={isBroken(entry.serial) ? "broken" : undefined}>{toHex(entry.link)}</code>
			),
		},
	];
}

/** A record opened, in which one byte can be changed. */
function Record({
	answer,
	client,
	onClose,
}: {
	answer: LogAnswer;
	client: Client;
	onClose: () => void;
}): JSX.Element {
	const { at, record, report, serial, words } = answer;
	const byte = useSignal(REASON_AT);
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus(), [serial]);
	return (
		<section class="card opened" aria-label="The chosen record">
			<div class="heading">
				<h3 tabIndex={-1} ref={heading}>
					Record {serial}: {words}
				</h3>
				<button type="button" onClick={onClose}>
					Close
				</button>
			</div>
			<form
				class="actions"
				onSubmit={(event) => {
					event.preventDefault();
					client.askLog({ serial, at: at === undefined ? byte.value : undefined });
				}}
			>
				<label for="record-byte">
					Byte{" "}
					<select
						id="record-byte"
						value={byte.value}
						disabled={at !== undefined}
						onChange={({ currentTarget }) => {
							byte.value = Number(currentTarget.value);
						}}
					>
						{Array.from(record, (_, i) => (
							<option key={i} value={i}>
								{i} · {fieldAt(i)}
							</option>
						))}
					</select>
				</label>
				<button type="submit">{at === undefined ? "Change this byte" : "Put it back"}</button>
			</form>
			<Verdict report={report} />
			<details>
				<summary>Its 32 bytes</summary>
				<Bytes part={{ title: `record ${serial}`, format: "log", bytes: record }} />
			</details>
		</section>
	);
}

function Verdict({ report }: { report: LogReport }): JSX.Element {
	const { intact, problems, records, signed, sinceCheckpoint, torn } = report;
	return (
		<div role="status">
			{intact ? (
				<p class="notice good">
					Whole: {records} records, each link fits; {signed} checkpoint{signed === 1 ? "" : "s"} signed by the
					reader, {sinceCheckpoint} record{sinceCheckpoint === 1 ? "" : "s"} since.
					{torn > 0 &&
						" What follows the last one is taken for a write that a power cut ended: until the site has it, nothing says otherwise."}
				</p>
			) : (
				<p class="notice bad">Broken: {problems.map(problemText).join("; ")}.</p>
			)}
		</div>
	);
}

function problemText({ from, reason, to }: Problem): string {
	const which = to > from ? `records ${from} to ${to}` : `record ${from}`;
	switch (reason) {
		case "bad-record":
			return `${which} was changed after it was written, its link does not fit`;
		case "missing":
			return `${which} ought to be there and is not`;
		case "bad-checkpoint":
			return `the checkpoint before ${which} is not whole`;
		case "changed-sector":
			return `the sector of ${which} is not what the next checkpoint says`;
		case "behind-site":
			return `the site has ${which}, which this log does not: its end was cut off or changed`;
		case "differs-from-site":
			return `the site has ${which} with another link: these are two histories`;
		default:
			return `${which}: ${reason}`;
	}
}

function fieldAt(at: number): string {
	return FIELDS.filter(([from]) => from <= at).at(-1)![1];
}

/** Time of day in UTC, as the header has the calendar; until the clock was set, seconds since the start. */
function clockText(seconds: number): string {
	return seconds < 1e9 ? `${seconds} s` : new Date(seconds * 1000).toISOString().slice(11, 19);
}
