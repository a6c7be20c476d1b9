// SPDX-License-Identifier: Apache-2.0

import { BLUETOOTH, DEFAULT_TIME_SERVER, MAX_DISPLAY_NAME, MAX_HOST } from "../protocol/config/document.js";
import { DOOR_FIELDS, type DoorField } from "../protocol/config/door.js";
import { PROXIMITY_FIELDS, type ProximityConfig } from "../protocol/config/proximity.js";
import { SCANNER_FIELDS } from "../protocol/config/scanner.js";
import { DOOR_ID } from "../protocol/credential/names.js";
import { DOOR_SETTINGS, PROXIMITY_SETTINGS, READER_SETTINGS, SCANNER_SETTINGS } from "./settings.js";

/** Descriptions of numbers end in their unit. */
const SECONDS = "Seconds.";

/** The JSON Schema (draft-07) of a door's file, from the tables by which the reader checks it. */
export function doorSchema(): object {
	const properties = Object.fromEntries(
		Object.entries(DOOR_FIELDS).map(([name, allowed]) => {
			const description = DOOR_SETTINGS[name as DoorField];
			return [
				name,
				"choices" in allowed
					? { description, enum: [...allowed.choices], default: allowed.default }
					: {
							description: `${description} ${SECONDS}`,
							type: "integer",
							minimum: allowed.min,
							maximum: allowed.max,
							default: allowed.default,
						},
			];
		}),
	);
	const proximity = Object.fromEntries(
		Object.entries(PROXIMITY_FIELDS).map(([name, { default: initial, min, max }]) => [
			name,
			{
				description: PROXIMITY_SETTINGS[name as keyof ProximityConfig],
				type: "integer",
				minimum: min,
				maximum: max,
				default: initial,
			},
		]),
	);
	return {
		$schema: "http://json-schema.org/draft-07/schema#",
		title: "Configuration of a Lintel door reader",
		type: "object",
		additionalProperties: false,
		required: ["id"],
		properties: {
			$schema: { type: "string" },
			id: { description: READER_SETTINGS.id, type: "string", pattern: DOOR_ID },
			name: { description: READER_SETTINGS.name, type: "string", maxLength: MAX_DISPLAY_NAME, default: "" },
			bluetooth: { description: READER_SETTINGS.bluetooth, enum: [...BLUETOOTH], default: "near" },
			proximity: {
				description: READER_SETTINGS.proximity,
				type: "object",
				additionalProperties: false,
				properties: proximity,
			},
			timeServer: {
				description: READER_SETTINGS.timeServer,
				type: "string",
				maxLength: MAX_HOST,
				pattern: "^[A-Za-z0-9.:-]*$",
				default: DEFAULT_TIME_SERVER,
			},
			scanner: {
				description: READER_SETTINGS.scanner,
				type: "object",
				additionalProperties: false,
				properties: scannerProperties(),
			},
			door: {
				description: READER_SETTINGS.door,
				type: "object",
				additionalProperties: false,
				properties,
			},
		},
	};
}

function scannerProperties(): object {
	return Object.fromEntries(
		Object.entries(SCANNER_FIELDS).map(([name, { default: initial, choices }]) => [
			name,
			{
				description: SCANNER_SETTINGS[name as keyof typeof SCANNER_FIELDS],
				enum: [...choices],
				default: initial,
			},
		]),
	);
}
