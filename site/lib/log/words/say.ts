// SPDX-License-Identifier: Apache-2.0

import {
	CAUSES,
	COMMANDS,
	CONFIGURATION_CHANGES,
	commandOf,
	type EventName,
	eventName,
	INPUT_FAULTS,
	INPUTS,
	ORIGINS,
	OUTCOMES,
	PARTS,
	READER_COMMANDS,
	RESTARTS,
	SYNC_ENDS,
	TIME_SOURCES,
	wasDone,
} from "../../../../protocol/events.js";
import { KEPT } from "../../../../protocol/log/kept.js";
import { type Reason, reasonOf } from "../../../../protocol/reasons.js";
import { DE } from "./de.js";
import { EN } from "./en.js";
import type { Phrases } from "./phrases.js";

/** Events in words for people, by language: pages, the search for words and CSV have these alone. */
export const LANGUAGES = Object.freeze({ en: EN, de: DE });
export type Language = keyof typeof LANGUAGES;

/** What of a record its sentence needs. */
export interface Sayable {
	readonly kind: number;
	readonly detail: number;
	readonly value: number;
	/** Whether it is about a credential, or a command by somebody. */
	readonly isAbout: boolean;
}

/** An event in one sentence, without its door. `who`: the person's name, or who commanded. */
export function sayEvent(event: Sayable, who: string | undefined, language: Language): string {
	const phrases = LANGUAGES[language];
	const name = eventName(event.kind & ~KEPT);
	if (name === undefined) return fill(phrases.unknown, { value: String(event.kind) });
	const { text, cause } = partsOf(name, event, phrases);
	return fill(text, {
		who: who ?? nobody(name, event, phrases),
		cause: cause ?? "",
		value: String(event.value),
		count: String(name === "revocation" ? event.detail : event.value),
		reason: reasonIn(event.detail, phrases),
	});
}

function reasonIn(detail: number, { reasons }: Phrases): string {
	const reason = reasonOf(detail & 255);
	return reason === undefined ? String(detail & 255) : reasons[reason].short;
}

export function sayReason(reason: Reason, language: Language): { short: string; advice: string } {
	return LANGUAGES[language].reasons[reason];
}

interface Parts {
	readonly text: string;
	readonly cause?: string;
}

function partsOf(name: EventName, event: Sayable, phrases: Phrases): Parts {
	const { detail } = event;
	const { events, others } = phrases;
	const text = events[name];
	switch (name) {
		case "decision":
			return { text: (detail & 255) === 0 ? text : others.denied };
		case "sync":
			return (detail & 255) === 1
				? { text }
				: { text: others["sync-ended"], cause: named(SYNC_ENDS, phrases.ends, detail >> 8) };
		case "plan":
			return { text: detail === 0 ? text : others["plan-refused"] };
		case "service":
			return { text: detail === 1 ? text : others["service-refused"] };
		case "health":
			return {
				text: (detail & 255) === 0 ? text : others["part-failed"],
				cause: named(PARTS, phrases.parts, detail >> 8),
			};
		case "exit":
			return { text: detail === 1 ? others["exit-ignored"] : text };
		case "command":
			return commandIn(event, phrases);
		case "repeated":
			return { text, cause: repeatedIn(detail, phrases) };
		default:
			return { text, cause: causeIn(name, detail, phrases) };
	}
}

function causeIn(name: EventName, detail: number, phrases: Phrases): string {
	switch (name) {
		case "restart":
			return named(RESTARTS, phrases.restarts, detail & 255);
		case "clock-set":
			return named(TIME_SOURCES, phrases.sources, detail >> 8);
		case "configuration":
			return named(CONFIGURATION_CHANGES, phrases.changes, detail);
		case "outcome":
			return named(OUTCOMES, phrases.outcomes, detail);
		case "input-fault":
			return `${named(INPUTS, phrases.inputs, detail >> 8)}, ${named(INPUT_FAULTS, phrases.faults, detail & 255)}`;
		case "input-restored":
			return named(INPUTS, phrases.inputs, detail >> 8);
		default:
			return named(CAUSES, phrases.causes, detail);
	}
}

function commandIn({ detail, value }: Sayable, { commands, events, others }: Phrases): Parts {
	const seconds = value >>> 8;
	const what = named({ ...COMMANDS, ...READER_COMMANDS }, commands, commandOf(detail));
	return {
		text: wasDone(value) ? events.command : others["command-refused"],
		cause: seconds > 0 ? `${what} (${seconds} s)` : what,
	};
}

/** Without names and causes, which the count does not have. */
function repeatedIn(detail: number, phrases: Phrases): string {
	const reason = detail >> 8;
	if (reason !== 0) return reasonIn(reason, phrases);
	const kind = eventName(detail & 255);
	return kind === undefined ? String(detail & 255) : phrases.events[kind].replace(/ ?\(?\{\w+\}\)?/g, "");
}

/** Who it was where no name is known. */
function nobody(name: EventName, { detail, isAbout }: Sayable, phrases: Phrases): string {
	if (name === "command") return detail >> 8 === ORIGINS.cable ? phrases.installer : phrases.administrator;
	return isAbout ? phrases.somebody : phrases.stranger;
}

function named<T extends Readonly<Record<string, number>>>(
	table: T,
	words: Readonly<Record<keyof T, string>>,
	code: number,
): string {
	for (const name in table) if (table[name] === code) return words[name];
	return String(code);
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
	return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** All that sentences are made of, in all languages, in lower case: a word that is not in it is in no sentence but by a name. */
export const VOCABULARY: string = texts(LANGUAGES).join(" ").toLowerCase();

function texts(value: unknown): string[] {
	if (typeof value === "string") return [value];
	return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}
