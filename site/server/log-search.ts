// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../protocol/bytes.js";
import { EVENTS } from "../../protocol/events.js";
import { LANGUAGES, type Language, sayEvent, VOCABULARY } from "../lib/log/words/say.js";
import type { LogRow } from "./store/log.js";
import type { LogGlance, LogPlace, LogRange, LogStream } from "./store/log-scan.js";
import type { Store } from "./store/store.js";

/** What people look for; what is absent is not asked. */
export interface LogFilter extends LogRange {
	readonly doors?: readonly string[] | undefined;
	/** A person, by the user's id. */
	readonly user?: string | undefined;
	readonly kinds?: readonly number[] | undefined;
	/** Numbers of `REASONS`, of decisions. */
	readonly reasons?: readonly number[] | undefined;
	/** Each word has to be in the name of the door or of the person, or in the sentence that says the event. */
	readonly words?: string | undefined;
}

export interface LogPage {
	readonly rows: LogRow[];
	/** Where the next page begins; `undefined`: nothing is left. A page may have fewer rows than asked, or none, and go on. */
	readonly next: LogPlace | undefined;
}

/** Records that are looked at for one page at most, and at once: what bounds the time of a search. */
const MAX_LOOKED = 5000;
const BATCH = 1000;
/** More streams than this are not merged: the records of all are looked at instead. */
const MAX_STREAMS = 8;
const MAX_WORDS = 8;
const ALL: LogStream = { of: "all" };

/** One page of what a log has of what is looked for, in the order of time. */
export async function searchLog(store: Store, filter: LogFilter, limit: number): Promise<LogPage> {
	const question = await questionOf(store, filter);
	if (question === undefined) return { rows: [], next: undefined };
	const { stream, tests } = question;
	// What is only to be told is not looked at first.
	const most = tests.length === 0 ? limit : BATCH;
	const found: LogGlance[] = [];
	let { from } = filter;
	for (let looked = 0; looked < MAX_LOOKED; looked += most) {
		const batch = await store.log.scan(stream, { ...filter, from }, most);
		for (const glance of batch) {
			if (!tests.every((test) => test(glance))) continue;
			found.push(glance);
			if (found.length < limit) continue;
			return { rows: await rowsOf(store, found), next: placeOf(glance) };
		}
		from = batch.length < most ? undefined : placeOf(batch.at(-1)!);
		if (from === undefined) break;
	}
	return { rows: await rowsOf(store, found), next: from };
}

type Test = (glance: LogGlance) => boolean;

interface Question {
	/** The narrowest that has all that may be an answer. */
	readonly stream: LogStream;
	readonly tests: readonly Test[];
}

/** `undefined`: nothing can be an answer. */
async function questionOf(
	store: Store,
	{ doors, kinds, reasons, user, words = "" }: LogFilter,
): Promise<Question | undefined> {
	const streams: LogStream[] = [];
	const tests: Test[] = [];
	if (user !== undefined) {
		const ids = await store.users.credentialsOf(user);
		streams.push({ of: "subject", any: ids });
		tests.push(isAbout(ids));
	}
	if (doors !== undefined) {
		const readers = await readersAt(store, (door) => doors.includes(door));
		streams.push({ of: "reader", any: readers });
		tests.push(isAt(readers));
	}
	if (reasons !== undefined) {
		streams.push(reasons.includes(0) ? { of: "kind", any: [EVENTS.decision] } : { of: "denied" });
		tests.push(({ detail, kind }) => kind === EVENTS.decision && reasons.includes(detail & 255));
	}
	if (kinds !== undefined) {
		streams.push({ of: "kind", any: kinds });
		tests.push(({ kind }) => kinds.includes(kind));
	}
	for (const word of words.toLowerCase().split(/\s+/).filter(Boolean).slice(0, MAX_WORDS)) {
		const { stream, test } = await wordIn(store, word);
		streams.push(stream);
		tests.push(test);
	}
	const [best = ALL] = streams.sort((a, b) => rankOf(a) - rankOf(b));
	const rank = rankOf(best);
	return rank === 0 ? undefined : { stream: rank === Number.POSITIVE_INFINITY ? ALL : best, tests };
}

/** How much is to be looked at, roughly: a person has fewer records than there are denials, and a door fewer than a kind. 0: none. */
const RANKS = Object.freeze({ subject: 1, denied: 2, reader: 3, kind: 4, all: Number.POSITIVE_INFINITY });

function rankOf(stream: LogStream): number {
	const count = "any" in stream ? stream.any.length : 1;
	if (count === 0) return 0;
	return count > MAX_STREAMS ? Number.POSITIVE_INFINITY : RANKS[stream.of];
}

/** What a word may mean: a person, a door, or something that a sentence says. */
async function wordIn(store: Store, word: string): Promise<{ stream: LogStream; test: Test }> {
	const names = new Map((await store.doors.list()).map(({ id, name }) => [id, name]));
	const readers = await readersAt(store, (door) =>
		`${door} ${names.get(door) ?? ""}`.toLowerCase().includes(word),
	);
	const subjects = await store.users.credentialsNamed(word);
	if (/^[0-9a-f]{16}$/.test(word)) subjects.push(word);
	const isHere = isAt(readers);
	const isTheirs = isAbout(subjects);
	if (VOCABULARY.includes(word)) {
		const says = inSentence(word);
		return { stream: ALL, test: (glance) => says(glance) || isHere(glance) || isTheirs(glance) };
	}
	if (readers.length === 0) return { stream: { of: "subject", any: subjects }, test: isTheirs };
	if (subjects.length === 0) return { stream: { of: "reader", any: readers }, test: isHere };
	return { stream: ALL, test: (glance) => isHere(glance) || isTheirs(glance) };
}

/** Sentences of one kind and detail are the same but for names and numbers. */
function inSentence(word: string): Test {
	const known = new Map<number, boolean>();
	return ({ detail, kind, subject }) => {
		const key = (kind * 65_536 + detail) * 2 + (subject === null ? 0 : 1);
		let says = known.get(key);
		if (says === undefined) {
			const event = { kind, detail, value: 0, isAbout: subject !== null };
			says = (Object.keys(LANGUAGES) as Language[]).some((language) =>
				sayEvent(event, "", language).toLowerCase().includes(word),
			);
			known.set(key, says);
		}
		return says;
	};
}

function isAt(readers: readonly number[]): Test {
	const all = new Set(readers);
	return ({ reader }) => all.has(reader);
}

function isAbout(credentials: readonly string[]): Test {
	const all = new Set(credentials);
	return ({ subject }) => subject !== null && all.has(toHex(subject));
}

/** All that are or were at such doors. */
async function readersAt(store: Store, isMeant: (door: string) => boolean): Promise<number[]> {
	return (await store.doors.places()).flatMap(({ door, id }) => (isMeant(door) ? id : []));
}

function rowsOf(store: Store, glances: readonly LogGlance[]): Promise<LogRow[]> {
	return store.log.rowsOf(glances.map(({ id }) => id));
}

function placeOf({ at, id }: LogGlance): LogPlace {
	return { at, id };
}
