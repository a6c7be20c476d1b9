// SPDX-License-Identifier: Apache-2.0

import { statSync } from "node:fs";
import type { CborMap } from "../protocol/cbor/value.js";
import type { ReaderState } from "../protocol/provisioning/messages.js";
import { Failure } from "../site/lib/files/failure.js";
import type { Requester } from "../site/lib/provisioning/client.js";
import { RequestRefused } from "../site/lib/provisioning/errors.js";
import { hint } from "./output.js";
import { isAttended, isYes } from "./prompt.js";

const DAY_S = 86_400;
/** A reader's clock that is farther from this computer's than this is wrong, s: schedules go by minutes. */
const OFF_S = 60;

export type ClockState = "right" | "unset" | "off";

/** A reader's clock beside this computer's. `now`: seconds since 1970. */
export function clockState({ time }: CborMap, now: number): ClockState {
	if (typeof time !== "number") return "unset";
	return Math.abs(now - time) <= OFF_S ? "right" : "off";
}

/** The same in words, with what to do. */
export function clockWords(state: CborMap, now: number): string {
	const { time, timeError, timeSource, trust } = state;
	if (typeof time !== "number") return "not set; `lintel time set` sets it";
	const date = new Date(time * 1000);
	if (Number.isNaN(date.getTime())) return `${time} s (${trust})`;
	const source = typeof timeSource === "string" && timeSource !== "set" ? ` from ${timeSource}` : "";
	const error = typeof timeError === "number" && trust === "restored" ? `, to ${timeError} s` : "";
	const behind = Math.floor(now) - time;
	const apart = `${spanWords(Math.abs(behind))} ${behind < 0 ? "ahead of" : "behind"} this computer`;
	const far = Math.abs(behind) > DAY_S;
	const advice = far
		? `; look at this computer's clock first (${isoTime(now)}), then \`lintel time set\``
		: clockState(state, now) === "off"
			? "; `lintel time set` sets it"
			: "";
	return `${isoTime(time)} (${trust}${source}${error}), ${apart}${advice}`;
}

/** What to say of a time server whose time the reader does not take. `off`: by how much it is ahead of the clock, s. */
export function networkWords(off: unknown): string | undefined {
	if (typeof off !== "number" || Math.abs(off) <= OFF_S) return undefined;
	return `${spanWords(Math.abs(off))} ${off > 0 ? "ahead of" : "behind"} the clock: one of them is wrong`;
}

export interface ClockOptions {
	readonly yes?: boolean | undefined;
}

/**
 * Asks before a reader's clock is set to this computer's, where one of the two must be wrong: they are more than a day apart, or this
 * computer's is before what the reader or one of `files` is a witness of. Throws where that is not confirmed.
 */
export async function confirmClock(
	now: number,
	state: ReaderState,
	{ yes }: ClockOptions,
	files: readonly string[] = [],
): Promise<void> {
	const doubt = doubtOf(now, state, files);
	if (doubt === undefined || yes) return;
	const said = `this computer's clock says ${isoTime(now)}, and ${doubt}`;
	const advice = "Set this computer's clock, or give --yes where it is right.";
	if (!isAttended()) throw new Failure("usage", "not-confirmed", said, advice);
	if (!(await isYes(`${said[0]!.toUpperCase()}${said.slice(1)}. Set the reader by this computer?`)))
		throw new Failure("usage", "not-confirmed", "the reader's clock was not set", advice);
}

/** Sets the reader's clock to this computer's, after `confirmClock`; how the reader was before. */
export async function setClock(
	reader: Requester,
	options: ClockOptions,
	files: readonly string[],
): Promise<ReaderState> {
	const state = await reader.request("state");
	await confirmClock(Math.floor(Date.now() / 1000), state, options, files);
	await reader.request("time", { seconds: Math.floor(Date.now() / 1000) }).catch(refusedTime);
	return state;
}

/** The reader's clock is a help, not a condition: what refuses shows at the next step. */
function refusedTime(error: unknown): void {
	if (!(error instanceof RequestRefused)) throw error;
	hint(`the reader's clock is not set: ${error.refusal.message}; \`lintel time set\` sets it`);
}

function doubtOf(
	now: number,
	{ time, planIssued, timeSource }: ReaderState,
	files: readonly string[],
): string | undefined {
	if (typeof time === "number") {
		// The last known time is a lower bound: that the reader was long without power is no reason to ask.
		const behind = timeSource === "last-known" ? Math.max(0, time - now) : Math.abs(time - now);
		if (behind > DAY_S) return `the reader's ${isoTime(time)}`;
	}
	if (planIssued !== undefined && planIssued > now + DAY_S)
		return `the site signed the reader's plan at ${isoTime(planIssued)}`;
	for (const file of files) {
		const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
		if (changed / 1000 > now + DAY_S) return `${file} was changed at ${isoTime(changed / 1000)}`;
	}
	return undefined;
}

/** A reader's own words may be no time at all. */
export function isoTime(seconds: number): string {
	return new Date(Math.floor(seconds) * 1000).toISOString().replace(".000Z", "Z");
}

function spanWords(seconds: number): string {
	return seconds > DAY_S ? `${Math.floor(seconds / DAY_S)} days` : `${seconds} s`;
}
