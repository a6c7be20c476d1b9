// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { post } from "../api.js";
import { loadMe } from "../me.js";
import { Act, Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { canPasskey, passkeyPlace, signWithPasskey } from "../passkey.js";
import { signInReasons, signInWords } from "../words/sign-in.js";

export function SignIn(): JSX.Element {
	const t = signInWords();
	return (
		<>
			<Heading title={t.title} />
			<ByPasskey />
			<ByPassword />
			<ByCode />
			<p class="faint">{t.lost}</p>
		</>
	);
}

function ByPasskey(): JSX.Element {
	const t = signInWords();
	if (!canPasskey)
		return (
			<p>
				{t.noPasskey} {passkeyPlace !== undefined && <a href={passkeyPlace}>{t.passkeyPlace}</a>}
			</p>
		);
	const enter = async (): Promise<void> => {
		await signWithPasskey("/api/sign-in/passkey");
		await loadMe();
	};
	return (
		<section class="card">
			<p>{t.passkeyText}</p>
			<Act label={t.byPasskey} onAct={enter} reasons={signInReasons()} />
		</section>
	);
}

function ByPassword(): JSX.Element {
	const t = signInWords();
	const login = useSignal("");
	const password = useSignal("");
	return (
		<section class="card">
			<h2>{t.byPassword}</h2>
			<Form
				act={t.signIn}
				reasons={signInReasons()}
				onSubmit={async () => {
					await post("/api/sign-in", { login: login.value, password: password.value });
					await loadMe();
				}}
			>
				<LoginField value={login.value} onInput={(value) => (login.value = value)} />
				<Field
					label={t.password}
					type="password"
					autocomplete="current-password"
					required
					maxLength={200}
					value={password.value}
					onInput={(value) => (password.value = value)}
				/>
			</Form>
		</section>
	);
}

function ByCode(): JSX.Element {
	const t = signInWords();
	const login = useSignal("");
	const code = useSignal("");
	return (
		<details class="card">
			<summary>{t.byCode}</summary>
			<p>{t.codeText}</p>
			<Form
				act={t.signIn}
				reasons={signInReasons()}
				onSubmit={async () => {
					await post("/api/sign-in/code", { login: login.value, code: code.value });
					await loadMe();
				}}
			>
				<LoginField value={login.value} onInput={(value) => (login.value = value)} />
				<Field
					label={t.code}
					autocomplete="off"
					required
					maxLength={40}
					value={code.value}
					onInput={(value) => (code.value = value)}
				/>
			</Form>
		</details>
	);
}

function LoginField({ value, onInput }: { value: string; onInput: (value: string) => void }): JSX.Element {
	return (
		<Field
			label={signInWords().login}
			autocomplete="username"
			required
			maxLength={200}
			value={value}
			onInput={onInput}
		/>
	);
}
