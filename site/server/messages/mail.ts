// SPDX-License-Identifier: Apache-2.0

import { createTransport, type Transporter } from "nodemailer";
import type SMTPTransport from "nodemailer/lib/smtp-transport/index.js";
import type { Outcome } from "./outcome.js";
import { inWords } from "./outcome.js";

/** How the connection to the mail server is protected. */
export const MAIL_SECURITY = Object.freeze(["tls", "starttls", "none"] as const);

export interface MailSettings {
	readonly host: string;
	readonly port: number;
	/** `none`: to this computer alone. */
	readonly security: (typeof MAIL_SECURITY)[number];
	readonly user?: string;
	/** Never shown again. */
	readonly password?: string;
	/** The address that mails are from. */
	readonly from: string;
	readonly replyTo?: string;
}

export interface Mail {
	readonly to: string;
	/** Whom it is from, for people. */
	readonly fromName: string;
	readonly subject: string;
	readonly text: string;
	readonly html: string;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const LOCAL = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** One line of an address: nothing that could end a header or an envelope's command. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?$/u;

export function isMailAddress(text: string): boolean {
	return text.length <= 254 && ADDRESS.test(text);
}

export function isLocal(host: string): boolean {
	return LOCAL.test(host);
}

/** A mail server, with connections that stay for the next mail. */
export class Mailer {
	readonly #settings: MailSettings;
	readonly #transport: Transporter<SMTPTransport.SentMessageInfo>;

	constructor(settings: MailSettings) {
		const { host, password, port, security, user } = settings;
		this.#settings = settings;
		this.#transport = createTransport({
			...{ pool: true, maxConnections: 1, host, port, secure: security === "tls" },
			...{ requireTLS: security === "starttls", ignoreTLS: security === "none" },
			...{ connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
			// What a template says is text, and never the name of a file or an address to fetch.
			...{ disableFileAccess: true, disableUrlAccess: true },
			...(user !== undefined && { auth: { user, pass: password ?? "" } }),
		});
	}

	/** The server's answer: taken, refused for good, or to be tried again. */
	async send({ fromName, html, subject, text, to }: Mail): Promise<Outcome> {
		const { from, replyTo } = this.#settings;
		if (!isMailAddress(to)) return { kind: "bounced", reason: "this is no e-mail address" };
		try {
			const { response } = await this.#transport.sendMail({
				from: { name: oneLine(fromName), address: from },
				to: { name: "", address: to },
				...(replyTo !== undefined && { replyTo: { name: "", address: replyTo } }),
				...{ subject: oneLine(subject), text, html },
				headers: { "auto-submitted": "auto-generated", "x-auto-response-suppress": "All" },
			});
			return { kind: "sent", words: inWords(response) };
		} catch (error) {
			return outcomeOf(error);
		}
	}

	close(): void {
		this.#transport.close();
	}
}

/** Without what would end a header. */
export function oneLine(text: string): string {
	return text
		.replace(/[\s\p{Cc}]+/gu, " ")
		.trim()
		.slice(0, 200);
}

const NO_ANSWER: Readonly<Record<string, string>> = Object.freeze({
	ECONNECTION: "the mail server does not answer",
	ESOCKET: "the connection to the mail server failed",
	ETIMEDOUT: "the mail server does not answer in time",
	EDNS: "there is no computer of that name",
	ETLS: "the mail server offers no TLS that holds",
	EAUTH: "the mail server refuses user and password",
});

/** Refused at RCPT or DATA with 5xx is for good; all else may pass. */
function outcomeOf(error: unknown): Outcome {
	const { code = "", message, response, responseCode = 0 } = error as Partial<SmtpError> & Error;
	const answer = inWords(response ?? message);
	const isRefused = (code === "EENVELOPE" || code === "EMESSAGE") && responseCode >= 500;
	if (isRefused) return { kind: "bounced", reason: answer };
	const what = NO_ANSWER[code];
	return { kind: "failed", reason: what === undefined ? answer : `${what}: ${answer}` };
}

interface SmtpError {
	readonly code: string;
	readonly response: string;
	readonly responseCode: number;
}
