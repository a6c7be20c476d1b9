// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { Tag } from "../parts/tag.js";
import type { Invitation, InvitationState, Reach, UserState } from "../users.js";
import { invitationWords } from "../words/invitations.js";
import { userWords } from "../words/users.js";

const OF_USERS = {
	active: "good",
	paused: "warning",
	early: undefined,
	ended: "bad",
	"no-credential": "warning",
} as const;

export function UserTag({ state }: { state: UserState }): JSX.Element {
	return <Tag kind={OF_USERS[state]}>{userWords().states[state]}</Tag>;
}

const OF_INVITATIONS: Readonly<Partial<Record<InvitationState, "good" | "bad" | "warning">>> = {
	accepted: "good",
	active: "good",
	bounced: "bad",
	expired: "warning",
};

/** "Active on 2 of 3 doors", "Not delivered". */
export function InvitationTag({ invitation }: { invitation: Invitation }): JSX.Element {
	const { doors, state } = invitation;
	const word = invitationWords().states[state];
	return (
		<Tag kind={OF_INVITATIONS[state]}>
			{doors && state === "active" ? `${word} ${reachText(doors)}` : word}
		</Tag>
	);
}

export function reachText({ has, of }: Reach): string {
	return invitationWords().onDoors(has, of);
}
