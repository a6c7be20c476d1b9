// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { address, get } from "../api.js";
import { may } from "../me.js";
import { Choice } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { momentText } from "../parts/moment.js";
import { Empty, sayError } from "../parts/notice.js";
import { type Column, Table } from "../parts/table.js";
import { query, setQuery } from "../router.js";
import { pathOf, planNames, USER_STATES, type User } from "../users.js";
import { invitationWords } from "../words/invitations.js";
import { refusalText } from "../words/refusals.js";
import { shellWords } from "../words/shell.js";
import { userWords } from "../words/users.js";
import { listed } from "../words.js";
import { InvitationTag, UserTag } from "./user-tags.js";

interface Found {
	readonly users: readonly User[];
	readonly total: number;
	readonly next: string | null;
}

const PAGE = 50;

export function UserListPage(): JSX.Element {
	const t = userWords();
	const [search, state, plan] = ["search", "state", "plan"].map((name) => query.value.get(name) ?? "");
	const asked = address("/api/users", { search, state, plan, limit: PAGE });
	const found = useLoaded(asked, () => get<Found>(asked));
	return (
		<>
			<Heading title={shellWords().pages.users}>
				{may("manager") && (
					<a class="button primary" href="/users/new">
						{t.add}
					</a>
				)}
				{may("administrator") && (
					<a class="button" href="/users/files">
						{t.files}
					</a>
				)}
			</Heading>
			<Search />
			<Loaded of={found}>{(first) => <Results key={asked} first={first} asked={asked} />}</Loaded>
		</>
	);
}

/** What is searched for is in the address, so that the way back leads to it. */
function Search(): JSX.Element {
	const t = userWords();
	const plans = useLoaded("plans", planNames);
	const states: [string, string][] = USER_STATES.map((one) => [one, t.states[one]]);
	const names = (plans.value.value ?? []).map((name): [string, string] => [name, name]);
	return (
		<search class="toolbar">
			<SearchField />
			<Choice
				label={t.state}
				value={query.value.get("state") ?? ""}
				options={[["", t.allStates], ...states]}
				onChange={(value) => setQuery("state", value)}
			/>
			<Choice
				label={t.plan}
				value={query.value.get("plan") ?? ""}
				options={[["", t.allPlans], ...names]}
				onChange={(value) => setQuery("plan", value)}
			/>
		</search>
	);
}

/** A search waits until the writing pauses for this long, ms. */
const PAUSE_MS = 200;

function SearchField(): JSX.Element {
	const t = userWords();
	const timer = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	return (
		<div class="field grow">
			<label for="search">{t.search}</label>
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

/** The first page, and those behind it that were asked for. */
function Results({ first, asked }: { first: Found; asked: string }): JSX.Element {
	const t = userWords();
	const more = useSignal<readonly Found[]>([]);
	const pages = [first, ...more.value];
	const next = pages.at(-1)!.next;
	const load = async (): Promise<void> => {
		try {
			more.value = [...more.value, await get<Found>(`${asked}&cursor=${next}`)];
		} catch (error) {
			sayError(refusalText(error));
		}
	};
	const rows = pages.flatMap(({ users }) => users);
	return (
		<>
			<p role="status">{t.found(first.total)}</p>
			{rows.length === 0 ? (
				<Empty>{query.value.size === 0 ? t.noneYet : t.none}</Empty>
			) : (
				<Table caption={t.caption} columns={columns()} rows={rows} keyOf={({ id }) => id} />
			)}
			{next !== null && (
				<button type="button" onClick={load}>
					{t.more}
				</button>
			)}
		</>
	);
}

function columns(): Column<User>[] {
	const t = userWords();
	return [
		{ title: t.name, cell: (user) => <a href={pathOf(user)}>{user.name}</a> },
		{ title: t.email, isWide: true, cell: ({ email, phone }) => email ?? phone ?? "" },
		{ title: t.plans, isWide: true, cell: ({ accessPlans }) => listed(accessPlans) },
		{
			title: t.state,
			cell: ({ from, state, until }) => (
				<>
					<UserTag state={state} />
					{until !== undefined && <div class="hint">{`${t.until} ${momentText(until)}`}</div>}
					{state === "early" && from !== undefined && (
						<div class="hint">{`${t.from} ${momentText(from)}`}</div>
					)}
				</>
			),
		},
		{
			title: t.invitation,
			cell: ({ invitation }) =>
				invitation ? (
					<InvitationTag invitation={invitation} />
				) : (
					<span class="unseen">{invitationWords().none}</span>
				),
		},
	];
}
