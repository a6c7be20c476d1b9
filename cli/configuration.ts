// SPDX-License-Identifier: Apache-2.0

import type { CborMap } from "../protocol/cbor/value.js";
import { checkConfig, type ReaderConfig } from "../protocol/config/document.js";
import { Failure } from "../site/lib/files/failure.js";
import { readJson } from "../site/lib/files/json-file.js";
import { foreignSettings } from "../site/lib/provisioning/version-skew.js";
import { nearest } from "./arguments.js";
import { doorSchema } from "./door-schema.js";
import { fieldLines, hint } from "./output.js";

/** A door's file, checked as the reader will check it, its defaults filled in. */
export function readConfiguration(path: string): ReaderConfig {
	const value = readJson(path, "the configuration");
	const other = "seed" in value ? "a key" : "users" in value ? "an access plan" : undefined;
	if (other !== undefined)
		throw new Failure(
			"input",
			"other-file",
			`${path} is ${other}, and a door's configuration is needed`,
			"Give the file with the door's `id`; examples/ has some.",
		);
	const checked = checkConfig(value);
	if ("config" in checked) return checked.config;
	const problems = checked.problems.map(({ field, reason, message }) => {
		const meant = reason === "unknown-field" ? nearest(field, settings()) : undefined;
		return `${field || "the file"} ${message}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
	});
	throw new Failure(
		"input",
		"invalid-configuration",
		`${path}: ${problems.join("; ")}`,
		"Correct the file; nothing was changed. schema/door.schema.json has all settings.",
	);
}

/** Every setting there is, with dots. */
function settings(): string[] {
	const { properties } = doorSchema() as {
		properties: Record<string, { properties?: Record<string, unknown> }>;
	};
	return Object.entries(properties).flatMap(([name, inner]) => [
		name,
		...Object.keys(inner.properties ?? {}).map((setting) => `${name}.${setting}`),
	]);
}

/** Says which settings of `now` this lintel does not know. */
export function tellForeign(wanted: ReaderConfig, now: CborMap | null): void {
	const names = foreignSettings(wanted, now);
	if (names.length > 0)
		hint(
			`the reader is newer than this lintel; its ${names.join(", ")} stays as it is: update lintel to set it`,
		);
}

export interface Difference {
	readonly field: string;
	/** `undefined`: not there. */
	readonly from: string | undefined;
	readonly to: string | undefined;
}

/** What would change, field by field. */
export function differences(from: unknown, to: unknown): Difference[] {
	const before = table(from);
	const after = table(to);
	return [...new Set([...before.keys(), ...after.keys()])]
		.filter((field) => before.get(field) !== after.get(field))
		.map((field) => ({ field, from: before.get(field), to: after.get(field) }));
}

export function differenceLines(list: readonly Difference[]): string[] {
	return list.map(({ field, from, to }) => `${field}: ${from ?? "(none)"} -> ${to ?? "(none)"}`);
}

function table(value: unknown): Map<string, string> {
	if (value === null || value === undefined) return new Map();
	return new Map(
		fieldLines(value).map((line) => {
			const at = line.indexOf(": ");
			return [line.slice(0, at), line.slice(at + 2)] as const;
		}),
	);
}
