// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal } from "../../protocol/bytes.js";
import { encodeValue } from "../../protocol/cbor/value.js";
import type { ReaderConfig } from "../../protocol/config/document.js";
import { DEFAULT_DOOR, type DoorConfig } from "../../protocol/config/door.js";
import type { ServerSettings } from "../../protocol/config/server.js";
import { EDDSA, ES256, type PublicKey } from "../../protocol/credential/cose.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import { NO_TRUST, type TrustList, type TrustSource } from "../../protocol/trust/list.js";
import { AtomicRecord, HEADER } from "./record.js";
import type { SealedLockdown, SealedState } from "./sealed-state.js";
import {
	decodeState,
	encodeState,
	type Membership,
	NOTHING,
	type Seeds,
	type State,
	type Wifi,
	type Wiped,
} from "./state.js";
import { TrustLists } from "./trust-lists.js";

/** One key pair of the reader; the secret never leaves the reader. */
export interface ReaderKey extends PublicKey {
	/** In the form that `Crypto` signs with. */
	readonly secretKey: Uint8Array;
}

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
	/** What comes after the list in force. */
	readonly lists: TrustLists;
	#formerDoor: DoorConfig | undefined;
	/** Of the keys of a reader without a site: they are in RAM alone. */
	private drawn: Seeds | undefined;
	#keys: readonly ReaderKey[] | undefined;
	#damaged = false;

	constructor(flash: Flash, sealed: SealedState, crypto: Crypto, random: Random) {
		this.record = new AtomicRecord(flash, crypto, sealed.deviceKey);
		this.sealed = sealed;
		this.crypto = crypto;
		this.random = random;
		this.lists = new TrustLists(this, crypto);
	}

	/** Reads the flash, and completes a change or reset that was cut short. */
	open(): void {
		const bytes = this.record.load();
		const state = bytes === "blank" ? {} : bytes === "damaged" ? undefined : decodeState(bytes);
		this.#damaged = state === undefined || !this.isNewest(state);
		this.#formerDoor = this.#damaged ? state?.config?.door : undefined;
		this.state = this.#damaged ? {} : state!;
		this.#keys = undefined;
		this.lists.resume();
	}

	/**
	 * Whether the record is the one that was stored last. A power cut may have come before the sealed state had its
	 * number; every other difference is an older record that was put back, or an erased one. The anchor is sealed before
	 * the first record of a site is stored, so that this record counts for nothing beside a sealed state that was erased.
	 */
	private isNewest({ membership }: State): boolean {
		const { sequence } = this.record;
		const sealed = this.sealed;
		if (sealed.damaged || (sequence !== sealed.revision && sequence !== sealed.revision + 1)) return false;
		if (membership !== undefined && !equal(membership.anchor, sealed.anchor)) return false;
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

	/** As `SealedState.setBack`. */
	get setBack(): number {
		return this.sealed.setBack;
	}

	set setBack(seconds: number) {
		this.sealed.setBack = seconds;
	}

	/** As `SealedState.lockdown`. */
	get lockdown(): SealedLockdown {
		return this.sealed.lockdown;
	}

	set lockdown(lockdown: SealedLockdown) {
		this.sealed.lockdown = lockdown;
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

	/** `trust` is in force; or `next` from the moment on in which the plan's newest slot verifies under it. */
	setTrust(trust: TrustList, next?: TrustList): void {
		this.save(this.withTrust(trust, next));
	}

	/** `trust` is in force, as a start would find too by what is in flash. */
	settleTrust(trust: TrustList): void {
		const state = this.withTrust(trust, undefined);
		this.state = state;
		try {
			this.save(state);
		} catch {
			// The flash takes no change: the next start settles it once more, and the door and its plan are as they are now.
		}
	}

	private withTrust(trust: TrustList, next: TrustList | undefined): State {
		return { ...this.state, membership: { ...this.state.membership!, trust, next } };
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

	/** Where the reader finds its site; without it there is no sync. */
	get server(): ServerSettings | undefined {
		return this.state.server;
	}

	/** The reader's keys, Ed25519 first. One without a site has none before `makeKeys`. */
	get keys(): readonly ReaderKey[] | undefined {
		const seeds = this.membership === undefined ? this.drawn : this.state.seeds;
		if (seeds !== undefined) this.#keys ??= this.derive(seeds);
		return this.#keys;
	}

	/** A reader without a site draws new keys, which it keeps when it gets one; another has its own. */
	makeKeys(): readonly ReaderKey[] {
		if (this.#damaged) throw new ConfigDamaged();
		if (this.membership === undefined) {
			const ed25519 = new Uint8Array(32);
			const p256 = new Uint8Array(32);
			this.random.fill(ed25519);
			do this.random.fill(p256);
			while (this.crypto.p256KeyPair(p256) === undefined);
			this.drawn = [ed25519, p256];
			this.#keys = undefined;
		}
		return this.keys!;
	}

	/** Whether `config` is the stored one. */
	has(config: ReaderConfig): boolean {
		return this.config !== undefined && sameValue(config, this.config);
	}

	/** Stores `config`. Returns false where it is the stored one already. */
	setConfig(config: ReaderConfig): boolean {
		if (this.has(config)) return false;
		this.save({ ...this.state, config });
		return true;
	}

	/** Number of the signed configuration that was taken last; 0: none was since the reader became one of its site. */
	get configurationNumber(): number {
		return this.state.configurationNumber ?? 0;
	}

	/** Stores a signed configuration with its number. Returns false where only the number is another. */
	takeConfiguration(config: ReaderConfig, configurationNumber: number): boolean {
		const changed = !this.has(config);
		this.save({ ...this.state, config, configurationNumber });
		return changed;
	}

	/** `undefined` forgets it. */
	setWifi(wifi: Wifi | undefined): void {
		this.save({ ...this.state, wifi, trial: undefined });
	}

	/** A network that the site has set, and that is tried in place of the one that is kept. */
	get trial(): Wifi | undefined {
		return this.state.trial;
	}

	/** What the site may set, as one change. Returns false where all is so already. `trial`: absent where there is none. */
	change(config: ReaderConfig, server: ServerSettings, trial: Wifi | undefined): boolean {
		if (this.has(config) && sameServer(server, this.server) && sameWifi(trial, this.trial)) return false;
		this.save({ ...this.state, config, server, trial });
		return true;
	}

	/** The network that was tried is kept from now on, or is forgotten. Does not throw. */
	endTrial(good: boolean): void {
		const { trial, wifi } = this.state;
		if (trial === undefined) return;
		const state = { ...this.state, wifi: good ? trial : wifi, trial: undefined };
		this.state = state;
		try {
			this.save(state);
		} catch {
			// The flash takes no change: the next start tries it once more.
		}
	}

	/** `undefined` forgets it. Returns false where it is the stored one already. */
	setServer(server: ServerSettings | undefined): boolean {
		if (sameServer(server, this.server)) return false;
		this.save({ ...this.state, server });
		return true;
	}

	/**
	 * Stores `membership`, `config`, `server` and the keys drawn last in one change. Throws where there is a membership: the trust
	 * anchor is set once. Of what was before nothing is left: network and server are forgotten, and a former site's plan and log are
	 * erased at the next start.
	 */
	join(membership: Membership, config: ReaderConfig, server?: ServerSettings): void {
		const { drawn } = this;
		const { former, wipe } = this.state;
		if (this.membership !== undefined) throw new Error("already a member of a site");
		if (drawn === undefined) throw new Error("no keys");
		// Before the record: after a power cut between the two no other site's counters hold for this one.
		this.sealed.belongTo(membership.anchor);
		this.save({ membership, config, server, seeds: drawn, wipe: former ? "all" : wipe });
		this.drawn = undefined;
		this.lists.resume();
	}

	/** Stores other credentials of the reader that is a member. */
	setCredentials(credentials: Membership["credentials"]): void {
		this.save({ ...this.state, membership: { ...this.state.membership!, credentials } });
	}

	/** Factory reset: on return, configuration, trust and keys are erased from the flash; the plan is at the next start. */
	reset(): void {
		const former = this.#damaged ? NO_TRUST : (this.state.membership?.trust ?? this.state.former);
		this.drawn = undefined;
		this.#keys = undefined;
		this.#formerDoor = undefined;
		this.#damaged = false;
		this.save({ former, wipe: "plan" });
		this.lists.resume();
		this.sealed.door = 0;
		if (this.lockdown.end !== 0) this.lockdown = { ...this.lockdown, end: 0 };
	}

	private save(state: State): void {
		if (this.#damaged) throw new ConfigDamaged();
		// Of a damaged record not even the number is believed, but where nothing better is known.
		this.record.save(encodeState(state, HEADER), this.sealed.revision || this.record.sequence);
		this.sealed.revision = this.record.sequence;
		this.state = state.dropped ? { ...state, dropped: NOTHING } : state;
	}

	private derive([ed25519, p256]: Seeds): readonly ReaderKey[] {
		return [{ algorithm: EDDSA, ...this.crypto.ed25519KeyPair(ed25519) }, new P256Key(this.crypto, p256)];
	}
}

/** Its public half is compared with a credential when the reader gets one: at each start it would take a tenth of a second for nothing. */
class P256Key implements ReaderKey {
	readonly algorithm = ES256;
	readonly secretKey: Uint8Array;
	private readonly crypto: Crypto;

	constructor(crypto: Crypto, secretKey: Uint8Array) {
		this.crypto = crypto;
		this.secretKey = secretKey;
	}

	get publicKey(): Uint8Array {
		return this.crypto.p256KeyPair(this.secretKey)!.publicKey;
	}
}

function sameWifi(a: Wifi | undefined, b: Wifi | undefined): boolean {
	return a?.ssid === b?.ssid && a?.password === b?.password;
}

function sameServer(a: ServerSettings | undefined, b: ServerSettings | undefined): boolean {
	return a?.host === b?.host && a?.port === b?.port && a?.password === b?.password && a?.spread === b?.spread;
}

function sameValue(a: ReaderConfig, b: ReaderConfig): boolean {
	const first = encodeValue(a);
	const second = encodeValue(b);
	return first.length === second.length && first.every((byte, i) => byte === second[i]);
}
