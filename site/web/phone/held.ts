// SPDX-License-Identifier: Apache-2.0

import { signal } from "@preact/signals";
import { Refused } from "../api.js";
import { siteNow } from "./clock.js";
import { type HeldCredential, held } from "./keyring.js";
import { refresh } from "./refresh.js";

/** What this phone holds; undefined while it is read. */
export const holding = signal<readonly HeldCredential[] | undefined>(undefined);
/** Why a site did not answer last, by credential: a reason. */
export const unanswered = signal<Readonly<Record<string, string>>>({});

/** How often the page asks while a door still waits, and else, ms. */
const SOON_MS = 2000;
const LATER_MS = 5 * 60_000;

/** A browser that stores nothing has nothing; the page of a link says so before it accepts. */
export async function load(): Promise<void> {
	try {
		holding.value = await held();
	} catch (error) {
		if (!(error instanceof DOMException)) throw error;
		holding.value = [];
	}
}

/** Asks one credential's site; as it is then. */
export async function ask(one: HeldCredential): Promise<HeldCredential | undefined> {
	let reason = "";
	try {
		await refresh(one);
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		reason = error.reason;
	}
	unanswered.value = { ...unanswered.value, [one.id]: reason };
	await load();
	return holding.value?.find(({ id }) => id === one.id);
}

async function askAll(): Promise<void> {
	await load();
	await Promise.all((holding.value ?? []).map(ask));
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks all sites now, and from then on from time to time while the page is looked at. */
export async function askNow(): Promise<void> {
	clearTimeout(timer);
	if (document.visibilityState === "hidden") return;
	await askAll();
	const waits = holding.value?.some((one) => !one.withdrawn && one.told.active.has < one.told.active.of);
	clearTimeout(timer);
	timer = setTimeout(askNow, waits ? SOON_MS : LATER_MS);
}

/** Also whenever the page is looked at again, and when the phone is on line again. */
export function keepAsking(): void {
	document.addEventListener("visibilitychange", askNow);
	addEventListener("online", askNow);
	void askNow();
}

export type Standing = "active" | "paused" | "withdrawn" | "early" | "over" | "stale";

/** How a credential stands, as far as the phone knows. Dates are days and minutes of the site; near enough to say so in words. */
export function standing(one: HeldCredential): Standing {
	const { expires, from, paused, until } = one.told;
	const now = siteNow(one);
	if (one.withdrawn) return "withdrawn";
	if (paused) return "paused";
	if (until !== undefined && now >= moment(until, "T24:00")) return "over";
	if (from !== undefined && now < moment(from, "T00:00")) return "early";
	return now >= expires ? "stale" : "active";
}

/** A day alone has its begin or end. By the phone's own time zone: who is in another one than the site sees it some hours off. */
function moment(text: string, ofDay: string): number {
	return new Date(text.includes("T") ? text : text + ofDay).getTime() / 1000;
}
