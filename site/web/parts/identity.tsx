// SPDX-License-Identifier: Apache-2.0

import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { asked, post } from "../api.js";
import { canPasskey, signWithPasskey } from "../passkey.js";
import { shellWords } from "../words/shell.js";
import { signInReasons, signInWords } from "../words/sign-in.js";
import { Dialog } from "./dialog.js";
import { Act, Field, Form } from "./form.js";

const asking = signal<((isConfirmed: boolean) => void) | undefined>(undefined);

/** Requests that are refused at once ask once. */
let answer: Promise<boolean> | undefined;

asked.confirm = () => {
	answer ??= new Promise<boolean>((resolve) => {
		asking.value = resolve;
	}).finally(() => {
		answer = undefined;
		asking.value = undefined;
	});
	return answer;
};

/** Asks the person who is signed in to show again who that is. */
export function Identity(): JSX.Element | null {
	const t = signInWords();
	const password = useSignal("");
	if (asking.value === undefined) return null;
	const answer = asking.value;
	const done = (): void => {
		password.value = "";
		answer(true);
	};
	return (
		<Dialog title={t.confirmTitle} onClose={() => answer(false)}>
			<p>{t.confirmText}</p>
			{canPasskey && (
				<Act
					label={t.confirmPasskey}
					reasons={signInReasons()}
					onAct={async () => {
						await signWithPasskey("/api/confirm/passkey");
						done();
					}}
				/>
			)}
			<Form
				act={t.confirm}
				reasons={signInReasons()}
				onSubmit={async () => {
					await post("/api/confirm", { password: password.value });
					done();
				}}
				extra={
					<button type="button" onClick={() => answer(false)}>
						{shellWords().cancel}
					</button>
				}
			>
				<Field
					label={t.password}
					type="password"
					autocomplete="current-password"
					required
					maxLength={200}
					value={password.value}
					onInput={(value) => {
						password.value = value;
					}}
				/>
			</Form>
		</Dialog>
	);
}
