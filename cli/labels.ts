// SPDX-License-Identifier: Apache-2.0

import { isDeepStrictEqual } from "node:util";
import { type CborMap, type CborValue, isFields } from "../protocol/cbor/value.js";
import { checkConfig } from "../protocol/config/document.js";
import { clockWords, networkWords } from "./clock.js";
import { plain } from "./output.js";
import { unitOf } from "./settings.js";

/** What a person reads: a label and a text. */
export type Row = readonly [label: string, text: string];

/**
 * Rows of the fields that `known` has words for, in its order, then all others by their own names: a newer reader tells more
 * than this `lintel` knows. Where `known` has no words for a value, it is left out.
 */
function rows(
	given: CborMap,
	known: readonly (readonly [string[], string, () => string | undefined])[],
): Row[] {
	const said = new Set(known.flatMap(([fields]) => fields));
	const rest = Object.entries(given).filter(([name]) => !said.has(name));
	return [
		...known.flatMap(([fields, label, words]): Row[] => {
			const text = fields.some((name) => given[name] !== undefined) ? words() : undefined;
			return text === undefined ? [] : [[label, text]];
		}),
		...rest.map(([name, value]): Row => [name, text(value)]),
	];
}

/** Anything that a reader says, also where it is not what was expected. */
export function text(value: unknown): string {
	const shown = plain(value);
	return typeof shown === "string" ? shown : JSON.stringify(shown);
}

/** `info`: what the reader is. */
export function readerRows(info: CborMap): Row[] {
	const { chip, commissioned, damaged, door, firmware, formerSite, hardware, key, name, protocol, site } =
		info;
	const { readerId, trust } = info;
	const [least, greatest] = Array.isArray(protocol) ? protocol : [];
	return rows(info, [
		[["commissioned"], "Commissioned", () => (commissioned === true ? undefined : "no")],
		[["damaged"], "Configuration", () => (damaged === true ? "damaged: reset it by its button" : undefined)],
		[["door"], "Door", () => text(door)],
		[["name"], "Name", () => (name === "" ? undefined : text(name))],
		[["site"], "Site", () => text(site)],
		[
			["formerSite"],
			"Log of",
			() => (formerSite === "" ? "a former site" : `site ${text(formerSite)}, before a reset`),
		],
		[["firmware"], "Firmware", () => `Lintel ${text(firmware)}`],
		[["hardware", "chip"], "Hardware", () => `${text(hardware)}, chip ${text(chip)}`],
		[
			["protocol"],
			"Protocol",
			() => (least === greatest ? text(least) : `${text(least)} to ${text(greatest)}`),
		],
		[["key"], "Reader's key", () => text(key)],
		[["readerId"], "Reader's id", () => text(readerId)],
		[["trust"], "Trust list held", () => heldText(trust)],
	]);
}

/** Of `trust` of `info` what the rows of the list in force do not say. */
function heldText(trust: CborValue | undefined): string | undefined {
	return isFields(trust) && trust.held !== undefined ? `${text(trust.held)}, waits for a plan` : undefined;
}

/** What to say of a clock chip; nothing of one that runs, or is not fitted. */
const CLOCK_CHIPS: Readonly<Record<string, string>> = {
	stopped: "has stopped: change its cell, then `lintel time set`",
	differs:
		"gives another time than the reader had: `lintel time set`; where it comes back, replace the module",
};

/** Why a plan that a reader had is not in force. */
const PLAN_PROBLEMS: Readonly<Record<string, string>> = {
	damaged: "it is damaged",
	lost: "it is gone from the flash",
	"not-ours": "it is another door's",
	"notices-lost": "revocation notices are lost, so that the reader does not know who was revoked",
	"older-than-floor": "it is older than one that was in force",
	untrusted: "the key that signed it is not good any more",
};
/** What to do about it. */
const NEXT_PLAN = "the site's server brings the next plan, or `lintel install-plan`";
const NOTICED_PLAN =
	"the site's server brings a plan that has them all; without one `lintel plan compile --notice`, then `lintel install-plan`";

function planWords(state: CborMap, now: number): string {
	const { credentials, plan, planEpoch, planExpires, planIssued, planProblem } = state;
	const ends = day(Number(planExpires) <= now ? ", ENDED " : ", ends ", planExpires);
	const words =
		plan === 0
			? "none"
			: `version ${planName(planEpoch, plan)}${day(" of ", planIssued)}, ${text(credentials)} credentials${ends}`;
	if (planProblem === undefined || planProblem === "empty") return plan === 0 ? "none yet" : words;
	const why = PLAN_PROBLEMS[text(planProblem)] ?? text(planProblem);
	const next = planProblem === "notices-lost" ? NOTICED_PLAN : NEXT_PLAN;
	return `${words}, NOT IN FORCE: ${why}. The door opens for no phone; ${next}`;
}

/** `state`: how the reader is. `now`: this computer's time, seconds since 1970. */
export function stateRows(state: CborMap, now: number): Row[] {
	const { acknowledged, bluetooth, clockChip, door, events, failedStarts, mode, networkOff, nfc, open } =
		state;
	const { relay, revision, seconds, server, started, waits, wifi } = state;
	const failed = typeof failedStarts === "number" ? `, after ${failedStarts} that came to nothing` : "";
	return rows(state, [
		[["damaged"], "Configuration", () => undefined],
		[["door"], "Door state", () => text(door)],
		[["open"], "Door switch", () => (open === null ? "none" : open === true ? "open" : "closed")],
		[["mode"], "Mode", () => text(mode)],
		[["relay"], "Relay", () => (relay === true ? "on" : "off")],
		[["nfc"], "NFC", () => (nfc === true ? "works" : "does not answer")],
		[
			["bluetooth"],
			"Bluetooth",
			() => (bluetooth === null ? "off" : bluetooth === true ? "works" : "not ready"),
		],
		[["wifi"], "Wi-Fi", () => (wifi === null ? "none" : wifi === true ? "joined" : "not joined")],
		[["server"], "Server", () => serverWords(isFields(server) ? server : null)],
		[["time", "trust", "timeSource", "timeError"], "Clock", () => clockWords(state, now)],
		[["networkOff"], "Time server", () => networkWords(networkOff)],
		[["clockChip"], "Clock chip", () => CLOCK_CHIPS[text(clockChip)]],
		[
			["plan", "planEpoch", "credentials", "planIssued", "planExpires", "planHash", "planProblem"],
			"Access plan",
			() => planWords(state, now),
		],
		[["revision"], "Settings", () => `revision ${text(revision)}`],
		[
			["events", "acknowledged"],
			"Log",
			() => `${text(events)} events, ${text(acknowledged)} acknowledged by the site`,
		],
		[["started", "failedStarts"], "Last start", () => `${text(started)}${failed}`],
		[["waits", "seconds"], "Held back", () => `${text(waits)}, for ${text(seconds)} s more`],
	]);
}

/** The broker of a site's server, of which a reader shows no more. */
export function serverWords(server: CborMap | null): string {
	if (server === null) return "none";
	const host = text(server.host);
	return `${host.includes(":") ? `[${host}]` : host}:${text(server.port)}`;
}

/** The same as a row, of a reader that has one. */
export function serverRows({ server }: CborMap): Row[] {
	return isFields(server) ? [["Server", serverWords(server)]] : [];
}

/** A plan's version, with its epoch where the site has had more than one. */
export function planName(epoch: unknown, version: unknown): string {
	return typeof epoch === "number" && epoch > 1 ? `${text(version)} of epoch ${epoch}` : text(version);
}

/** The day of a moment, seconds since 1970; nothing of none. */
function day(before: string, seconds: unknown): string {
	if (typeof seconds !== "number" || seconds === 0) return "";
	const date = new Date(seconds * 1000);
	return Number.isNaN(date.getTime()) ? "" : before + date.toISOString().slice(0, 10);
}

/** The configuration, setting by setting, with what those that were changed are by default. */
export function configurationRows(configuration: CborValue | undefined): Row[] {
	if (!isFields(configuration)) return [["Configuration", "none"]];
	const initial = checkConfig({ id: configuration.id });
	return settings(configuration, "", "config" in initial ? initial.config : {});
}

function settings(given: CborMap, prefix: string, initial: CborMap): Row[] {
	// In the order of the documentation, then what only a newer reader has.
	const names = new Set([...Object.keys(initial).filter((name) => name in given), ...Object.keys(given)]);
	return [...names]
		.map((name) => [name, given[name]!] as const)
		.flatMap(([name, value]): Row[] => {
			const field = prefix + name;
			const usual = initial[name];
			if (isFields(value)) return settings(value, `${field}.`, isFields(usual) ? usual : {});
			const unit = typeof value === "number" ? ` ${unitOf(field)}` : "";
			const told = usual === undefined || usual === "" || isDeepStrictEqual(usual, value);
			return [[field, `${text(value)}${unit}${told ? "" : ` (usually ${text(usual)}${unit})`}`.trimEnd()]];
		});
}

/** In two columns. */
export function columns(list: readonly Row[]): string[] {
	const width = Math.max(0, ...list.map(([label]) => label.length));
	return list.map(([label, shown]) => `${label.padEnd(width)}  ${shown}`);
}
