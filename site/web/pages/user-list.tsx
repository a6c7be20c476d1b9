// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { get } from "../api.js";
import { may } from "../me.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { momentText } from "../parts/moment.js";
import { Empty } from "../parts/notice.js";
import { More, usePages } from "../parts/pages.js";
import { type Column, Table } from "../parts/table.js";
import { query } from "../router.js";
import { pathOf, type User } from "../users.js";
import { invitationWords } from "../words/invitations.js";
import { shellWords } from "../words/shell.js";
import { userWords } from "../words/users.js";
import { listed } from "../words.js";
import { InviteMany } from "./invite-many.js";
import { addressOfUsers, UserSearch } from "./user-search.js";
import { InvitationTag, UserTag } from "./user-tags.js";

interface Found {
	readonly users: readonly User[];
	readonly total: number;
	readonly next: string | null;
}

const PAGE = 50;

export function UserListPage(): JSX.Element {
	const t = userWords();
	const asked = addressOfUsers(query.value, PAGE);
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
			<UserSearch />
			<Loaded of={found}>
				{(first) => <Results key={asked} first={first} asked={asked} again={found.again} />}
			</Loaded>
		</>
	);
}

/** The first page, and those behind it that were asked for. */
function Results({
	again,
	asked,
	first,
}: {
	again: () => Promise<void>;
	asked: string;
	first: Found;
}): JSX.Element {
	const t = userWords();
	const isInviting = useSignal(false);
	const pages = usePages(first, asked);
	const rows = [first, ...pages.rest].flatMap(({ users }) => users);
	return (
		<>
			<div class="found">
				<p role="status">{t.found(first.total)}</p>
				{/* All users of a site at once would be a slip. */}
				{may("manager") && first.total > 0 && query.value.size > 0 && (
					<button
						type="button"
						onClick={() => {
							isInviting.value = true;
						}}
					>
						{invitationWords().many}
					</button>
				)}
			</div>
			{isInviting.value && (
				<InviteMany
					total={first.total}
					onClose={() => {
						isInviting.value = false;
						void again();
					}}
				/>
			)}
			{rows.length === 0 ? (
				<Empty>{query.value.size === 0 ? t.noneYet : t.none}</Empty>
			) : (
				<Table caption={t.caption} columns={columns()} rows={rows} keyOf={({ id }) => id} />
			)}
			<More pages={pages} text={t.more} />
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
