// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { get, post } from "../api.js";
import { Dialog } from "../parts/dialog.js";
import { Choice, Form } from "../parts/form.js";
import { Banner } from "../parts/notice.js";
import { query } from "../router.js";
import type { User } from "../users.js";
import { invitationWords } from "../words/invitations.js";
import { shellWords } from "../words/shell.js";
import { addressOfUsers } from "./user-search.js";

/** What the server says of many invitations. */
interface Made {
	readonly made: number;
	readonly refused: readonly { readonly user: string; readonly reason: string; readonly detail: string }[];
}

/** As many as the server reads, and invites, at once. */
const AT_ONCE = 1000;
/** Users that are named of those who were not invited. */
const NAMED = 20;

type Named = Pick<User, "id" | "name">;

/** All that the search finds, also those that are not shown. */
async function found(): Promise<Named[]> {
	const address = addressOfUsers(query.value, AT_ONCE);
	const users: Named[] = [];
	for (let cursor = ""; ; ) {
		const page = await get<{ users: readonly Named[]; next: string | null }>(`${address}${cursor}`);
		users.push(...page.users);
		if (page.next === null) return users;
		cursor = `&cursor=${page.next}`;
	}
}

/** Invites all users that were searched for. `onClose`: once nothing more is to be seen. */
export function InviteMany({ total, onClose }: { total: number; onClose: () => void }): JSX.Element {
	const t = invitationWords();
	const by = useSignal<"email" | "sms">("email");
	const done = useSignal<{ made: number; refused: readonly (Named & { reason: string })[] } | undefined>(
		undefined,
	);
	const send = async (): Promise<void> => {
		const users = await found();
		const names = new Map(users.map(({ id, name }) => [id, name]));
		let made = 0;
		const refused: (Named & { reason: string })[] = [];
		for (let at = 0; at < users.length; at += AT_ONCE) {
			const some = users.slice(at, at + AT_ONCE).map(({ id }) => id);
			const answer = await post<Made>("/api/invitations", { users: some, by: by.value });
			made += answer.made;
			for (const { detail, reason, user } of answer.refused)
				refused.push({ id: user, name: names.get(user) ?? user, reason: t.reasons[reason] ?? detail });
		}
		done.value = { made, refused };
	};
	if (done.value !== undefined)
		return (
			<Dialog title={t.manyDone(done.value.made)} onClose={onClose}>
				{done.value.refused.length > 0 && <NotInvited users={done.value.refused} />}
				<div class="actions">
					<button type="button" class="primary" onClick={onClose}>
						{t.done}
					</button>
				</div>
			</Dialog>
		);
	return (
		<Dialog title={t.manyTitle(total)} onClose={onClose}>
			<p>{t.manyText}</p>
			<Form
				act={t.invite}
				onSubmit={send}
				reasons={t.reasons}
				extra={
					<button type="button" onClick={onClose}>
						{shellWords().cancel}
					</button>
				}
			>
				<Choice
					label={t.way}
					value={by.value}
					options={[
						["email", t.by.email],
						["sms", t.by.sms],
					]}
					onChange={(way) => {
						by.value = way;
					}}
				/>
			</Form>
		</Dialog>
	);
}

function NotInvited({ users }: { users: readonly (Named & { reason: string })[] }): JSX.Element {
	const t = invitationWords();
	return (
		<Banner>
			<p>{t.manyRefused(users.length)}</p>
			<ul>
				{users.slice(0, NAMED).map(({ id, name, reason }) => (
					<li key={id}>
						<a href={`/users/${encodeURIComponent(id)}`}>{name}</a>: {reason}
					</li>
				))}
				{users.length > NAMED && <li>{t.andMore(users.length - NAMED)}</li>}
			</ul>
		</Banner>
	);
}
