// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { post } from "../api.js";
import { settingsWords } from "../words/settings.js";
import { Field, Form } from "./form.js";

interface Tested {
	readonly sent: boolean;
	/** The other server's own. */
	readonly words: string;
}

/** Sends one message to an address, and shows what the other server has said. */
export function TestForm({
	path,
	label,
	type,
	act,
}: {
	/** As `/api/settings/mail/test`. */
	path: string;
	label: string;
	type: "email" | "tel";
	act: string;
}): JSX.Element {
	const t = settingsWords();
	const to = useSignal("");
	const answer = useSignal<Tested | undefined>(undefined);
	const test = async (): Promise<void> => {
		answer.value = undefined;
		answer.value = await post<Tested>(path, { to: to.value.trim() });
	};
	return (
		<>
			<Form act={act} onSubmit={test} reasons={t.reasons}>
				<Field
					label={label}
					type={type}
					required
					maxLength={type === "email" ? 254 : 40}
					value={to.value}
					onInput={(value) => {
						to.value = value;
					}}
				/>
			</Form>
			<div role="status">
				{answer.value !== undefined && (
					<p class={`notice ${answer.value.sent ? "good" : "bad"}`}>
						{answer.value.sent ? t.testSent : t.testFailed} <q>{answer.value.words}</q>
					</p>
				)}
			</div>
		</>
	);
}
