// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { del, get, post, put } from "../api.js";
import { me } from "../me.js";
import { confirm, Dialog } from "../parts/dialog.js";
import { Act, Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { say } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { Time } from "../parts/time.js";
import { canPasskey, makePasskey } from "../passkey.js";
import { accountWords } from "../words/account.js";
import { signInReasons } from "../words/sign-in.js";
import { count } from "../words.js";
import { Codes } from "./codes.js";

interface Passkey {
	readonly id: string;
	readonly name: string;
	readonly made: number;
	readonly used: number | null;
}

interface Session {
	readonly id: string;
	readonly browser: string;
	readonly made: number;
	readonly seen: number;
	/** The one that asks. */
	readonly own: boolean;
}

interface Ways {
	readonly login: string;
	readonly password: boolean;
	readonly codes: number;
	readonly passkeys: readonly Passkey[];
	readonly sessions: readonly Session[];
}

type Again = () => Promise<void>;

/** How a person signs in, and where. */
export function Account(): JSX.Element {
	const t = accountWords();
	const ways = useLoaded("/api/me/sign-in", () => get<Ways>("/api/me/sign-in"));
	const codes = useSignal<readonly string[] | undefined>(undefined);
	return (
		<>
			<Heading title={t.title}>
				<SignOut />
			</Heading>
			<Loaded of={ways}>
				{(own) => (
					<>
						<p>
							{me.value?.name} · <span class="faint">{own.login}</span>
						</p>
						<Passkeys passkeys={own.passkeys} again={ways.again} />
						<Password has={own.password} again={ways.again} />
						<RecoveryCodes left={own.codes} codes={codes} />
						<Sessions sessions={own.sessions} again={ways.again} />
					</>
				)}
			</Loaded>
			{codes.value !== undefined && (
				<Dialog title={t.codesTitle} onClose={() => {}}>
					<Codes
						codes={codes.value}
						onDone={() => {
							codes.value = undefined;
							void ways.again();
						}}
					/>
				</Dialog>
			)}
		</>
	);
}

export function SignOut(): JSX.Element {
	return (
		<Act
			kind="plain"
			label={accountWords().signOut}
			onAct={async () => {
				await post("/api/sign-out");
				me.value = undefined;
			}}
		/>
	);
}

function Passkeys({ again, passkeys }: { again: Again; passkeys: readonly Passkey[] }): JSX.Element {
	const t = accountWords();
	const remove = async ({ id, name }: Passkey): Promise<void> => {
		const question = { title: t.removePasskeyTitle(name), text: t.removePasskeyText, act: t.remove };
		if (!(await confirm({ ...question, isGrave: true }))) return;
		await del(`/api/me/passkeys/${encodeURIComponent(id)}`);
		say(t.passkeyRemoved);
		await again();
	};
	const columns = [
		{ title: t.device, cell: ({ name }: Passkey) => name || t.unknown },
		{ title: t.made, isWide: true, cell: ({ made }: Passkey) => <Time at={made} /> },
		{ title: t.used, cell: ({ used }: Passkey) => (used === null ? t.never : <Time at={used} />) },
		{
			title: t.acts,
			cell: (one: Passkey) => (
				<Act
					kind="plain"
					label={t.remove}
					about={one.name}
					reasons={signInReasons()}
					onAct={() => remove(one)}
				/>
			),
		},
	];
	return (
		<section>
			<h2>{t.passkeys}</h2>
			{passkeys.length === 0 ? (
				<p>{t.noPasskeys}</p>
			) : (
				<Table caption={t.passkeys} columns={columns} rows={passkeys} keyOf={({ id }) => id} />
			)}
			{canPasskey && (
				<Act
					kind="plain"
					label={t.addPasskey}
					reasons={signInReasons()}
					onAct={async () => {
						const response = await makePasskey("/api/me/passkeys/options");
						await post("/api/me/passkeys", { response });
						say(t.passkeyAdded);
						await again();
					}}
				/>
			)}
		</section>
	);
}

function Password({ again, has }: { again: Again; has: boolean }): JSX.Element {
	const t = accountWords();
	const password = useSignal("");
	return (
		<section class="card">
			<h2>{t.password}</h2>
			<p>{has ? t.hasPassword : t.hasNoPassword}</p>
			<Form
				act={t.changePassword}
				reasons={signInReasons()}
				onSubmit={async () => {
					await put("/api/me/password", { password: password.value });
					password.value = "";
					say(t.passwordChanged);
					await again();
				}}
			>
				<Field
					label={t.newPassword}
					hint={t.passwordHint}
					type="password"
					autocomplete="new-password"
					required
					minLength={12}
					maxLength={200}
					value={password.value}
					onInput={(value) => {
						password.value = value;
					}}
				/>
			</Form>
		</section>
	);
}

function RecoveryCodes({
	codes,
	left,
}: {
	codes: Signal<readonly string[] | undefined>;
	left: number;
}): JSX.Element {
	const t = accountWords();
	return (
		<section class="card">
			<h2>{t.codes}</h2>
			<p>{count(left, t.codesLeft)}</p>
			<Act
				kind="plain"
				label={t.newCodes}
				onAct={async () => {
					codes.value = (await post<{ codes: readonly string[] }>("/api/me/codes")).codes;
				}}
			/>
		</section>
	);
}

function Sessions({ again, sessions }: { again: Again; sessions: readonly Session[] }): JSX.Element {
	const t = accountWords();
	const end = async (path: string): Promise<void> => {
		await del(path);
		say(t.ended);
		await again();
	};
	const columns = [
		{
			title: t.browser,
			cell: ({ browser, own }: Session) => `${browser || t.unknown}${own ? ` (${t.thisOne})` : ""}`,
		},
		{ title: t.since, isWide: true, cell: ({ made }: Session) => <Time at={made} /> },
		{ title: t.seen, cell: ({ seen }: Session) => <Time at={seen} /> },
		{
			title: t.acts,
			cell: ({ browser, id, own }: Session) =>
				own ? null : (
					<Act kind="plain" label={t.end} about={browser} onAct={() => end(`/api/me/sessions/${id}`)} />
				),
		},
	];
	return (
		<section>
			<h2>{t.sessions}</h2>
			<Table caption={t.sessions} columns={columns} rows={sessions} keyOf={({ id }) => id} />
			{sessions.length > 1 && <Act kind="plain" label={t.endAll} onAct={() => end("/api/me/sessions")} />}
		</section>
	);
}
