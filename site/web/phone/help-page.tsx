// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { Heading } from "../parts/heading.js";
import { phoneWords } from "../words/phone.js";
import { Copyable } from "./copy.js";
import { holding } from "./held.js";

/** What to do about a lost or new phone, and about keys that the browser has deleted. */
export function HelpPage(): JSX.Element {
	const t = phoneWords();
	const [first] = holding.value ?? [];
	return (
		<>
			<Heading title={t.help} />
			<h2>{t.helpLost}</h2>
			<p>{t.helpLostText}</p>
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
