// SPDX-License-Identifier: Apache-2.0

import { utf8Decode, utf8Encode } from "../bytes.js";
import { isDoorId } from "../credential/names.js";
import { checkDoorConfig, type DoorConfig } from "./door.js";
import { DEFAULT_PROXIMITY, PROXIMITY_FIELDS, type ProximityConfig } from "./proximity.js";
import { SCANNER_FIELDS, SCANNERS, type ScannerConfig } from "./scanner.js";

/** The configuration of a reader, as an installer writes it: valid as a whole, or refused as a whole. */
export type ReaderConfig = {
	/** The door's identifier, by which plans and the reader's credential name it. */
	readonly id: string;
	/** For people. */
	readonly name: string;
	/** When a phone may open over Bluetooth: held near, with a tap in its app, either, both, or never. */
	readonly bluetooth: Bluetooth;
	/** The threshold from which a phone is near. */
	readonly proximity: ProximityConfig;
	/** The time server that a reader asks when it is in a network: a name or an address; empty: none. */
	readonly timeServer: string;
	/** Absent where there is no scanner: a reader without one keeps nothing of it in memory. */
	readonly scanner?: ScannerConfig;
	readonly door: DoorConfig;
};

export const BLUETOOTH = Object.freeze(["near", "tap", "near-or-tap", "near-and-tap", "off"] as const);
export type Bluetooth = (typeof BLUETOOTH)[number];
/** Bytes of UTF-8. */
export const MAX_DISPLAY_NAME = 48;

/** Cloudflare's, which it offers to everyone; a site with a time server of its own names that. */
export const DEFAULT_TIME_SERVER = "time.cloudflare.com";
export const MAX_HOST = 64;

export interface ConfigProblem {
	/** With dots: `door.strikeTime`; empty for the whole. */
	readonly field: string;
	readonly reason: string;
	/** For a person: what would be right. */
	readonly message: string;
}

/** Checks a whole document: the configuration with its defaults, frozen, or every problem. `$schema` is for editors and ignored. */
export function checkConfig(value: unknown): { config: ReaderConfig } | { problems: ConfigProblem[] } {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		return { problems: [{ field: "", reason: "not-an-object", message: "must be an object" }] };
	const given = value as Record<string, unknown>;
	const problems: ConfigProblem[] = [];
	const problem = (field: string, reason: string, message: string): void => {
		problems.push({ field, reason, message });
	};
	for (const field of Object.keys(given))
		if (!["$schema", "id", "name", "bluetooth", "proximity", "timeServer", "scanner", "door"].includes(field))
			problem(field, "unknown-field", "is not a setting of a reader");
	const { id, name = "", bluetooth = "near", proximity: nearness = {}, door: wiring = {} } = given;
	const { timeServer = DEFAULT_TIME_SERVER, scanner: reads = {} } = given;
	if (!isDoorId(id))
		problem("id", "not-an-identifier", "must be 1 to 8 letters, digits, dots, hyphens or underscores");
	if (typeof name !== "string" || !isName(name))
		problem("name", "too-long", `must be text of at most ${MAX_DISPLAY_NAME} bytes`);
	if (!(BLUETOOTH as readonly unknown[]).includes(bluetooth))
		problem("bluetooth", "not-a-choice", `must be one of ${BLUETOOTH.join(", ")}`);
	if (typeof timeServer !== "string" || !isHost(timeServer))
		problem("timeServer", "not-a-host", "must be the name or address of a time server, or empty for none");
	const proximity = checkProximity(nearness, problem);
	const scanner = checkScanner(reads, problem);
	const door = checkDoorConfig(wiring);
	if ("problems" in door)
		for (const { field, reason, message } of door.problems)
			problem(field === "" ? "door" : `door.${field}`, reason, message);
	if (problems.length > 0 || "problems" in door) return { problems };
	return {
		config: Object.freeze({
			id: id as string,
			name: name as string,
			bluetooth: bluetooth as Bluetooth,
			proximity,
			timeServer: timeServer as string,
			...(scanner && { scanner }),
			door: door.config,
		}),
	};
}

/** Letters, digits, dots, hyphens and colons; or nothing. */
export function isHost(host: string): boolean {
	return host.length <= MAX_HOST && /^[A-Za-z0-9.:-]*$/.test(host);
}

/** Refuses lone surrogates: UTF-8 cannot hold one, so it would come back from flash as another character. */
function isName(name: string): boolean {
	const bytes = utf8Encode(name);
	return bytes.length <= MAX_DISPLAY_NAME && utf8Decode(bytes) === name;
}

function checkProximity(
	value: unknown,
	problem: (field: string, reason: string, message: string) => void,
): ProximityConfig {
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		problem("proximity", "not-an-object", "must be an object");
		return DEFAULT_PROXIMITY;
	}
	const given = value as Record<string, unknown>;
	for (const field of Object.keys(given))
		if (!Object.keys(PROXIMITY_FIELDS).includes(field))
			problem(`proximity.${field}`, "unknown-field", "is not a setting of nearness");
	const whole = (field: keyof ProximityConfig): number => {
		const { default: initial, min, max, unit } = PROXIMITY_FIELDS[field];
		const { [field]: setting = initial } = given;
		if (!Number.isInteger(setting) || (setting as number) < min || (setting as number) > max)
			problem(`proximity.${field}`, "out-of-range", `must be a whole number from ${min} to ${max}, ${unit}`);
		return setting as number;
	};
	return Object.freeze({ near: whole("near"), hysteresis: whole("hysteresis") });
}

/** `undefined` where there is none, and where its settings are not valid. */
function checkScanner(
	value: unknown,
	problem: (field: string, reason: string, message: string) => void,
): ScannerConfig | undefined {
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		problem("scanner", "not-an-object", "must be an object");
		return undefined;
	}
	const given = value as Record<string, unknown>;
	for (const field of Object.keys(given))
		if (!Object.hasOwn(SCANNER_FIELDS, field))
			problem(`scanner.${field}`, "unknown-field", "is not a setting of a scanner");
	const { model = SCANNER_FIELDS.model.default, baud = SCANNER_FIELDS.baud.default } = given;
	const known = SCANNERS.find((one) => one === model);
	if (known === undefined) problem("scanner.model", "not-a-choice", `must be one of ${SCANNERS.join(", ")}`);
	const rates: readonly unknown[] = SCANNER_FIELDS.baud.choices;
	if (!rates.includes(baud)) problem("scanner.baud", "not-a-choice", `must be one of ${rates.join(", ")}`);
	if (known === undefined || known === "none") return undefined;
	return Object.freeze({ model: known, baud: baud as number });
}
