// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { address, get } from "../api.js";
import { useFresh } from "../live.js";
import { Choice } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Empty } from "../parts/notice.js";
import { More, usePages } from "../parts/pages.js";
import { query, setQuery } from "../router.js";
import { INVITATION_STATES, type Invitation } from "../users.js";
import { invitationWords } from "../words/invitations.js";
import { shellWords } from "../words/shell.js";
import { InvitationTable } from "./user-invitations.js";

interface Found {
	readonly invitations: readonly Invitation[];
	readonly next: number | string | null;
}

const PAGE = 50;

/** All invitations by their state, the newest first. */
export function Invitations(): JSX.Element {
	const t = invitationWords();
	const state = query.value.get("state") ?? "";
	const asked = address("/api/invitations", { state, limit: PAGE });
	const found = useLoaded(asked, () => get<Found>(asked));
	useFresh(["invitation"], found.again);
	return (
		<>
			<Heading title={shellWords().pages.invitations} />
			<div class="toolbar">
				<Choice
					label={t.state}
					value={state}
					options={[["", t.all], ...INVITATION_STATES.map((one) => [one, t.states[one]] as const)]}
					onChange={(value) => setQuery("state", value)}
				/>
			</div>
			<Loaded of={found}>
				{(first) => <Results key={asked} first={first} asked={asked} again={found.again} />}
			</Loaded>
		</>
	);
}

function Results({
	again,
	asked,
	first,
}: {
	again: () => Promise<void>;
	asked: string;
	first: Found;
}): JSX.Element {
	const t = invitationWords();
	const pages = usePages(first, asked);
	const rows = [first, ...pages.rest].flatMap(({ invitations }) => invitations);
	const anew = async (): Promise<void> => {
		pages.forget();
		await again();
	};
	if (rows.length === 0)
		return (
			<Empty>
				<p>{t.none}</p>
				<p>{t.noneText}</p>
			</Empty>
		);
	return (
		<>
			<InvitationTable rows={rows} again={anew} named />
			<More pages={pages} text={t.more} />
		</>
	);
}
