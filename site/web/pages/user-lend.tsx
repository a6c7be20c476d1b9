// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { get, put } from "../api.js";
import { may } from "../me.js";
import { Check, Field, Form } from "../parts/form.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { say } from "../parts/notice.js";
import type { User } from "../users.js";
import { visitorWords } from "../words/visitors.js";

interface Lend {
	/** Ids; absent: all of the user's own. */
	readonly doors?: readonly string[];
	readonly days: number;
	readonly count?: number;
}

/** What a user may lend to visitors. */
export function UserLend({ user: { id } }: { user: User }): JSX.Element | null {
	const t = visitorWords();
	const path = `/api/users/${encodeURIComponent(id)}/lend`;
	const lend = useLoaded(path, async () => ({ now: await get<Lend | null>(path) }));
	if (!may("manager")) return null;
	return (
		<details>
			<summary>{t.lendTitle}</summary>
			<Loaded of={lend}>
				{({ now }) => <LendForm key={JSON.stringify(now)} path={path} now={now} again={lend.again} />}
			</Loaded>
		</details>
	);
}

function LendForm({
	path,
	now,
	again,
}: {
	path: string;
	now: Lend | null;
	again: () => Promise<void>;
}): JSX.Element {
	const t = visitorWords();
	const mayLend = useSignal(now !== null);
	const days = useSignal(String(now?.days ?? 1));
	const count = useSignal(String(now?.count ?? ""));
	const save = async (): Promise<void> => {
		const limits = { days: Number(days.value), ...(count.value !== "" && { count: Number(count.value) }) };
		// Doors that were said elsewhere stay.
		await put(path, mayLend.value ? { ...(now?.doors && { doors: now.doors }), ...limits } : null);
		say(t.isSaved);
		await again();
	};
	return (
		<Form act={t.save} onSubmit={save}>
			<Check
				label={t.mayLend}
				hint={t.mayLendHint}
				checked={mayLend.value}
				onChange={(value) => {
					mayLend.value = value;
				}}
			/>
			{mayLend.value && (
				<>
					<Field
						label={t.lendDays}
						type="number"
						min={1}
						max={366}
						required
						value={days.value}
						onInput={(value) => {
							days.value = value;
						}}
					/>
					<Field
						label={t.lendCount}
						hint={t.lendCountHint}
						type="number"
						min={1}
						max={1000}
						value={count.value}
						onInput={(value) => {
							count.value = value;
						}}
					/>
				</>
			)}
		</Form>
	);
}
