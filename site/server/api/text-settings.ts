// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { messageSettings, type OwnTexts } from "../messages/settings.js";
import {
	DEFAULT_TEXTS,
	LANGUAGES,
	type Language,
	MAX_TEXT,
	type MessageText,
	moment,
	OCCASIONS,
	render,
	VALUES,
	wrongIn,
} from "../messages/texts.js";
import { type Api, needs } from "./app.js";
import { Problem } from "./problem.js";
import { Nothing } from "./schemas.js";
import type { Site } from "./site.js";

const Text = Type.Object(
	{
		subject: Type.String({ minLength: 1, maxLength: MAX_TEXT.subject, pattern: "^[^\\r\\n]*$" }),
		mail: Type.String({ minLength: 1, maxLength: MAX_TEXT.mail }),
		sms: Type.String({ minLength: 1, maxLength: MAX_TEXT.sms }),
	},
	{ additionalProperties: false },
);
const of = <T extends string>(names: readonly T[], type: Parameters<typeof Type.Object>[0][string]) =>
	Type.Object(Object.fromEntries(names.map((name) => [name, type])));
const All = of(LANGUAGES, of(OCCASIONS, Text));
const LanguageName = Type.Enum([...LANGUAGES]);
const View = Type.Object({
	language: LanguageName,
	perHour: Type.Integer({ description: "Messages that go out in an hour at most" }),
	values: Type.Array(Type.String(), { description: "What stands in braces in a text" }),
	texts: All,
	defaults: All,
});
const Which = Type.Object({ language: LanguageName, occasion: Type.Enum([...OCCASIONS]) });
type Which = { language: Language; occasion: (typeof OCCASIONS)[number] };

/** What messages say, in which language, and how many go out. */
export function textSettings(api: Api, site: Site): void {
	reading(api, site);
	changing(api, site);
	previewing(api, site);
}

function reading(api: Api, site: Site): void {
	api.get(
		"/api/settings/texts",
		needs("administrator", {
			tags: ["messages"],
			summary: "What messages say, in each language",
			response: { 200: View },
		}),
		async () => {
			const { language, limits, texts } = await messageSettings(site.store);
			return {
				language,
				perHour: limits.perHour,
				values: [...VALUES],
				texts,
				defaults: DEFAULT_TEXTS,
			} as unknown as Static<typeof View>;
		},
	);
	api.put(
		"/api/settings/messages",
		needs("administrator", {
			tags: ["messages"],
			summary: "Puts the language of messages, and how many go out in an hour",
			body: Type.Object(
				{ language: LanguageName, perHour: Type.Integer({ minimum: 1, maximum: 100_000 }) },
				{ additionalProperties: false },
			),
			response: { 204: Nothing },
		}),
		async ({ body, caller }, reply) => {
			await site.store.transaction(async (tx) => {
				await tx.facts.set("language", body.language as Language);
				await tx.facts.set("messagesPerHour", body.perHour);
				await tx.actions.add(site.action(caller, "put-messages", undefined, body), site.crypto);
			});
			reply.status(204);
			return null;
		},
	);
}

function changing(api: Api, site: Site): void {
	const change = async (which: Which, text: MessageText | undefined): Promise<OwnTexts> => {
		const own = (await site.store.facts.get("texts")) ?? {};
		const { [which.occasion]: _, ...others } = own[which.language] ?? {};
		return { ...own, [which.language]: { ...others, ...(text && { [which.occasion]: text }) } };
	};
	api.put(
		"/api/settings/texts/:language/:occasion",
		needs("administrator", {
			tags: ["messages"],
			summary: "Puts what messages of an occasion say in a language",
			params: Which,
			body: Text,
			response: { 204: Nothing },
		}),
		async ({ body, caller, params }, reply) => {
			checked(body);
			const next = await change(params as Which, body);
			await site.store.transaction(async (tx) => {
				await tx.facts.set("texts", next);
				const to = `${params.language}/${params.occasion}`;
				await tx.actions.add(site.action(caller, "put-text", to), site.crypto);
			});
			reply.status(204);
			return null;
		},
	);
	api.delete(
		"/api/settings/texts/:language/:occasion",
		needs("administrator", {
			tags: ["messages"],
			summary: "Puts back what every site says",
			params: Which,
			response: { 204: Nothing },
		}),
		async ({ caller, params }, reply) => {
			const next = await change(params as Which, undefined);
			await site.store.transaction(async (tx) => {
				await tx.facts.set("texts", next);
				const to = `${params.language}/${params.occasion}`;
				await tx.actions.add(site.action(caller, "clear-text", to), site.crypto);
			});
			reply.status(204);
			return null;
		},
	);
}

function previewing(api: Api, site: Site): void {
	api.post(
		"/api/settings/texts/:language/:occasion/preview",
		needs("administrator", {
			tags: ["messages"],
			summary: "A text with an example's values, as a person would get it; nothing is kept",
			params: Which,
			body: Text,
			response: {
				200: Type.Object({
					subject: Type.String(),
					text: Type.String(),
					sms: Type.String(),
					smsParts: Type.Integer({ description: "Messages that the SMS is sent and paid as" }),
				}),
			},
		}),
		async ({ body, params }) => {
			checked(body);
			const { language } = params as Which;
			const { siteName = site.id } = await messageSettings(site.store);
			const zone = site.planner.document.timeZone;
			const at = (days: number): string => moment(site.now() + days * 86_400, language, zone);
			const doors = (await site.store.doors.list()).slice(0, 3).map(({ id, name }) => name || id);
			const link = `${site.address.forLinks ?? site.address.origin}/i/${"x".repeat(43)}`;
			const { sms, subject, text } = render(
				body,
				{
					person: "Ada Lovelace",
					site: siteName,
					doors: doors.join(", "),
					until: at(7),
					from: at(1),
					to: at(2),
					link,
				},
				language,
			);
			return { subject, text, sms, smsParts: partsOf(sms) };
		},
	);
}

function checked(text: MessageText): void {
	const wrong = wrongIn(text);
	if (wrong !== undefined) throw new Problem(422, "bad-text", wrong);
}

/** GSM 03.38's alphabet without its extension's escapes; else UCS-2. */
const GSM = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/;

function partsOf(sms: string): number {
	const [one, more] = GSM.test(sms) ? [160, 153] : [70, 67];
	return sms.length <= one ? 1 : Math.ceil(sms.length / more);
}
