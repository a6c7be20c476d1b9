// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { del, get, post } from "../api.js";
import { confirm, Dialog } from "../parts/dialog.js";
import { Act, Choice, Field, Form } from "../parts/form.js";
import { Handed } from "../parts/handed.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Empty, say } from "../parts/notice.js";
import { type Column, Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { shellWords } from "../words/shell.js";
import { tokenWords } from "../words/tokens.js";

const ROLES = ["monitor", "viewer", "administrator"] as const;
type TokenRole = (typeof ROLES)[number];

interface Token {
	readonly id: string;
	readonly name: string;
	readonly role: TokenRole;
	readonly until: number;
}

/** Longest life of a token, and the one that is proposed, days. */
const MAX_DAYS = 366;
const DAYS = 90;
const DAY_MS = 86_400_000;

/** Tokens of programs. */
export function Tokens(): JSX.Element {
	const t = tokenWords();
	const all = useLoaded("/api/tokens", () => get<{ tokens: readonly Token[] }>("/api/tokens"));
	const isMaking = useSignal(false);
	const made = useSignal<{ name: string; token: string } | undefined>(undefined);
	return (
		<>
			<Heading title={shellWords().pages.tokens}>
				<button type="button" class="primary" onClick={() => (isMaking.value = true)}>
					{t.make}
				</button>
			</Heading>
			<p>{t.text}</p>
			<Loaded of={all}>{({ tokens }) => <List rows={tokens} again={all.again} />}</Loaded>
			{isMaking.value && (
				<Make
					onClose={() => {
						isMaking.value = false;
					}}
					onDone={async (one) => {
						isMaking.value = false;
						made.value = one;
						await all.again();
					}}
				/>
			)}
			{made.value !== undefined && (
				<Handed
					title={t.shownTitle(made.value.name)}
					text={t.shownText}
					value={made.value.token}
					words={t}
					onClose={() => {
						made.value = undefined;
					}}
				/>
			)}
		</>
	);
}

function List({ rows, again }: { rows: readonly Token[]; again: () => Promise<void> }): JSX.Element {
	const t = tokenWords();
	if (rows.length === 0)
		return (
			<Empty>
				<p>{t.none}</p>
			</Empty>
		);
	const end = async ({ id, name }: Token): Promise<void> => {
		const question = { title: t.endTitle(name), text: t.endText, act: t.end, isGrave: true };
		if (!(await confirm(question))) return;
		await del(`/api/tokens/${id}`);
		say(t.isEnded);
		await again();
	};
	const columns: Column<Token>[] = [
		{ title: t.name, cell: ({ name }) => name },
		{ title: t.role, cell: ({ role }) => t.roles[role] },
		{ title: t.until, cell: ({ until }) => <Time at={until} /> },
		{ title: t.id, isWide: true, cell: ({ id }) => <code>{id}</code> },
		{
			title: t.acts,
			cell: (one) => <Act kind="plain" label={t.end} about={one.name} onAct={() => end(one)} />,
		},
	];
	return <Table caption={t.caption} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

function Make({
	onClose,
	onDone,
}: {
	onClose: () => void;
	onDone: (made: { name: string; token: string }) => Promise<void>;
}): JSX.Element {
	const t = tokenWords();
	const dayIn = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
	const name = useSignal("");
	const role = useSignal<TokenRole>("viewer");
	const until = useSignal(dayIn(DAYS));
	return (
		<Dialog title={t.make} onClose={onClose}>
			<Form
				act={t.make}
				onSubmit={async () => {
					const end = Date.parse(until.value) / 1000;
					const body = { name: name.value, role: role.value, until: end };
					await onDone(await post<{ name: string; token: string }>("/api/tokens", body));
				}}
				extra={
					<button type="button" onClick={onClose}>
						{t.cancel}
					</button>
				}
			>
				<Field
					label={t.name}
					required
					maxLength={100}
					value={name.value}
					onInput={(value) => {
						name.value = value;
					}}
				/>
				<Choice
					label={t.role}
					value={role.value}
					options={ROLES.map((one) => [one, t.roles[one]] as const)}
					onChange={(value) => {
						role.value = value;
					}}
				/>
				<Field
					label={t.until}
					type="date"
					required
					min={dayIn(1)}
					max={dayIn(MAX_DAYS - 1)}
					value={until.value}
					onInput={(value) => {
						until.value = value;
					}}
				/>
			</Form>
		</Dialog>
	);
}
