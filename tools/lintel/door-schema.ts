import { BLUETOOTH, MAX_DISPLAY_NAME } from "../../src/config/document.js";
import { DEFAULT_DOOR, DOOR_FIELDS, type DoorConfig } from "../../src/door/config.js";
import { DEFAULT_PROXIMITY, PROXIMITY_FIELDS, type ProximityConfig } from "../../src/link/proximity.js";

/** The JSON Schema (draft-07) of a door's file, from the tables by which the reader checks it. */
export function doorSchema(): object {
	const properties = Object.fromEntries(
		Object.entries(DOOR_FIELDS).map(([name, allowed]) => {
			const initial = DEFAULT_DOOR[name as keyof DoorConfig];
			return [
				name,
				typeof allowed[0] === "string"
					? { enum: [...allowed], default: initial }
					: { type: "integer", minimum: allowed[0], maximum: allowed[1], default: initial },
			];
		}),
	);
	const proximity = Object.fromEntries(
		Object.entries(PROXIMITY_FIELDS).map(([name, [minimum, maximum]]) => [
			name,
			{ type: "integer", minimum, maximum, default: DEFAULT_PROXIMITY[name as keyof ProximityConfig] },
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
			id: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,7}$" },
			name: { type: "string", maxLength: MAX_DISPLAY_NAME, default: "" },
			bluetooth: { enum: [...BLUETOOTH], default: "near" },
			proximity: { type: "object", additionalProperties: false, properties: proximity },
			door: { type: "object", additionalProperties: false, properties },
		},
	};
}
