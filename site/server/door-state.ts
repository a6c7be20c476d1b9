// SPDX-License-Identifier: Apache-2.0

import { REFUSED } from "../../protocol/edhoc/errors.js";
import type { DoorReport } from "./door-reports.js";

/** How a door stands, in one word: it has the newest of all, waits for it, does not answer, or has no reader. */
export const DOOR_STATES = Object.freeze(["has-it", "waiting", "unreachable", "unregistered"] as const);
export type DoorState = (typeof DOOR_STATES)[number];

/** A door's newest plan; `notice`: the last revocation notice that it includes. */
export interface NewestPlan {
	readonly epoch: number;
	readonly version: number;
	readonly notice: number;
}

/** What a site has for a door now. */
export interface Newest {
	/** Version of the trust list. */
	readonly list: number;
	/** `undefined`: the door has no plan yet. */
	readonly plan: NewestPlan | undefined;
	/** Sequence of the newest revocation notice. */
	readonly notice: number;
	/** Sequence of the lockdown that stands for the door; 0: none does. */
	readonly lockdown: number;
	/** What the site has given the reader, which it has not taken. */
	readonly pending: readonly ("settings" | "configuration")[];
	/** Why changes of its plan or revocations cannot be signed, or its plan not be made; `undefined`: all is. */
	readonly unsigned: string | undefined;
}

export const LACKS = Object.freeze([
	"all",
	"site-list",
	"trust-list",
	"plan",
	"notice",
	"lockdown",
	"settings",
	"configuration",
	/** The server has no key for what is to be signed. */
	"signature",
] as const);

/** What a door waits for; with a number where there are several of the kind. */
export interface Lack {
	readonly what: (typeof LACKS)[number];
	readonly number?: number;
	/** Of `signature`: why there is none. */
	readonly reason?: string;
}

export interface DoorStanding {
	readonly state: DoorState;
	/** Since when, seconds since 1970; of `unreachable` null: never heard of. */
	readonly since: number | null;
	/** What the door lacks; empty: nothing, as far as it has said. */
	readonly lacks: readonly Lack[];
	/** Why its last try to begin a session came to nothing, where it is in none since. */
	readonly refused: DoorReport["refused"];
	readonly words: string;
}

/** A door's standing by what it has said last, which may be from before the server's start. `inSession`: now. */
export function standingOf(
	reader: { readonly registered: number } | undefined,
	inSession: boolean,
	report: Readonly<DoorReport>,
	newest: Newest,
): DoorStanding {
	if (reader === undefined)
		return {
			...{ state: "unregistered", since: null, lacks: [], refused: undefined },
			words: "no reader is registered",
		};
	const lacks = lacksOf(report, newest);
	const named = lacks.map(wordsOf).join(", ");
	if (!inSession) {
		const since = report.heard ?? null;
		const { at = 0 } = report.session ?? {};
		const refused = report.refused !== undefined && report.refused.at >= at ? report.refused : undefined;
		const parts = [
			since === null ? "never heard of" : `unreachable since ${iso(since)}`,
			...(refused === undefined ? [] : [refusedWords(refused)]),
			...(since === null || lacks.length === 0 ? [] : [`it lacks ${named}`]),
		];
		return { state: "unreachable", since, lacks, refused, words: parts.join("; ") };
	}
	const since = report.hello?.at ?? report.session?.at ?? null;
	const state = lacks.length === 0 ? "has-it" : "waiting";
	const words = lacks.length === 0 ? "has it" : `waiting for ${named}`;
	return { state, since, lacks, refused: undefined, words };
}

/** A reader does not say why it refuses a credential. */
function refusedWords({ detail, reason }: NonNullable<DoorReport["refused"]>): string {
	return reason === "peer-error" && detail === REFUSED
		? "its reader refused the server: by its clock the server's key has ended or not begun, or it lacks the trust list that names it"
		: `its last session was refused (${detail ?? reason})`;
}

function lacksOf(
	{ hello, isForeign }: Readonly<DoorReport>,
	{ list, lockdown, notice, pending, plan, unsigned }: Newest,
): Lack[] {
	if (hello === undefined) return [{ what: "all" }];
	const { says } = hello;
	const isBehind =
		plan !== undefined &&
		(says.epoch < plan.epoch || (says.epoch === plan.epoch && says.version < plan.version));
	const told = Math.max(says.notice, plan === undefined || isBehind ? 0 : plan.notice);
	const lacks: (Lack | false)[] = [
		isForeign === true && { what: "site-list" },
		says.trust < list && { what: "trust-list", number: list },
		isBehind && { what: "plan", number: plan.version },
		plan === undefined && { what: "plan" },
		told < notice && { what: "notice", number: notice },
		says.lockdown < lockdown && { what: "lockdown" },
		unsigned !== undefined && { what: "signature", reason: unsigned },
		...pending.map((what) => ({ what })),
	];
	return lacks.filter((lack) => lack !== false);
}

/** In English, for `words` of the API. */
export function wordsOf({ number, reason, what }: Lack): string {
	switch (what) {
		case "site-list":
			return "this site's trust list";
		case "trust-list":
			return `trust list ${number}`;
		case "plan":
			return number === undefined ? "a plan" : `plan ${number}`;
		case "notice":
			return `revocation notice ${number}`;
		case "lockdown":
			return "the lockdown";
		case "signature":
			return `changes that the server cannot sign (${reason})`;
		case "configuration":
			return "a configuration";
		default:
			return what;
	}
}

export function iso(seconds: number): string {
	return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
