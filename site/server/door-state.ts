// SPDX-License-Identifier: Apache-2.0

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
	/** What the site has given the reader, which it has not taken: settings, a configuration. */
	readonly pending: readonly string[];
}

export interface DoorStanding {
	readonly state: DoorState;
	/** Since when, seconds since 1970; of `unreachable` null: never heard of. */
	readonly since: number | null;
	/** What the door lacks; empty: nothing, as far as it has said. */
	readonly lacks: readonly string[];
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
		return { state: "unregistered", since: null, lacks: [], words: "no reader is registered" };
	const lacks = lacksOf(report, newest);
	if (!inSession) {
		const since = report.heard ?? null;
		const had = lacks.length === 0 ? "" : `; it lacks ${lacks.join(", ")}`;
		return {
			...{ state: "unreachable", since, lacks },
			words: since === null ? "never heard of" : `unreachable since ${iso(since)}${had}`,
		};
	}
	const since = report.hello?.at ?? report.session?.at ?? null;
	if (lacks.length === 0) return { state: "has-it", since, lacks, words: "has it" };
	return { state: "waiting", since, lacks, words: `waiting for ${lacks.join(", ")}` };
}

function lacksOf(
	{ hello, isForeign }: Readonly<DoorReport>,
	{ list, notice, pending, plan }: Newest,
): string[] {
	if (hello === undefined) return ["all"];
	const { says } = hello;
	const isBehind =
		plan !== undefined &&
		(says.epoch < plan.epoch || (says.epoch === plan.epoch && says.version < plan.version));
	const told = Math.max(says.notice, plan === undefined || isBehind ? 0 : plan.notice);
	return [
		...(isForeign ? ["this site's trust list"] : []),
		...(says.trust < list ? [`trust list ${list}`] : []),
		...(isBehind ? [`plan ${plan.version}`] : []),
		...(plan === undefined ? ["a plan"] : []),
		...(told < notice ? [`revocation notice ${notice}`] : []),
		...pending,
	];
}

export function iso(seconds: number): string {
	return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
