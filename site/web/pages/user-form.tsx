// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { get, post, put } from "../api.js";
import { Check, Choice, Field, Form, Several } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { MomentField } from "../parts/moment.js";
import { Banner, say, sayError } from "../parts/notice.js";
import { go } from "../router.js";
import { pathOf, planNames, type User, WAYS, type Way } from "../users.js";
import { invitationWords } from "../words/invitations.js";
import { refusalText } from "../words/refusals.js";
import { userWords } from "../words/users.js";
import { invite } from "./user-invitations.js";

/** What the API takes of a user. */
type Draft = Omit<User, "id" | "state" | "credentials" | "invitation">;

const OPTIONS = ["extended", "firstPerson", "override", "grace"] as const;

/** A new user: who, what it may open, and its invitation, in one step. */
export function AddUser(): JSX.Element {
	const t = userWords();
	const by = useSignal<Way | "">("");
	const save = async (draft: Draft): Promise<void> => {
		const user = await post<User>("/api/users", draft);
		go(pathOf(user));
		say(t.isAdded(user.name));
		if (by.value === "") return;
		try {
			await invite(user, by.value);
		} catch (error) {
			// The user is there; that the invitation is not is said beside it.
			sayError(refusalText(error, invitationWords().reasons));
		}
	};
	return (
		<>
			<Heading title={t.addTitle} />
			<UserForm
				act={by.value === "" ? t.add : t.saveAndInvite}
				back="/users"
				start={{ name: "", accessPlans: [] }}
				by={by.value}
				onBy={(way) => {
					by.value = way;
				}}
				onSave={save}
			/>
		</>
	);
}

export function EditUser({ id }: { id: string }): JSX.Element {
	const t = userWords();
	const path = `/api/users/${encodeURIComponent(id)}`;
	const user = useLoaded(path, () => get<User>(path));
	return (
		<Loaded of={user}>
			{(one) => (
				<>
					<Heading title={t.editTitle(one.name)} />
					<UserForm
						act={t.save}
						back={pathOf(one)}
						start={draftOf(one)}
						onSave={async (draft) => {
							await put<User>(path, draft);
							go(pathOf(one));
							say(t.isSaved);
						}}
					/>
				</>
			)}
		</Loaded>
	);
}

/** Credentials are left out: they stay. What the API tells beside the user's own is not sent back. */
function draftOf({ credentials: _, id: __, invitation: ___, state: ____, ...draft }: User): Draft {
	return draft;
}

interface Props {
	readonly act: string;
	/** Where giving up leads. */
	readonly back: string;
	readonly start: Draft;
	/** How a new user is invited; absent where it is none. */
	readonly by?: Way | "";
	readonly onBy?: (by: Way | "") => void;
	readonly onSave: (draft: Draft) => Promise<void>;
}

function UserForm({ act, back, by, onBy, onSave, start }: Props): JSX.Element {
	const t = userWords();
	const draft = useSignal<Draft>(start);
	const set = (change: Partial<Draft>): void => {
		draft.value = { ...draft.value, ...change };
	};
	const { email = "", from = "", name, phone = "", until = "" } = draft.value;
	return (
		<Form
			act={act}
			onSubmit={() => onSave(withoutEmpty(draft.value))}
			reasons={invitationWords().reasons}
			extra={
				<a class="button" href={back}>
					{t.cancel}
				</a>
			}
		>
			<Field label={t.name} value={name} required maxLength={200} onInput={(name) => set({ name })} />
			<Field
				label={t.email}
				type="email"
				value={email}
				required={by === "email"}
				maxLength={254}
				onInput={(email) => set({ email })}
			/>
			<Field
				label={t.phone}
				hint={t.phoneHint}
				type="tel"
				value={phone}
				required={by === "sms"}
				maxLength={40}
				onInput={(phone) => set({ phone })}
			/>
			<Plans chosen={draft.value.accessPlans} onChange={(accessPlans) => set({ accessPlans })} />
			<MomentField label={t.from} time={t.time} value={from} onInput={(from) => set({ from })} />
			<MomentField
				label={t.until}
				hint={t.untilHint}
				time={t.time}
				value={until}
				onInput={(until) => set({ until })}
			/>
			<details>
				<summary>{t.options}</summary>
				{OPTIONS.map((one) => (
					<Check
						key={one}
						label={t[one]}
						checked={draft.value[one] === true}
						onChange={(on) => set({ [one]: on })}
					/>
				))}
			</details>
			{onBy !== undefined && (
				<Choice
					label={t.inviteNow}
					value={by ?? ""}
					options={[["", t.none2], ...WAYS.map((way) => [way, invitationWords().inviteBy[way]] as const)]}
					onChange={onBy}
				/>
			)}
		</Form>
	);
}

function Plans({
	chosen,
	onChange,
}: {
	chosen: readonly string[];
	onChange: (chosen: readonly string[]) => void;
}): JSX.Element {
	const t = userWords();
	const names = useLoaded("plans", planNames);
	return (
		<Loaded of={names}>
			{(all) =>
				all.length === 0 ? (
					<Banner>
						<p>
							{t.noPlansYet} <a href="/plans">{t.plans}</a>
						</p>
					</Banner>
				) : (
					<Several
						label={t.plans}
						options={all.map((name) => [name, name] as const)}
						chosen={chosen}
						onChange={onChange}
					/>
				)
			}
		</Loaded>
	);
}

/** A field that was emptied is none. */
function withoutEmpty(draft: Draft): Draft {
	const fields = Object.entries(draft).filter(([, value]) => value !== "" && value !== false);
	return Object.fromEntries(fields) as unknown as Draft;
}
