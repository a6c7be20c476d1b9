// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../protocol/bytes.js";
import { CborError, type CborLimits } from "../../protocol/cbor/reader.js";
import {
	type CborMap,
	type CborValue,
	decodeValue,
	isFields,
	writeValue,
} from "../../protocol/cbor/value.js";
import { CborWriter } from "../../protocol/cbor/writer.js";
import { checkConfig, type ReaderConfig } from "../../protocol/config/document.js";
import { removedIn, withoutRemoved } from "../../protocol/config/door.js";
import { checkServer, type ServerSettings } from "../../protocol/config/server.js";
import { isDoorId } from "../../protocol/credential/names.js";
import { decodeList, LIST_HASH, NO_TRUST, type TrustList } from "../../protocol/trust/list.js";

/** What makes the reader a member of its site: set in commissioning, erased only by a factory reset. */
export interface Membership {
	readonly trust: TrustList;
	/** The list that is in force instead where the newest slot of the plan verifies under it: the two came as one change. */
	readonly next?: TrustList | undefined;
	/** `listHash` of the site's first list. */
	readonly anchor: Uint8Array;
	readonly door: string;
	/** CWTs by the site, one a key of the reader. */
	readonly credentials: readonly Uint8Array[];
}

export interface Wifi {
	readonly ssid: string;
	readonly password: string;
}

/** Data partitions that the next start erases; `all`: plan and log. */
export type Wiped = "plan" | "all";

/** Of a reader's keys: the seed of Ed25519 and the scalar of P-256. */
export type Seeds = readonly [Uint8Array, Uint8Array];

/** All that the record holds. */
export interface State {
	readonly config?: ReaderConfig | undefined;
	/** Of a reader that has a site. */
	readonly seeds?: Seeds | undefined;
	readonly membership?: Membership | undefined;
	readonly wifi?: Wifi | undefined;
	/** A network that the site has set, and that counts once it has brought a session. */
	readonly trial?: Wifi | undefined;
	/** Number of the signed configuration that was taken last. */
	readonly configurationNumber?: number | undefined;
	/** Of a reader that speaks with its site. */
	readonly server?: ServerSettings | undefined;
	/** The list of the site before a reset: the log that stays is for it alone. `NO_TRUST` where nothing says which it was. */
	readonly former?: TrustList | undefined;
	readonly wipe?: Wiped | undefined;
	/** Names of stored settings of a former version that no longer count. */
	readonly dropped?: readonly string[];
}

/** Two lists, and the rest twice. */
const LIMITS: CborLimits = Object.freeze({ maxLength: 8192, maxDepth: 6 });
/** Bytes of all but the lists, as a rule; the buffer grows where it is more. */
const REST = 1152;
export const NOTHING: readonly string[] = Object.freeze([]);

/** Behind `room` bytes, in one buffer of its size: a second copy of two lists is more than the memory that a device has left. */
export function encodeState(state: State, room: number): Uint8Array {
	const { config, configurationNumber, former, membership, seeds, server, trial, wifi, wipe } = state;
	const lists = [membership?.trust, membership?.next, former];
	const size = lists.reduce((sum, list) => sum + (list?.payload.length ?? 0), room + REST);
	const writer = new CborWriter(size).reset(room);
	writeValue(writer, {
		format: 2,
		config,
		number: configurationNumber,
		former: former?.payload,
		wipe,
		seeds,
		wifi: wifi && { ssid: wifi.ssid, password: wifi.password },
		trial: trial && { ssid: trial.ssid, password: trial.password },
		server,
		member: membership && {
			list: membership.trust.payload,
			next: membership.next?.payload,
			anchor: membership.anchor,
			door: membership.door,
			credentials: membership.credentials,
		},
	});
	return writer.view();
}

/** `undefined` for bytes that no version of this firmware has written. */
export function decodeState(bytes: Uint8Array): State | undefined {
	let value: CborValue;
	try {
		value = decodeValue(bytes, LIMITS);
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
	if (!isFields(value) || value.format !== 2) return undefined;
	const { config: stored } = value;
	const checked = stored === undefined ? undefined : checkConfig(ofThisVersion(stored));
	if (checked !== undefined && "problems" in checked) return undefined;
	const { former: before, number, seeds, server, trial, wifi, wipe } = value;
	if (number !== undefined && (typeof number !== "number" || number < 1)) return undefined;
	if (wipe !== undefined && wipe !== "plan" && wipe !== "all") return undefined;
	const former = before === undefined ? undefined : readFormer(before);
	if (before !== undefined && former === undefined) return undefined;
	if (seeds !== undefined && !areSeeds(seeds)) return undefined;
	if (wifi !== undefined && !isWifi(wifi)) return undefined;
	if (trial !== undefined && !isWifi(trial)) return undefined;
	const found = server === undefined ? undefined : checkServer(server);
	if (found !== undefined && "problems" in found) return undefined;
	const membership = value.member === undefined ? undefined : readMembership(value.member);
	if (value.member !== undefined && membership === undefined) return undefined;
	// A member proves itself by its keys and has a configuration from the first moment.
	if (membership !== undefined && (seeds === undefined || checked === undefined)) return undefined;
	const dropped = isFields(stored) && isFields(stored.door) ? removedIn(stored.door) : NOTHING;
	return {
		config: checked?.config,
		configurationNumber: number,
		former,
		seeds,
		wifi,
		trial,
		server: found?.server,
		wipe,
		membership,
		dropped,
	};
}

/**
 * A configuration that a former version stored, as far as this version knows it. A setting that is gone may not cost the
 * door its configuration: the reader goes on without it.
 */
function ofThisVersion(config: CborValue): unknown {
	return isFields(config) && isFields(config.door)
		? { ...config, door: withoutRemoved(config.door) }
		: config;
}

function areSeeds(value: CborValue): value is [Uint8Array, Uint8Array] {
	return (
		Array.isArray(value) &&
		value.length === 2 &&
		value.every((seed) => seed instanceof Uint8Array && seed.length === 32)
	);
}

function isWifi(value: CborValue): value is CborMap & { ssid: string; password: string } {
	return isFields(value) && typeof value.ssid === "string" && typeof value.password === "string";
}

function readMembership(value: CborValue): Membership | undefined {
	if (!isFields(value) || !(value.list instanceof Uint8Array)) return undefined;
	const { anchor, next: kept } = value;
	if (!(anchor instanceof Uint8Array) || anchor.length !== LIST_HASH) return undefined;
	const trust = decodeList(value.list);
	const next = kept instanceof Uint8Array ? decodeList(kept) : undefined;
	if ((kept === undefined) !== (next === undefined)) return undefined;
	const rest = readDoor(value);
	return trust && rest && { trust, next, anchor, ...rest };
}

/** The door of a membership from outside; its form is checked, its signatures are not. */
export function readDoor(value: CborValue): Pick<Membership, "door" | "credentials"> | undefined {
	if (!isFields(value)) return undefined;
	const { door, credentials } = value;
	if (!isDoorId(door) || !Array.isArray(credentials)) return undefined;
	if (credentials.length < 1 || credentials.length > 2) return undefined;
	if (!credentials.every((cwt) => cwt instanceof Uint8Array && cwt.length <= 256)) return undefined;
	return { door, credentials: credentials as readonly Uint8Array[] };
}

/** Of a reader that was damaged when it was reset it is none. */
function readFormer(value: CborValue): TrustList | undefined {
	if (!(value instanceof Uint8Array)) return undefined;
	return decodeList(value) ?? (equal(value, NO_TRUST.payload) ? NO_TRUST : undefined);
}
