// SPDX-License-Identifier: Apache-2.0

import type { Store } from "../store/store.js";
import type { MailSettings } from "./mail.js";
import type { SmsSettings } from "./sms.js";
import {
	DEFAULT_TEXTS,
	LANGUAGES,
	type Language,
	type MessageText,
	OCCASIONS,
	type Occasion,
	type Texts,
} from "./texts.js";

/** Messages that a site sends in an hour unless its administrators say otherwise: what usual mail servers take. */
const PER_HOUR = 1000;

/** Texts that administrators have written, by language and occasion. */
export type OwnTexts = { readonly [L in Language]?: { readonly [O in Occasion]?: MessageText } };

export interface MessageSettings {
	readonly mail: MailSettings | undefined;
	readonly sms: SmsSettings | undefined;
	readonly texts: Texts;
	/** Of messages. */
	readonly language: Language;
	readonly limits: { readonly perHour: number };
	readonly siteName: string | undefined;
}

export async function messageSettings({ facts }: Store): Promise<MessageSettings> {
	return {
		mail: await facts.get("mail"),
		sms: await facts.get("sms"),
		texts: textsOf((await facts.get("texts")) ?? {}),
		language: (await facts.get("language")) ?? "en",
		limits: { perHour: (await facts.get("messagesPerHour")) ?? PER_HOUR },
		siteName: await facts.get("siteName"),
	};
}

/** What a site says: its own texts, where there are some. */
export function textsOf(own: OwnTexts): Texts {
	const of = (language: Language): Texts[Language] =>
		Object.fromEntries(
			OCCASIONS.map((occasion) => [occasion, own[language]?.[occasion] ?? DEFAULT_TEXTS[language][occasion]]),
		) as Texts[Language];
	return Object.fromEntries(LANGUAGES.map((language) => [language, of(language)])) as Texts;
}
