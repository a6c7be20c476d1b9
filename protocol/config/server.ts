// SPDX-License-Identifier: Apache-2.0

import { type ConfigProblem, isHost, MAX_HOST } from "./document.js";

/**
 * Where a reader finds its site: the broker, and how it signs in there. Its user name and client id follow from site and door
 * (`clientOf`). A broker is believed in nothing, so the password is worth one door's service and opens none.
 */
export type ServerSettings = {
	/** Name or address of the broker. */
	readonly host: string;
	readonly port: number;
	readonly password: string;
	/** The first connection after a start waits a random time up to this, seconds, so that not all doors come at once. */
	readonly spread: number;
};

/** Of MQTT without TLS, as IANA has it. */
export const DEFAULT_MQTT_PORT = 1883;
/** Printable ASCII. */
export const MAX_SERVER_PASSWORD = 64;
export const MAX_SPREAD = 600;
export const DEFAULT_SPREAD = 60;

const FIELDS: readonly string[] = Object.freeze(["host", "port", "password", "spread"]);

/** Checks settings from outside: the whole with its defaults, frozen, or every problem; none of them repeats a password. */
export function checkServer(value: unknown): { server: ServerSettings } | { problems: ConfigProblem[] } {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		return { problems: [{ field: "", reason: "not-an-object", message: "must be an object" }] };
	const given = value as Record<string, unknown>;
	const problems: ConfigProblem[] = [];
	const problem = (field: string, reason: string, message: string): void => {
		problems.push({ field, reason, message });
	};
	for (const field of Object.keys(given))
		if (!FIELDS.includes(field)) problem(field, "unknown-field", "is not a setting of a server");
	const { host, port = DEFAULT_MQTT_PORT, password, spread = DEFAULT_SPREAD } = given;
	if (typeof host !== "string" || host === "" || !isHost(host))
		problem("host", "not-a-host", `must be a name or address of at most ${MAX_HOST} characters`);
	if (!isWhole(port, 1, 65_535)) problem("port", "out-of-range", "must be a whole number from 1 to 65535");
	if (!isPassword(password))
		problem("password", "not-a-password", `must be 1 to ${MAX_SERVER_PASSWORD} printable ASCII characters`);
	if (!isWhole(spread, 0, MAX_SPREAD))
		problem("spread", "out-of-range", `must be a whole number of seconds from 0 to ${MAX_SPREAD}`);
	if (problems.length > 0) return { problems };
	return { server: Object.freeze({ host, port, password, spread } as ServerSettings) };
}

function isWhole(value: unknown, min: number, max: number): boolean {
	return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isPassword(value: unknown): boolean {
	return typeof value === "string" && value.length <= MAX_SERVER_PASSWORD && /^[ -~]+$/.test(value);
}
