// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { isLocal, isMailAddress, MAIL_SECURITY, Mailer, type MailSettings } from "../messages/mail.js";
import type { Outcome } from "../messages/outcome.js";
import { messageSettings as read } from "../messages/settings.js";
import { isGateway, isSender, type SmsSettings, sendSms } from "../messages/sms.js";
import type { Facts } from "../store/facts.js";
import { type Api, needs } from "./app.js";
import type { Caller } from "./caller.js";
import { Problem } from "./problem.js";
import { Nothing, orNull } from "./schemas.js";
import type { Site } from "./site.js";
import { textSettings } from "./text-settings.js";

const Line = (maxLength: number, description?: string): ReturnType<typeof Type.String> =>
	Type.String({
		minLength: 1,
		maxLength,
		pattern: "^[^\\u0000-\\u001f\\u007f]*$",
		...(description && { description }),
	});
const Password = Type.Optional(
	Line(500, "Never shown again. Without it the one that is there stays, where server and user are the same"),
);

const MailBody = Type.Object(
	{
		host: Type.String({ pattern: "^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^[0-9a-fA-F:]{2,39}$" }),
		port: Type.Integer({ minimum: 1, maximum: 65_535 }),
		security: Type.Enum([...MAIL_SECURITY], { description: "`none`: to this computer alone" }),
		user: Type.Optional(Line(254)),
		password: Password,
		from: Line(254, "The address that mails are from"),
		replyTo: Type.Optional(Line(254)),
	},
	{ additionalProperties: false },
);
const SmsBody = Type.Object(
	{
		url: Line(500, "Where a form with To, From, Body and StatusCallback is posted to"),
		user: Line(254),
		password: Password,
		from: Line(20, "A number with its country, or a name of up to 11 letters and digits"),
	},
	{ additionalProperties: false },
);
const HasPassword = Type.Object({ hasPassword: Type.Boolean() });
const { password: _, ...mailFields } = MailBody.properties;
const { password: __, ...smsFields } = SmsBody.properties;
const MailView = Type.Object({ ...mailFields, ...HasPassword.properties });
const SmsView = Type.Object({ ...smsFields, ...HasPassword.properties });
const Tested = Type.Object({
	sent: Type.Boolean(),
	words: Type.String({ description: "The server's answer, or why there is none" }),
});

/** How messages to people go out: e-mail, SMS, and what they say. */
export function messageSettings(api: Api, site: Site): void {
	mail(api, site);
	sms(api, site);
	for (const name of ["mail", "sms"] as const)
		api.delete(
			`/api/settings/${name}`,
			needs("administrator", {
				confirmed: true,
				tags: ["messages"],
				summary: `Forgets the ${name === "mail" ? "mail server" : "SMS gateway"} and its password`,
				response: { 204: Nothing },
			}),
			async (request, reply) => {
				await site.store.transaction(async (tx) => {
					await tx.facts.clear(name);
					await tx.actions.add(site.action(request.caller, `clear-${name}`), site.crypto);
				});
				reply.status(204);
				return null;
			},
		);
	textSettings(api, site);
}

/** Written down without what is secret. */
async function put<N extends "mail" | "sms">(
	site: Site,
	by: Caller,
	name: N,
	value: Facts[N],
): Promise<void> {
	const { password: _, ...shown } = value;
	await site.store.transaction(async (tx) => {
		await tx.facts.set(name, value);
		await tx.actions.add(site.action(by, `put-${name}`, undefined, shown), site.crypto);
	});
	site.outbox.look();
}

function mail(api: Api, site: Site): void {
	const view = async (): Promise<Static<typeof MailView> | null> => {
		const { mail } = await read(site.store);
		if (mail === undefined) return null;
		const { password, ...shown } = mail;
		return { ...shown, hasPassword: password !== undefined };
	};
	api.get(
		"/api/settings/mail",
		needs("administrator", {
			tags: ["messages"],
			summary: "The mail server, without its password; null: none is set up",
			response: { 200: orNull(MailView) },
		}),
		view,
	);
	api.put(
		"/api/settings/mail",
		needs("administrator", {
			confirmed: true,
			tags: ["messages"],
			summary: "Puts the mail server that messages go out by",
			body: MailBody,
			response: { 200: orNull(MailView) },
		}),
		async ({ body, caller }) => {
			await put(site, caller, "mail", mailOf(body as MailSettings, (await read(site.store)).mail));
			return view();
		},
	);
	api.post(
		"/api/settings/mail/test",
		needs("administrator", {
			tags: ["messages"],
			summary: "Sends a mail to an address, and says what the mail server says",
			body: Type.Object({ to: Line(254) }, { additionalProperties: false }),
			response: { 200: Tested },
		}),
		async ({ body, caller }) => {
			const { mail, siteName = site.id } = await read(site.store);
			if (mail === undefined)
				throw new Problem(409, "no-mail", "there is no mail server to test: put one first");
			await site.act(caller, "test-mail");
			const mailer = new Mailer(mail);
			const text = `${siteName}: e-mail works.`;
			try {
				return testedOf(
					await mailer.send({ to: body.to, fromName: siteName, subject: text, text, html: "<p>✓</p>" }),
				);
			} finally {
				mailer.close();
			}
		},
	);
}

/** Throws `Problem` at what would send nothing, or a password in the clear. */
function mailOf(next: MailSettings, before: MailSettings | undefined): MailSettings {
	const { from, host, replyTo, security, user } = next;
	for (const address of [from, replyTo])
		if (address !== undefined && !isMailAddress(address))
			throw new Problem(422, "bad-address", `${address} is no e-mail address`);
	if (security === "none" && !isLocal(host))
		throw new Problem(
			422,
			"in-the-clear",
			"links that open doors go to another computer by TLS alone: choose tls or starttls",
		);
	// To another server a password that nobody gave is not sent.
	const isSame = before?.host === host && before.user === user && before.port === next.port;
	const password = next.password ?? (isSame ? before.password : undefined);
	if (user !== undefined && password === undefined)
		throw new Problem(422, "no-password", "give the user's password: server or user are others than before");
	return { ...next, ...(user !== undefined && password !== undefined && { password }) };
}

function sms(api: Api, site: Site): void {
	const view = async (): Promise<Static<typeof SmsView> | null> => {
		const { sms } = await read(site.store);
		if (sms === undefined) return null;
		const { password: _, ...shown } = sms;
		return { ...shown, hasPassword: true };
	};
	api.get(
		"/api/settings/sms",
		needs("administrator", {
			tags: ["messages"],
			summary: "The SMS gateway, without its password; null: none is set up",
			response: { 200: orNull(SmsView) },
		}),
		view,
	);
	api.put(
		"/api/settings/sms",
		needs("administrator", {
			confirmed: true,
			tags: ["messages"],
			summary: "Puts the SMS gateway, one of Twilio's shape",
			body: SmsBody,
			response: { 200: orNull(SmsView) },
		}),
		async ({ body, caller }) => {
			await put(site, caller, "sms", smsOf(body, (await read(site.store)).sms));
			return view();
		},
	);
	api.post(
		"/api/settings/sms/test",
		needs("administrator", {
			tags: ["messages"],
			summary: "Sends an SMS to a number, and says what the gateway says",
			body: Type.Object({ to: Line(40) }, { additionalProperties: false }),
			response: { 200: Tested },
		}),
		async ({ body, caller }) => {
			const { siteName = site.id, sms } = await read(site.store);
			if (sms === undefined)
				throw new Problem(409, "no-sms", "there is no SMS gateway to test: put one first");
			await site.act(caller, "test-sms");
			return testedOf(
				await sendSms(sms, { to: body.to, text: `${siteName}: SMS works.`, callback: undefined }),
			);
		},
	);
}

function smsOf(
	{ password: given, ...next }: Static<typeof SmsBody>,
	before: SmsSettings | undefined,
): SmsSettings {
	if (!isGateway(next.url))
		throw new Problem(
			422,
			"bad-gateway",
			"give the gateway's address as https://HOST/PATH, without user and password in it",
		);
	if (!isSender(next.from))
		throw new Problem(
			422,
			"bad-sender",
			"messages are from a number with its country, as +436601234567, or from a name of up to 11 letters and digits",
		);
	const isSame = before?.url === next.url && before.user === next.user;
	const password = given ?? (isSame ? before.password : undefined);
	if (password === undefined)
		throw new Problem(422, "no-password", "give the password: gateway or user are others than before");
	return { ...next, password };
}

function testedOf(outcome: Outcome): Static<typeof Tested> {
	return outcome.kind === "sent"
		? { sent: true, words: outcome.words }
		: { sent: false, words: outcome.reason };
}
