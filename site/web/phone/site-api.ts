// SPDX-License-Identifier: Apache-2.0

/** What the page asks a site's server: its API for phones, without cookies, each request signed by the credential's key. */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex, utf8Encode } from "../../../protocol/bytes.js";
import { PHONE_HEADERS, requestMessage } from "../../lib/phone-request.js";
import { Refused } from "../api.js";
import { siteNow } from "./clock.js";
import type { HeldCredential } from "./keyring.js";
import { signBy } from "./own-key.js";

/** An answer of a site is less than this, characters. */
const MAX_ANSWER = 256 * 1024;
/** A request that takes longer has failed, ms. */
const TIMEOUT_MS = 15_000;

/** A door as its people know it. */
export interface PhoneDoor {
	readonly id: string;
	readonly name: string;
	/** Its reader has the plan that lets this credential in. Absent in an offer. */
	readonly has?: boolean;
}

export interface Hours {
	/** "mon" to "sun", ranges as "mon-fri", or "daily". */
	readonly days?: readonly string[];
	readonly holidays?: readonly string[];
	/** "HH:MM" */
	readonly from: string;
	readonly to: string;
}

/** An access plan: where and when. */
export interface PhonePlan {
	readonly name: string;
	readonly rules: readonly {
		/** Ids. */
		readonly doors: readonly string[];
		/** Its name, or `always`, or `never`, which have no hours. */
		readonly schedule: string;
		readonly times: readonly Hours[];
		readonly from?: string;
		readonly until?: string;
	}[];
}

/** Of a visitor's pass: how often it opens, and still does as far as the site knows; absent: as often as the visitor likes. */
export interface Pass {
	readonly count?: number;
	readonly left?: number;
}

/** What an offer and an answer about a credential have in common. */
export interface Rights {
	readonly site: string;
	readonly siteName: string;
	readonly person: string;
	readonly doors: readonly PhoneDoor[];
	readonly plans: readonly PhonePlan[];
	/** "2026-12-24" or "2026-12-24T18:00", in the site's time zone. */
	readonly from?: string;
	readonly until?: string;
	readonly pass?: Pass;
}

/** Whom a link invites, and to what. */
export interface Offer extends Rights {
	readonly state: "open" | "accepted";
	/** Until when the link may be accepted, seconds since 1970. */
	readonly expires: number;
	/** It takes the place of a credential on another phone, which ends. */
	readonly replaces?: boolean;
}

/** What a site says of a credential. */
export interface Told extends Rights {
	/** The credential's id, 16 hexadecimal digits. */
	readonly credential: string;
	readonly paused: boolean;
	readonly active: { readonly has: number; readonly of: number };
	/** When the CWT ends. */
	readonly expires: number;
	/** By the server's clock, seconds since 1970. */
	readonly now: number;
	/** What its holder may lend to visitors, where that is anything. */
	readonly lend?: { readonly doors: readonly PhoneDoor[]; readonly days: number; readonly count?: number };
}

/** The site does not take a request of this time; it says its own, seconds since 1970. */
class ClockOff extends Refused {
	readonly now: number;

	constructor(now: number, detail: string) {
		super(403, "clock-off", detail);
		this.now = now;
	}
}

/** Throws `Refused`. */
export async function ask<T>(
	origin: string,
	method: "GET" | "POST" | "DELETE",
	path: string,
	body?: string,
	headers: Readonly<Record<string, string>> = {},
): Promise<T> {
	let response: Response;
	let text: string;
	try {
		response = await fetch(origin + path, {
			method,
			headers: { accept: "application/json", ...(body !== undefined && JSON_TYPE), ...headers },
			...(body !== undefined && { body }),
			credentials: "omit",
			cache: "no-store",
			redirect: "error",
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
		text = await response.text();
	} catch {
		throw new Refused(0, "unreachable", "the server does not answer");
	}
	if (text.length > MAX_ANSWER) throw new Refused(0, "no-site", "the answer is too long");
	let value: unknown;
	try {
		value = text === "" ? undefined : JSON.parse(text);
	} catch {
		throw new Refused(response.status, "no-site", "this is no server of Lintel");
	}
	if (response.ok) return value as T;
	const { reason = "refused", detail = response.statusText } = (value ?? {}) as Partial<
		Record<string, string>
	>;
	const now = Date.parse(response.headers.get("date") ?? "") / 1000;
	if (reason === "clock-off" && now > 0) throw new ClockOff(now, detail);
	throw new Refused(response.status, reason, detail);
}

const JSON_TYPE = { "content-type": "application/json" };

/** A request that the credential's key signs: once more by the site's time, where the phone's was set wrong since. Throws `Refused`. */
export async function askSigned<T>(...request: Parameters<typeof signed>): Promise<T> {
	try {
		return await signed<T>(...request);
	} catch (error) {
		if (!(error instanceof ClockOff)) throw error;
		const [held, ...rest] = request;
		return signed<T>({ ...held, ahead: Date.now() / 1000 - error.now }, ...rest);
	}
}

async function signed<T>(
	held: HeldCredential,
	method: "GET" | "POST" | "DELETE",
	path: string,
	content?: unknown,
): Promise<T> {
	const body = content === undefined ? undefined : JSON.stringify(content);
	const time = Math.floor(siteNow(held));
	const request = { site: held.site, credential: held.credentialId, path, time };
	const message = requestMessage(request, sha256(utf8Encode(body ?? "")));
	const signature = toHex(await signBy(held.privateKey, message));
	return ask<T>(held.origin, method, path, body, {
		[PHONE_HEADERS.credential]: held.credentialId,
		[PHONE_HEADERS.time]: String(time),
		[PHONE_HEADERS.signature]: signature,
	});
}
