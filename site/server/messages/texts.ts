// SPDX-License-Identifier: Apache-2.0

/** Languages of messages. */
export const LANGUAGES = Object.freeze(["en", "de"] as const);
export type Language = (typeof LANGUAGES)[number];

/** What a message is about: an invitation, another phone in the place of one, a visitor's pass. */
export const OCCASIONS = Object.freeze(["invitation", "replacement", "pass"] as const);
export type Occasion = (typeof OCCASIONS)[number];

/** A message's texts; names in braces stand for what is filled in. */
export interface MessageText {
	readonly subject: string;
	readonly mail: string;
	readonly sms: string;
}
export type Texts = Readonly<Record<Language, Readonly<Record<Occasion, MessageText>>>>;

/** What the names in braces stand for. */
export interface Values {
	readonly person: string;
	readonly site: string;
	/** Of doors, with commas. */
	readonly doors: string;
	/** Until when the link may be accepted. */
	readonly until: string;
	/** When a pass begins and ends; of others empty. */
	readonly from: string;
	readonly to: string;
	readonly link: string;
}
export const VALUES = Object.freeze([
	"person",
	"site",
	"doors",
	"until",
	"from",
	"to",
	"link",
] as const satisfies (keyof Values)[]);

export const MAX_TEXT = Object.freeze({ subject: 200, mail: 5000, sms: 480 });

/** What a site says unless its administrators have written other texts. */
export const DEFAULT_TEXTS: Texts = Object.freeze({
	en: {
		invitation: {
			subject: "Your key for {site}",
			mail: "Hello {person},\n\nopen this link on your phone. Your phone then opens: {doors}.\n\n{link}\n\nThe link is good for one phone, until {until}. Do not give it to anybody else.\n\n{site}",
			sms: "{site}: open this link on your phone to get your key, until {until}: {link}",
		},
		replacement: {
			subject: "Your new key for {site}",
			mail: "Hello {person},\n\nopen this link on your new phone. As soon as you accept, your key on the phone before ends.\n\n{link}\n\nThe link is good for one phone, until {until}. Do not give it to anybody else.\n\n{site}",
			sms: "{site}: open this link on your new phone; your key on the one before ends then. Until {until}: {link}",
		},
		pass: {
			subject: "Your visit at {site}",
			mail: "Hello {person},\n\nfor your visit from {from} to {to} open this link on your phone. It shows a code that you hold to the scanner at the door: {doors}.\n\n{link}\n\nThe link is good for one phone. Do not give it to anybody else.\n\n{site}",
			sms: "{site}: your pass from {from} to {to}. Open this link on your phone: {link}",
		},
	},
	de: {
		invitation: {
			subject: "Ihr Schlüssel für {site}",
			mail: "Guten Tag {person},\n\nöffnen Sie diesen Link auf Ihrem Handy. Ihr Handy öffnet dann: {doors}.\n\n{link}\n\nDer Link gilt für ein Handy und bis {until}. Geben Sie ihn nicht weiter.\n\n{site}",
			sms: "{site}: Öffnen Sie diesen Link auf Ihrem Handy, um Ihren Schlüssel zu bekommen, bis {until}: {link}",
		},
		replacement: {
			subject: "Ihr neuer Schlüssel für {site}",
			mail: "Guten Tag {person},\n\nöffnen Sie diesen Link auf Ihrem neuen Handy. Sobald Sie annehmen, endet Ihr Schlüssel auf dem bisherigen.\n\n{link}\n\nDer Link gilt für ein Handy und bis {until}. Geben Sie ihn nicht weiter.\n\n{site}",
			sms: "{site}: Öffnen Sie diesen Link auf Ihrem neuen Handy; der Schlüssel auf dem bisherigen endet dann. Bis {until}: {link}",
		},
		pass: {
			subject: "Ihr Besuch bei {site}",
			mail: "Guten Tag {person},\n\nöffnen Sie für Ihren Besuch von {from} bis {to} diesen Link auf Ihrem Handy. Er zeigt einen Code, den Sie an den Scanner der Tür halten: {doors}.\n\n{link}\n\nDer Link gilt für ein Handy. Geben Sie ihn nicht weiter.\n\n{site}",
			sms: "{site}: Ihr Pass von {from} bis {to}. Öffnen Sie diesen Link auf Ihrem Handy: {link}",
		},
	},
});

/** Why a text is none to send, for people; `undefined`: it is. */
export function wrongIn({ mail, sms, subject }: MessageText): string | undefined {
	for (const text of [subject, mail, sms])
		for (const [, name] of text.matchAll(/\{([^{}]*)\}/g))
			if (!(VALUES as readonly string[]).includes(name!))
				return `{${name}} stands for nothing: there are ${VALUES.map((value) => `{${value}}`).join(", ")}`;
	if (!mail.includes("{link}") || !sms.includes("{link}")) return "without {link} nobody can accept";
	if (subject.includes("{link}")) return "the link is a secret, and subjects are shown where mails are not";
	return undefined;
}

export interface Rendered {
	readonly subject: string;
	readonly text: string;
	readonly html: string;
	readonly sms: string;
}

/** A message with its values. What people are called is text in it, and nothing else. */
export function render({ mail, sms, subject }: MessageText, values: Values, language: Language): Rendered {
	const text = filled(mail, values);
	return {
		subject: filled(subject, values),
		text,
		html: pageOf(text, values.link, language),
		sms: filled(sms, values),
	};
}

function filled(template: string, values: Values): string {
	return template.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
		(VALUES as readonly string[]).includes(name) ? plain(values[name as keyof Values]) : whole,
	);
}

/** One line: a name does not begin a paragraph of its own. */
function plain(value: string): string {
	return value.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

/** The mail's text for programs that show HTML: paragraphs, and the link to click on. */
function pageOf(text: string, link: string, language: Language): string {
	const anchor = `<a href="${escaped(link)}">${escaped(link)}</a>`;
	const paragraphs = text
		.split(/\n{2,}/)
		.map(
			(paragraph) =>
				`<p>${escaped(paragraph).replaceAll(escaped(link), anchor).replaceAll("\n", "<br>")}</p>`,
		);
	return `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8"></head><body>${paragraphs.join("")}</body></html>`;
}

const ENTITIES: Readonly<Record<string, string>> = Object.freeze({
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
});

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A moment as people of a language write it, in a time zone that the computer knows, else UTC. */
export function moment(seconds: number, language: Language, timeZone: string): string {
	const options = { dateStyle: "long", timeStyle: "short" } as const;
	const at = new Date(seconds * 1000);
	try {
		return new Intl.DateTimeFormat(language, { ...options, timeZone }).format(at);
	} catch {
		// A POSIX rule is none to Intl.
		return `${new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(at)} UTC`;
	}
}
