// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { post } from "../api.js";
import { loadMe } from "../me.js";
import { Act, Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Banner } from "../parts/notice.js";
import { canPasskey, makePasskey, passkeyPlace } from "../passkey.js";
import { go } from "../router.js";
import { accountWords } from "../words/account.js";
import { signInReasons, signInWords } from "../words/sign-in.js";
import { Codes } from "./codes.js";

/** For whom a link is. */
interface Invited {
	readonly kind: "owner" | "join" | "again";
	readonly name: string;
	readonly login: string;
}

/** Signing up by a link of one use. Its secret stands behind #, which no browser sends: no log has it. */
export function Join({ secret }: { secret: string }): JSX.Element {
	const invited = useLoaded(secret, () => post<Invited>("/api/start/look", { secret }));
	const codes = useSignal<readonly string[] | undefined>(undefined);
	const to = useSignal("/");
	const t = accountWords();
	if (codes.value !== undefined)
		return (
			<>
				<Heading title={t.codesTitle} />
				<Codes
					codes={codes.value}
					onDone={async () => {
						go(to.value, { replace: true });
						await loadMe();
					}}
				/>
			</>
		);
	const joined = async ({ kind }: Invited): Promise<void> => {
		// A first owner goes on with the first run.
		to.value = kind === "owner" ? "/start" : "/";
		codes.value = (await post<{ codes: readonly string[] }>("/api/me/codes")).codes;
	};
	return (
		<Loaded of={invited} reasons={signInReasons()}>
			{(one) => <SignUp invited={one} secret={secret} onDone={() => joined(one)} />}
		</Loaded>
	);
}

function SignUp({
	invited,
	secret,
	onDone,
}: {
	invited: Invited;
	secret: string;
	onDone: () => Promise<void>;
}): JSX.Element {
	const t = accountWords();
	const name = useSignal(invited.name);
	const login = useSignal(invited.login);
	const password = useSignal("");
	const who = (): object => ({ secret, name: name.value.trim(), login: login.value.trim() });
	const byPasskey = async (): Promise<void> => {
		const passkey = await makePasskey("/api/start/passkey/options", who());
		await post("/api/start", { ...who(), passkey });
		await onDone();
	};
	const byPassword = async (): Promise<void> => {
		await post("/api/start", { ...who(), password: password.value });
		await onDone();
	};
	return (
		<>
			<Heading title={t[`${invited.kind}Title`]} />
			<p>{t[`${invited.kind}Text`]}</p>
			<Form act={t.withPassword} reasons={signInReasons()} onSubmit={byPassword}>
				<Field
					label={t.name}
					autocomplete="name"
					required
					maxLength={100}
					value={name.value}
					onInput={(value) => (name.value = value)}
				/>
				<Field
					label={t.login}
					hint={t.loginHint}
					autocomplete="username"
					required
					maxLength={200}
					pattern="\S+"
					value={login.value}
					onInput={(value) => (login.value = value)}
				/>
				{canPasskey ? (
					<section class="card">
						<p>{t.passkeyText}</p>
						<Act label={t.withPasskey} reasons={signInReasons()} onAct={byPasskey} />
					</section>
				) : (
					<Banner>
						<p>
							{signInWords().noPasskey}{" "}
							{passkeyPlace !== undefined && <a href={passkeyPlace}>{signInWords().passkeyPlace}</a>}
						</p>
					</Banner>
				)}
				<h2>{t.orPassword}</h2>
				<Field
					label={t.newPassword}
					hint={t.passwordHint}
					type="password"
					autocomplete="new-password"
					required
					minLength={12}
					maxLength={200}
					value={password.value}
					onInput={(value) => (password.value = value)}
				/>
			</Form>
		</>
	);
}
