// SPDX-License-Identifier: Apache-2.0

/**
 * How a reader is made known to its site's server: two routes of the server's API, in words that both ends share.
 *
 * `GET /api/doors/{door}/registration` says which reader is registered for a door, and what a reader of that door has to be told of its
 * broker (`DoorRegistration`); it changes nothing. `POST /api/doors` registers one (`Registration` -> `Registered`), and the door with it
 * where the site has none of that name. The same again changes nothing. Where another reader is registered it is refused, 409
 * "other-reader", unless `replaces` is that one's key: the former reader's log stays, and it gets no session any more. Both are an
 * administrator's.
 */

import { checkServer, type ServerSettings } from "../../protocol/config/server.js";

/** The reader of a door, as the server knows it. */
export interface RegisteredReader {
	/** Its Ed25519 key, in hexadecimal. */
	readonly key: string;
	/** The id of its credential, by which the site revokes it; in hexadecimal. */
	readonly readerId: string;
	/** Seconds since 1970. */
	readonly since: number;
	/** Serial of the newest record of its log that the server has; 0: none. */
	readonly events: number;
}

export interface DoorRegistration {
	readonly reader: RegisteredReader | null;
	readonly server: ServerSettings;
}

export interface Registration extends Pick<RegisteredReader, "key" | "readerId"> {
	readonly door: string;
	/** For people; of a door that the site has already it changes nothing. */
	readonly name: string;
	/** The key of the reader whose place it takes. */
	readonly replaces?: string;
}

export interface Registered {
	readonly registered: (typeof OUTCOMES)[number];
	readonly server: ServerSettings;
}

const OUTCOMES = ["new", "same", "replaced"] as const;
const KEY_BYTES = 32;
const ID_BYTES = 8;

/** What a server answers, which need not be one; `undefined` where it is anything else. */
export function readDoorRegistration(value: unknown): DoorRegistration | undefined {
	const { reader, server } = fieldsOf(value);
	const settings = settingsOf(server);
	if (settings === undefined) return undefined;
	if (reader === null) return { reader, server: settings };
	const { events, key, readerId, since } = fieldsOf(reader);
	if (!isHex(key, KEY_BYTES) || !isHex(readerId, ID_BYTES) || !isCount(since) || !isCount(events))
		return undefined;
	return { reader: { key, readerId, since, events }, server: settings };
}

export function readRegistered(value: unknown): Registered | undefined {
	const { registered, server } = fieldsOf(value);
	const settings = settingsOf(server);
	const outcome = OUTCOMES.find((known) => known === registered);
	return settings && outcome && { registered: outcome, server: settings };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function settingsOf(value: unknown): ServerSettings | undefined {
	const checked = checkServer(value);
	return "server" in checked ? checked.server : undefined;
}

function isHex(value: unknown, bytes: number): value is string {
	return typeof value === "string" && value.length === 2 * bytes && /^[0-9a-f]+$/.test(value);
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 33;
}
