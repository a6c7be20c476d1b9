// SPDX-License-Identifier: Apache-2.0

import { isLocal } from "./mail.js";
import { inWords, type Outcome } from "./outcome.js";

/** A gateway of Twilio's shape: a form with To, From, Body and StatusCallback is posted to it. */
export interface SmsSettings {
	/** As `https://api.twilio.com/2010-04-01/Accounts/SID/Messages.json`. */
	readonly url: string;
	readonly user: string;
	/** Never shown again. */
	readonly password: string;
	/** A number in E.164, or a name of up to 11 letters and digits where the country allows one. */
	readonly from: string;
}

export interface Sms {
	readonly to: string;
	readonly text: string;
	/** Where the gateway tells what becomes of it, if anywhere. */
	readonly callback: string | undefined;
}

const TIMEOUT_MS = 15_000;
/** ITU-T E.164: a plus sign, a country's code that does not begin with 0, 15 digits at most. */
const E164 = /^\+[1-9]\d{6,14}$/;
const SENDER = /^(\+[1-9]\d{6,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/;

/** A number as people write it, in E.164; `undefined` where it is none with its country. */
export function e164(text: string): string | undefined {
	const number = text.replace(/[\s().\-/]/g, "").replace(/^00/, "+");
	return E164.test(number) ? number : undefined;
}

export function isSender(text: string): boolean {
	return SENDER.test(text);
}

/** By HTTPS, or on this computer. */
export function isGateway(text: string): boolean {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	return (
		url?.username === "" &&
		url.hash === "" &&
		(url.protocol === "https:" || (url.protocol === "http:" && isLocal(url.hostname)))
	);
}

export async function sendSms(
	{ from, password, url, user }: SmsSettings,
	{ callback, text, to }: Sms,
): Promise<Outcome> {
	const number = e164(to);
	if (number === undefined)
		return { kind: "bounced", reason: "this is no number with its country, as +43 660 1234567" };
	const form = new URLSearchParams({ To: number, From: from, Body: text });
	if (callback !== undefined) form.set("StatusCallback", callback);
	try {
		const response = await fetch(url, {
			method: "POST",
			body: form,
			headers: {
				authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
				accept: "application/json",
			},
			redirect: "error",
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
		return outcomeOf(response.status, (await response.text()).slice(0, 10_000));
	} catch (error) {
		const { cause, message } = error as Error;
		return {
			kind: "failed",
			reason: `the SMS gateway does not answer: ${inWords(cause instanceof Error ? cause.message : message)}`,
		};
	}
}

/** 4xx are for good, but for those about the account or the pace. */
function outcomeOf(status: number, text: string): Outcome {
	const words = wordsOf(text, status);
	if (status >= 200 && status < 300) return { kind: "sent", words };
	const isForGood = status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);
	return { kind: isForGood ? "bounced" : "failed", reason: words };
}

/** The gateway's own: `message` of its JSON, where it is that. */
function wordsOf(text: string, status: number): string {
	let said: unknown;
	try {
		said =
			(JSON.parse(text) as { message?: unknown; status?: unknown }).message ??
			(JSON.parse(text) as { status?: unknown }).status;
	} catch {
		// A gateway that speaks no JSON is quoted by its status.
	}
	return typeof said === "string" ? inWords(`${said} (${status})`) : `status ${status}`;
}

/** What a gateway's callback says of a message; `undefined`: nothing that ends it. */
export function callbackState(
	form: URLSearchParams,
): { state: "delivered" | "bounced"; reason: string | undefined } | undefined {
	const status = form.get("MessageStatus") ?? form.get("SmsStatus");
	if (status === "delivered") return { state: "delivered", reason: undefined };
	if (status !== "undelivered" && status !== "failed") return undefined;
	const code = form.get("ErrorCode");
	const words = form.get("ErrorMessage");
	const why = [words, code && `error ${code}`].filter(Boolean).join(", ");
	return { state: "bounced", reason: inWords(`the gateway says ${status}${why === "" ? "" : `: ${why}`}`) };
}
