// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { phoneWords } from "../words/phone.js";
import { Copyable } from "./copy.js";
import { holding } from "./held.js";
import { ask } from "./site-api.js";

/** What to do about a lost or new phone, and about keys that the browser has deleted. */
export function HelpPage(): JSX.Element {
	const t = phoneWords();
	const [first] = holding.value ?? [];
	return (
		<>
			<Heading title={t.help} />
			<h2>{t.helpLost}</h2>
			<p>{t.helpLostText}</p>
			<LostForm />
			<h2>{t.helpNew}</h2>
			<p>{t.helpNewText}</p>
			<h2>{t.helpGone}</h2>
			<p>{t.helpGoneText}</p>
			<h2>{t.helpAsk}</h2>
			<p>{t.helpAskText}</p>
			<Copyable text={t.letter(first?.told.siteName ?? t.yourSite)} act={t.copy} label={t.helpAsk} />
		</>
	);
}

/** The site mails a link for a new phone to an address that it knows. What is said does not depend on whether it does. */
function LostForm(): JSX.Element {
	const t = phoneWords();
	const email = useSignal("");
	const isSent = useSignal(false);
	const submit = async (): Promise<void> => {
		await ask(location.origin, "POST", "/api/phone/lost", JSON.stringify({ email: email.value.trim() }));
		isSent.value = true;
	};
	if (isSent.value)
		return (
			<p class="notice good" role="status">
				{t.lostSent}
			</p>
		);
	return (
		<Form act={t.lostAct} onSubmit={submit} reasons={t.refusals}>
			<Field
				label={t.lostEmail}
				hint={t.lostHint}
				type="email"
				required
				maxLength={254}
				autocomplete="email"
				value={email.value}
				onInput={(value) => {
					email.value = value;
				}}
			/>
		</Form>
	);
}
