// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { del, get, post } from "../api.js";
import { loadDoors } from "../doors.js";
import { useFresh } from "../live.js";
import { may } from "../me.js";
import { confirm, Dialog } from "../parts/dialog.js";
import { Choice, Field, Form, Several } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Empty, say } from "../parts/notice.js";
import { type Column, Table } from "../parts/table.js";
import { Tag } from "../parts/tag.js";
import { Time } from "../parts/time.js";
import { WAYS, type Way } from "../users.js";
import { invitationWords } from "../words/invitations.js";
import { shellWords } from "../words/shell.js";
import { visitorWords } from "../words/visitors.js";
import { listed } from "../words.js";
import { done, told } from "./user-invitations.js";

interface Pass {
	readonly id: string;
	readonly name: string;
	readonly doors: readonly { readonly id: string; readonly name: string }[];
	/** Seconds since 1970. */
	readonly from: number;
	readonly until: number;
	readonly count?: number;
	readonly state: "open" | "accepted" | "expired" | "withdrawn";
	/** A user's id; null: an administrator has made it. */
	readonly lender: string | null;
}

/** Visitors' passes: made here, or lent by users. */
export function Visitors(): JSX.Element {
	const t = visitorWords();
	const passes = useLoaded("/api/passes", () => get<{ passes: readonly Pass[] }>("/api/passes"));
	const isMaking = useSignal(false);
	useFresh(["invitation", "edit"], passes.again);
	return (
		<>
			<Heading title={shellWords().pages.visitors}>
				{may("manager") && (
					<button type="button" class="primary" onClick={() => (isMaking.value = true)}>
						{t.make}
					</button>
				)}
			</Heading>
			<p>{t.text}</p>
			<Loaded of={passes}>{(all) => <List rows={all.passes} again={passes.again} />}</Loaded>
			{isMaking.value && (
				<Make
					onClose={() => {
						isMaking.value = false;
					}}
					onDone={async () => {
						isMaking.value = false;
						await passes.again();
					}}
				/>
			)}
		</>
	);
}

const KINDS = { open: undefined, accepted: "good", expired: "warning", withdrawn: "bad" } as const;

function List({ rows, again }: { rows: readonly Pass[]; again: () => Promise<void> }): JSX.Element {
	const t = visitorWords();
	if (rows.length === 0)
		return (
			<Empty>
				<p>{t.none}</p>
			</Empty>
		);
	const withdraw = async ({ id, name }: Pass): Promise<void> => {
		const question = { title: t.withdrawTitle(name), text: t.withdrawText, act: t.withdraw, isGrave: true };
		if (!(await confirm(question))) return;
		await del(`/api/passes/${id}`);
		say(t.isWithdrawn);
	};
	const columns: Column<Pass>[] = [
		{ title: t.name, cell: ({ name }) => name || t.gone },
		{ title: t.state, cell: ({ state }) => <Tag kind={KINDS[state]}>{t.states[state]}</Tag> },
		{ title: t.doors, cell: ({ doors }) => listed(doors.map(({ name }) => name)) },
		{ title: t.from, isWide: true, cell: ({ from }) => <Time at={from} /> },
		{ title: t.until, cell: ({ until }) => <Time at={until} /> },
		{ title: t.count, isWide: true, cell: ({ count }) => count ?? t.anyCount },
		{
			title: t.by,
			isWide: true,
			cell: ({ lender }) => lender !== null && <a href={`/users/${lender}`}>{t.lent}</a>,
		},
		{
			title: t.acts,
			cell: (one) =>
				may("manager") &&
				one.state !== "withdrawn" && (
					<button
						type="button"
						aria-label={`${t.withdraw}: ${one.name}`}
						onClick={() => done(() => withdraw(one), again)}
					>
						{t.withdraw}
					</button>
				),
		},
	];
	return <Table caption={t.caption} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

const HOUR_MS = 3_600_000;

/** As a field of the browser has a moment, in its own time zone, in whole quarters of an hour. */
function localTime(at: number): string {
	const quarter = new Date(Math.ceil(at / 900_000) * 900_000);
	return new Date(quarter.getTime() - quarter.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Make({ onClose, onDone }: { onClose: () => void; onDone: () => Promise<void> }): JSX.Element {
	const t = visitorWords();
	const all = useLoaded("/api/doors", loadDoors);
	const line = {
		name: useSignal(""),
		from: useSignal(localTime(Date.now() - 900_000)),
		until: useSignal(localTime(Date.now() + 8 * HOUR_MS)),
		count: useSignal(""),
		email: useSignal(""),
		phone: useSignal(""),
	};
	const doors = useSignal<readonly string[]>([]);
	const by = useSignal<Way>("link");
	const into = (name: keyof typeof line) => ({
		label: t[name],
		value: line[name].value,
		onInput: (value: string) => {
			line[name].value = value;
		},
	});
	const seconds = (text: string): number => Math.floor(new Date(text).getTime() / 1000);
	const make = async (): Promise<void> => {
		const name = line.name.value.trim();
		const isCounted = line.count.value !== "" && doors.value.length === 1;
		const { link } = await post<{ link: string | null }>("/api/passes", {
			...{ name, doors: doors.value, by: by.value },
			...{ from: seconds(line.from.value), until: seconds(line.until.value) },
			...(isCounted && { count: Number(line.count.value) }),
			...(by.value === "email" && { email: line.email.value.trim() }),
			...(by.value === "sms" && { phone: line.phone.value.trim() }),
		});
		await onDone();
		told(name, link, t.isMade(name));
	};
	return (
		<Dialog title={t.make} onClose={onClose}>
			<Form
				act={t.make}
				onSubmit={make}
				reasons={{ ...invitationWords().reasons, ...t.reasons }}
				extra={
					<button type="button" onClick={onClose}>
						{shellWords().cancel}
					</button>
				}
			>
				<Field {...into("name")} required maxLength={200} />
				<Loaded of={all}>
					{(some) => (
						<Several
							label={t.doors}
							options={some.map(({ id, name }) => [id, name || id] as const)}
							chosen={doors.value}
							onChange={(chosen) => {
								doors.value = chosen;
							}}
						/>
					)}
				</Loaded>
				<Field {...into("from")} type="datetime-local" required />
				<Field {...into("until")} type="datetime-local" required />
				{doors.value.length === 1 && (
					<Field {...into("count")} hint={t.countHint} type="number" min={1} max={1000} />
				)}
				<Choice
					label={t.by}
					value={by.value}
					options={WAYS.map((way) => [way, invitationWords().by[way]] as const)}
					onChange={(way) => {
						by.value = way;
					}}
				/>
				{by.value === "email" && <Field {...into("email")} type="email" required maxLength={254} />}
				{by.value === "sms" && <Field {...into("phone")} type="tel" required maxLength={40} />}
			</Form>
		</Dialog>
	);
}
