// SPDX-License-Identifier: Apache-2.0

import type { ComponentChildren, JSX } from "preact";
import { address, del, get, post } from "../api.js";
import { useFresh } from "../live.js";
import { may } from "../me.js";
import { confirm } from "../parts/dialog.js";
import { Heading } from "../parts/heading.js";
import { Loaded, type Loading, useLoaded } from "../parts/loaded.js";
import { momentText } from "../parts/moment.js";
import { say } from "../parts/notice.js";
import { type Column, Table } from "../parts/table.js";
import { Tag } from "../parts/tag.js";
import { go } from "../router.js";
import { type Credential, type Invitation, pathOf, type User, WAYS, type Way } from "../users.js";
import { invitationWords } from "../words/invitations.js";
import { userWords } from "../words/users.js";
import { listed } from "../words.js";
import { done, InvitationTable, invite } from "./user-invitations.js";
import { UserLend } from "./user-lend.js";
import { UserPrivacy } from "./user-privacy.js";
import { reachText, UserTag } from "./user-tags.js";

/** One user: who it is, with what it opens, what became of its invitations. */
export function UserPage({ id }: { id: string }): JSX.Element {
	const path = `/api/users/${encodeURIComponent(id)}`;
	const user = useLoaded(path, () => get<User>(path));
	const of = address("/api/invitations", { user: id });
	const invitations = useLoaded(of, () => get<{ invitations: Invitation[] }>(of));
	const again = async (): Promise<void> => {
		await Promise.all([user.again(), invitations.again()]);
	};
	// Doors take what has changed, and invitations go their way, while this is looked at.
	useFresh(["hello", "plan", "session", "invitation"], again);
	return (
		<Loaded of={user}>
			{(one) => (
				<>
					<Heading title={one.name}>
						<UserActs user={one} again={again} />
					</Heading>
					<Facts user={one} />
					<Credentials user={one} again={again} />
					<Invitations user={one} invitations={invitations} again={again} />
					<UserLend user={one} />
					<UserPrivacy user={one} />
					<p>
						<a href="/users">{userWords().backTo}</a>
						{" · "}
						<a href={address("/events", { user: id })}>{userWords().events}</a>
					</p>
				</>
			)}
		</Loaded>
	);
}

interface Shown {
	readonly user: User;
	readonly again: () => Promise<void>;
}

function UserActs({ again, user }: Shown): JSX.Element | null {
	const t = userWords();
	const { id, name, suspended } = user;
	if (!may("manager")) return null;
	const path = `/api/users/${encodeURIComponent(id)}`;
	const pause = async (): Promise<void> => {
		if (!(await confirm({ title: t.pauseTitle(name), text: t.pauseText, act: t.pause }))) return;
		await post(`${path}/pause`);
		say(t.isPaused(name));
	};
	const resume = async (): Promise<void> => {
		await post(`${path}/resume`);
		say(t.isResumed(name));
	};
	const remove = async (): Promise<void> => {
		const question = { title: t.removeTitle(name), text: t.removeText, act: t.remove, isGrave: true };
		if (!(await confirm(question))) return;
		await del(path);
		go("/users");
		say(t.isRemoved(name));
	};
	return (
		<>
			<a class="button" href={`${pathOf(user)}/edit`}>
				{t.edit}
			</a>
			<button type="button" onClick={() => done(suspended ? resume : pause, again)}>
				{suspended ? t.resume : t.pause}
			</button>
			<button type="button" class="grave" onClick={() => done(remove, async () => {})}>
				{t.remove}
			</button>
		</>
	);
}

function Facts({ user }: { user: User }): JSX.Element {
	const t = userWords();
	const { accessPlans, email, from, phone, state, until } = user;
	const options = (["extended", "firstPerson", "override", "grace"] as const).filter((one) => user[one]);
	const facts: readonly (readonly [string, ComponentChildren])[] = [
		[t.state, <UserTag key="state" state={state} />],
		...(email === undefined ? [] : [[t.email, email] as const]),
		...(phone === undefined ? [] : [[t.phone, phone] as const]),
		[t.plans, accessPlans.length === 0 ? t.noPlans : listed(accessPlans)],
		...(from === undefined ? [] : [[t.from, momentText(from)] as const]),
		[t.until, until === undefined ? t.always : momentText(until)],
		...(options.length === 0 ? [] : [[t.options, listed(options.map((one) => t[one]))] as const]),
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

function Credentials({ again, user }: Shown): JSX.Element {
	const t = userWords();
	const revoke = async ({ id }: Credential): Promise<void> => {
		if (!(await confirm({ title: t.revokeTitle, text: t.revokeText, act: t.revoke, isGrave: true }))) return;
		await del(`/api/users/${encodeURIComponent(user.id)}/credentials/${id}`);
		say(t.isRevoked);
	};
	const replace = async ({ id }: Credential): Promise<void> => {
		const by = waysTo(user)[0]!;
		const act = invitationWords().inviteBy[by];
		if (await confirm({ title: t.replaceTitle, text: t.replaceText, act })) await invite(user, by, id);
	};
	const columns: Column<Credential>[] = [
		{ title: t.credential, cell: ({ id }) => <code>{id}</code> },
		{
			title: t.state,
			cell: (one) => <CredentialState credential={one} isPaused={user.suspended === true} />,
		},
		{
			title: t.acts,
			cell: (one) =>
				may("manager") &&
				!one.revoked && (
					<div class="acts">
						<button type="button" onClick={() => done(() => replace(one), again)}>
							{t.replace}
						</button>
						<button type="button" class="grave" onClick={() => done(() => revoke(one), again)}>
							{t.revoke}
						</button>
					</div>
				),
		},
	];
	return (
		<section aria-labelledby="credentials">
			<h2 id="credentials">{t.credentials}</h2>
			{user.credentials.length === 0 ? (
				<p class="faint">{t.noCredentials}</p>
			) : (
				<Table caption={t.credentials} columns={columns} rows={user.credentials} keyOf={({ id }) => id} />
			)}
		</section>
	);
}

/** What it is, and at how many doors it is so: a revoked one, too, is only revoked where the door knows. */
function CredentialState({
	credential,
	isPaused,
}: {
	credential: Credential;
	isPaused: boolean;
}): JSX.Element {
	const t = userWords();
	const { doors, revoked } = credential;
	const word = revoked ? t.revoked : isPaused ? t.paused : t.valid;
	const isEverywhere = doors === undefined || doors.waiting.length === 0;
	return (
		<>
			<Tag kind={revoked ? "bad" : isPaused || !isEverywhere ? "warning" : "good"}>
				{doors === undefined ? word : `${word} ${reachText(doors)}`}
			</Tag>
			{doors !== undefined && doors.waiting.length > 0 && (
				<div class="hint">{invitationWords().notYetOn(listed(doors.waiting))}</div>
			)}
		</>
	);
}

/** How this user can be invited. */
function waysTo({ email, phone }: User): Way[] {
	return WAYS.filter((way) => way === "link" || (way === "email" ? email : phone) !== undefined);
}

function Invitations({
	again,
	invitations,
	user,
}: Shown & { invitations: Loading<{ invitations: Invitation[] }> }): JSX.Element {
	const t = userWords();
	const words = invitationWords();
	return (
		<section aria-labelledby="invitations">
			<h2 id="invitations">{t.invitations}</h2>
			{may("manager") && (
				<div class="actions">
					{waysTo(user).map((way) => (
						<button key={way} type="button" onClick={() => done(() => invite(user, way), again)}>
							{words.inviteBy[way]}
						</button>
					))}
				</div>
			)}
			<Loaded of={invitations}>
				{({ invitations: rows }) =>
					rows.length === 0 ? (
						<p class="faint">{t.noInvitations}</p>
					) : (
						<InvitationTable rows={rows} again={again} />
					)
				}
			</Loaded>
		</section>
	);
}
