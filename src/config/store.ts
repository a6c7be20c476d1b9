// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal } from "../../protocol/bytes.js";
import { CborError } from "../../protocol/cbor/reader.js";
import {
	type CborMap,
	type CborValue,
	decodeValue,
	encodeValue,
	isFields,
} from "../../protocol/cbor/value.js";
import { checkConfig, type ReaderConfig } from "../../protocol/config/document.js";
import { DEFAULT_DOOR, type DoorConfig, removedIn, withoutRemoved } from "../../protocol/config/door.js";
import { EDDSA, ES256, type PublicKey } from "../../protocol/credential/cose.js";
import { isDoorId } from "../../protocol/credential/names.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import { decodeList, NO_TRUST, type TrustList, type TrustSource } from "../../protocol/trust/list.js";
import { AtomicRecord } from "./record.js";
import type { SealedState } from "./sealed-state.js";

/** One key pair of the reader; the secret never leaves the reader. */
export interface ReaderKey extends PublicKey {
	/** In the form that `Crypto` signs with. */
	readonly secretKey: Uint8Array;
}

/** What makes the reader a member of its site: set in commissioning, erased only by a factory reset. */
export interface Membership {
	readonly trust: TrustList;
	readonly door: string;
	/** CWTs by the site, one a key of the reader. */
	readonly credentials: readonly Uint8Array[];
}

export interface Wifi {
	readonly ssid: string;
	readonly password: string;
}

/** Data partitions that the next start erases. */
export type Wiped = "plan" | "log";

interface State {
	readonly config?: ReaderConfig | undefined;
	/** Ed25519 seed and P-256 scalar. */
	readonly seeds?: readonly [Uint8Array, Uint8Array] | undefined;
	readonly membership?: Membership | undefined;
	readonly wifi?: Wifi | undefined;
	/** The list of the site before a reset: the log that stays is for it alone. `NO_TRUST` where nothing says which it was. */
	readonly former?: TrustList | undefined;
	readonly wipe?: Wiped | undefined;
	/** Names of stored settings of a former version that no longer count. */
	readonly dropped?: readonly string[];
}

const NOTHING: readonly string[] = Object.freeze([]);

/** A store that cannot be read refuses every change but `reset`. */
export class ConfigDamaged extends Error {
	override readonly name = "ConfigDamaged";
	readonly reason = "config-damaged";

	constructor() {
		super("what this reader kept about itself cannot be read; only a reset helps");
	}
}

/**
 * What a reader stores about itself, in one atomic record: its configuration, its keys, its site's trust anchor.
 */
export class ConfigStore implements TrustSource {
	private readonly record: AtomicRecord;
	private readonly crypto: Crypto;
	private readonly random: Random;
	private readonly sealed: SealedState;
	private state: State = {};
	#formerDoor: DoorConfig | undefined;
	#keys: readonly ReaderKey[] | undefined;
	#damaged = false;

	constructor(flash: Flash, sealed: SealedState, crypto: Crypto, random: Random) {
		this.record = new AtomicRecord(flash, crypto, sealed.deviceKey);
		this.sealed = sealed;
		this.crypto = crypto;
		this.random = random;
	}

	/** Reads the flash, and completes a change or reset that was cut short. */
	open(): void {
		const bytes = this.record.load();
		const state = bytes === "blank" ? {} : bytes === "damaged" ? undefined : decodeState(bytes);
		this.#damaged = state === undefined || !this.isNewest();
		this.#formerDoor = this.#damaged ? state?.config?.door : undefined;
		this.state = this.#damaged ? {} : state!;
		this.#keys = undefined;
	}

	/**
	 * Whether the record is the one that was stored last. A power cut may have come before the sealed state had its
	 * number; every other difference is an older record that was put back, or an erased one.
	 */
	private isNewest(): boolean {
		const { sequence } = this.record;
		const sealed = this.sealed;
		if (sealed.damaged || (sequence !== sealed.revision && sequence !== sealed.revision + 1)) return false;
		try {
			sealed.revision = sequence;
		} catch {
			// The cell takes no change: it stays one behind, as a cut leaves it, and door and installer's port begin all the same.
		}
		return true;
	}

	/**
	 * Whether the record cannot be read, which may have held a trust anchor, or is not the newest. Only `reset` changes
	 * anything then.
	 */
	get damaged(): boolean {
		return this.#damaged;
	}

	/** Settings of a former version that are stored and no longer count; empty after the next change. */
	get dropped(): readonly string[] {
		return this.state.dropped ?? NOTHING;
	}

	/** How often the record has changed. */
	get revision(): number {
		return this.record.sequence;
	}

	get config(): ReaderConfig | undefined {
		return this.state.config;
	}

	get door(): DoorConfig {
		return this.config?.door ?? DEFAULT_DOOR;
	}

	/** Of a damaged store with a whole record of this reader: how that says the door is wired. It may not be the newest. */
	get formerDoor(): DoorConfig | undefined {
		return this.#formerDoor;
	}

	get membership(): Membership | undefined {
		return this.state.membership;
	}

	/** The site's list in force; `NO_TRUST` before the reader has a site. */
	get trust(): TrustList {
		return this.state.membership?.trust ?? NO_TRUST;
	}

	/** The site whose log is still there, since it was this reader's before a reset. */
	get former(): TrustList | undefined {
		return this.state.former;
	}

	/** What is to be erased before anything of it is read. */
	get wipe(): Wiped | undefined {
		return this.state.wipe;
	}

	/** That has been erased. */
	wiped(): void {
		this.save({ ...this.state, wipe: undefined });
	}

	get wifi(): Wifi | undefined {
		return this.state.wifi;
	}

	/** The reader's keys, Ed25519 first; `undefined` before `makeKeys`. */
	get keys(): readonly ReaderKey[] | undefined {
		const { seeds } = this.state;
		if (seeds !== undefined) this.#keys ??= this.derive(seeds);
		return this.#keys;
	}

	/** Makes the reader's keys at the first call; later calls return the same. */
	makeKeys(): readonly ReaderKey[] {
		if (this.state.seeds === undefined) {
			const ed25519 = new Uint8Array(32);
			const p256 = new Uint8Array(32);
			this.random.fill(ed25519);
			do this.random.fill(p256);
			while (this.crypto.p256KeyPair(p256) === undefined);
			this.save({ ...this.state, seeds: [ed25519, p256] });
		}
		return this.keys!;
	}

	/** Stores `config`. Returns false where it is the stored one already. */
	setConfig(config: ReaderConfig): boolean {
		if (this.config !== undefined && sameValue(config, this.config)) return false;
		this.save({ ...this.state, config });
		return true;
	}

	/** `undefined` forgets it. */
	setWifi(wifi: Wifi | undefined): void {
		this.save({ ...this.state, wifi });
	}

	/**
	 * Stores `membership` and `config` in one change. Throws where there is a membership: the trust anchor is set once. A former
	 * site's log is erased at the next start.
	 */
	join(membership: Membership, config: ReaderConfig): void {
		const { former, ...state } = this.state;
		if (state.membership !== undefined) throw new Error("already a member of a site");
		this.save({ ...state, membership, config, ...(former && { wipe: "log" }) });
	}

	/** Factory reset: on return, configuration, trust and keys are erased from the flash; the plan is at the next start. */
	reset(): void {
		const former = this.#damaged ? NO_TRUST : (this.state.membership?.trust ?? this.state.former);
		this.#keys = undefined;
		this.#formerDoor = undefined;
		this.#damaged = false;
		this.save({ former, wipe: "plan" });
		this.sealed.door = 0;
	}

	private save(state: State): void {
		if (this.#damaged) throw new ConfigDamaged();
		// Of a damaged record not even the number is believed, but where nothing better is known.
		this.record.save(encodeState(state), this.sealed.revision || this.record.sequence);
		this.sealed.revision = this.record.sequence;
		this.state = state.dropped ? { ...state, dropped: NOTHING } : state;
	}

	private derive([ed25519, p256]: readonly [Uint8Array, Uint8Array]): readonly ReaderKey[] {
		const first = this.crypto.ed25519KeyPair(ed25519);
		const second = this.crypto.p256KeyPair(p256)!;
		return [
			{ algorithm: EDDSA, ...first },
			{ algorithm: ES256, ...second },
		];
	}
}

function sameValue(a: ReaderConfig, b: ReaderConfig): boolean {
	const first = encodeValue(a);
	const second = encodeValue(b);
	return first.length === second.length && first.every((byte, i) => byte === second[i]);
}

function encodeState({ config, former, seeds, membership, wifi, wipe }: State): Uint8Array {
	return encodeValue({
		format: 2,
		config,
		former: former?.payload,
		wipe,
		seeds,
		wifi: wifi && { ssid: wifi.ssid, password: wifi.password },
		member: membership && {
			list: membership.trust.payload,
			door: membership.door,
			credentials: membership.credentials,
		},
	});
}

/** `undefined` for bytes that no version of this firmware has written. */
function decodeState(bytes: Uint8Array): State | undefined {
	let value: CborValue;
	try {
		value = decodeValue(bytes);
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
	if (!isFields(value) || value.format !== 2) return undefined;
	const { config: stored } = value;
	const checked = stored === undefined ? undefined : checkConfig(ofThisVersion(stored));
	if (checked !== undefined && "problems" in checked) return undefined;
	const { former: before, seeds, wifi, wipe } = value;
	if (wipe !== undefined && wipe !== "plan" && wipe !== "log") return undefined;
	const former = before === undefined ? undefined : readFormer(before);
	if (before !== undefined && former === undefined) return undefined;
	if (seeds !== undefined && !areSeeds(seeds)) return undefined;
	if (wifi !== undefined && !isWifi(wifi)) return undefined;
	const membership = value.member === undefined ? undefined : readMembership(value.member);
	if (value.member !== undefined && membership === undefined) return undefined;
	// A member proves itself by its keys and has a configuration from the first moment.
	if (membership !== undefined && (seeds === undefined || checked === undefined)) return undefined;
	const dropped = isFields(stored) && isFields(stored.door) ? removedIn(stored.door) : NOTHING;
	return { config: checked?.config, former, seeds, wifi, wipe, membership, dropped };
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
	const trust = decodeList(value.list);
	const rest = readDoor(value);
	return trust && rest && { trust, ...rest };
}

/** The door of a membership from outside; its form is checked, its signatures are not. */
export function readDoor(value: CborValue): Omit<Membership, "trust"> | undefined {
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
