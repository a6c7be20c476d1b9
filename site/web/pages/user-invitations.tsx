// SPDX-License-Identifier: Apache-2.0

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { del, post } from "../api.js";
import { may } from "../me.js";
import { confirm, Dialog } from "../parts/dialog.js";
import { say, sayError } from "../parts/notice.js";
import { Picture } from "../parts/picture.js";
import { type Column, Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { type Invitation, isOpen, type User, type Way } from "../users.js";
import { invitationWords } from "../words/invitations.js";
import { refusalText } from "../words/refusals.js";
import { listed } from "../words.js";
import { InvitationTag } from "./user-tags.js";

/** A link is shown once, in a dialog over whatever page it was made on. */
const handed = signal<{ readonly name: string; readonly link: string } | undefined>(undefined);

/** Throws `Refused`. `replaces`: a credential that goes when the new phone accepts. */
export async function invite(user: Pick<User, "id" | "name">, by: Way, replaces?: string): Promise<void> {
	const body = { by, ...(replaces !== undefined && { replaces }) };
	const { link } = await post<Invitation>(`/api/users/${encodeURIComponent(user.id)}/invitations`, body);
	told(user.name, link, invitationWords().isSent(user.name));
}

/** Shows a link to hand over, or says that it is done. */
export function told(name: string, link: string | null | undefined, text: string): void {
	if (link) handed.value = { name, link };
	else say(text);
}

export async function resend({ id, name }: Invitation): Promise<void> {
	const t = invitationWords();
	const whose = name ?? t.gone;
	const { link } = await post<Invitation>(`/api/invitations/${id}/resend`);
	told(whose, link, t.isResent(whose));
}

/** Whether it was done. */
export async function withdraw({ id, name }: Invitation): Promise<boolean> {
	const t = invitationWords();
	const question = {
		title: t.withdrawTitle(name ?? t.gone),
		text: t.withdrawText,
		act: t.withdraw,
		isGrave: true,
	};
	if (!(await confirm(question))) return false;
	await del(`/api/invitations/${id}`);
	say(t.isWithdrawn);
	return true;
}

/** Does what a button says, says why not, and shows anew what may be another. */
export async function done(work: () => Promise<unknown>, again: () => Promise<void>): Promise<void> {
	try {
		await work();
	} catch (error) {
		sayError(refusalText(error, invitationWords().reasons));
	}
	await again();
}

/** What there is to hand over; closing it takes it out of sight for good. */
export function HandedLink(): JSX.Element | null {
	const t = invitationWords();
	if (handed.value === undefined) return null;
	const { link, name } = handed.value;
	const close = (): void => {
		handed.value = undefined;
	};
	const copy = async (): Promise<void> => {
		await navigator.clipboard.writeText(link);
		say(t.copied);
	};
	return (
		<Dialog title={t.linkTitle(name)} onClose={close}>
			<p>{t.linkText}</p>
			<Picture text={link} kind="link" label={t.code} />
			<div class="field">
				<label for="link">{t.link}</label>
				<input id="link" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
			</div>
			<div class="actions">
				<button type="button" onClick={copy}>
					{t.copy}
				</button>
				<button type="button" class="primary" onClick={close}>
					{t.done}
				</button>
			</div>
		</Dialog>
	);
}

/** Invitations with what may be done with each. */
export function InvitationTable({
	rows,
	again,
	named = false,
}: {
	rows: readonly Invitation[];
	again: () => Promise<void>;
	/** Whether each says whose it is. */
	named?: boolean;
}): JSX.Element {
	const t = invitationWords();
	const all: Column<Invitation>[] = [
		{ title: t.state, cell: (invitation) => <StateCell invitation={invitation} /> },
		{ title: t.way, isWide: true, cell: ({ by }) => t.by[by] },
		{ title: t.made, isWide: true, cell: ({ made }) => <Time at={made} /> },
		{ title: t.until, isWide: true, cell: (one) => (isOpen(one) ? <Time at={one.until} /> : "") },
		{ title: t.acts, cell: (invitation) => <Acts invitation={invitation} again={again} /> },
	];
	const who: Column<Invitation> = {
		title: t.user,
		cell: ({ name, user }) =>
			name === null ? t.gone : <a href={`/users/${encodeURIComponent(user)}`}>{name}</a>,
	};
	return (
		<Table caption={t.caption} columns={named ? [who, ...all] : all} rows={rows} keyOf={({ id }) => id} />
	);
}

function StateCell({ invitation }: { invitation: Invitation }): JSX.Element {
	const { doors, reason } = invitation;
	return (
		<>
			<InvitationTag invitation={invitation} />
			{reason !== null && <div class="hint">{reason}</div>}
			{doors && doors.waiting.length > 0 && (
				<div class="hint">{invitationWords().notYetOn(listed(doors.waiting))}</div>
			)}
		</>
	);
}

function Acts({
	invitation,
	again,
}: {
	invitation: Invitation;
	again: () => Promise<void>;
}): JSX.Element | null {
	const t = invitationWords();
	const { name, state } = invitation;
	if (!may("manager") || name === null || (!isOpen(invitation) && state !== "expired")) return null;
	return (
		<div class="acts">
			<button
				type="button"
				aria-label={`${t.resend}: ${name}`}
				onClick={() => done(() => resend(invitation), again)}
			>
				{t.resend}
			</button>
			{state !== "expired" && (
				<button
					type="button"
					aria-label={`${t.withdraw}: ${name}`}
					onClick={() => done(() => withdraw(invitation), again)}
				>
					{t.withdraw}
				</button>
			)}
		</div>
	);
}
