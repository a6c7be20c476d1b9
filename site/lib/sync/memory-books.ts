// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32, toHex } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { AT, BODY_SIZE, RECORD_SIZE } from "../../../protocol/log/record.js";
import { ID, RECORD } from "../../../protocol/plan/format.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import type { TrustList } from "../../../protocol/trust/list.js";
import {
	type IntakeProblem,
	type LogRefusal,
	NO_LOG,
	repeatedIn,
	type SiteCursor,
	takeLog,
} from "../log/intake.js";
import { signLockdown, signRevocations } from "../notice/sign.js";
import {
	type PlanImage,
	packRecord,
	type Signing,
	signDelta,
	signSnapshot,
	tombstone,
} from "../plan/encode.js";
import type { SigningKey, SiteKeys } from "../site-keys.js";
import type { Books, DoorNews, DoorPlan, Settings } from "./books.js";

/** What came of a reader's log. */
export interface ReceivedLog {
	cursor: SiteCursor;
	/** 32 bytes each, by their serials. */
	readonly records: Uint8Array[];
	/** 160 bytes each, by the first serial of their sector. */
	readonly checkpoints: Map<number, Uint8Array>;
	readonly problems: IntakeProblem[];
	/** Of another history: kept, and not acknowledged. */
	readonly apart: MessageOf<"log" | "checkpoint">[];
}

export interface MemoryBooksOptions {
	readonly crypto: Crypto;
	readonly site: Pick<SiteKeys, "lists" | "trust">;
	/** Signs plans and notices. */
	readonly signing: Signing;
	/** Speaks for the site. */
	readonly serverKey: SigningKey;
	/** Seconds since 1970. */
	readonly seconds: () => number;
}

interface Lockdown {
	readonly envelope: Uint8Array;
	/** None: all. */
	readonly doors: readonly string[];
	/** Seconds since 1970. */
	readonly until: number;
}

interface Door {
	readonly name: string;
	reader: Uint8Array | undefined;
	/** By version. */
	readonly images: Map<number, PlanImage>;
	newest: PlanImage | undefined;
	plan: DoorPlan | undefined;
	settings: Settings | undefined;
	configuration: Uint8Array | undefined;
	/** By the reader's key in hexadecimal. */
	readonly logs: Map<string, ReceivedLog>;
}

/** The books of a site that is all in memory: for the simulator and for specs. */
export class MemoryBooks implements Books {
	lists: readonly Uint8Array[];
	trust: TrustList;
	serverKey: SigningKey;
	newestNotice: Uint8Array | null | undefined = null;
	newestLockdown: Uint8Array | null | undefined = null;
	lockdownSequence = 0;
	/** What was changed, for `SiteSync.changed`. */
	onChange: (door?: string) => void = () => {};
	onNews: (door: string, news: DoorNews) => void = () => {};
	readonly #crypto: Crypto;
	readonly #seconds: () => number;
	#signing: Signing;
	readonly #doors = new Map<string, Door>();
	readonly #notices: Uint8Array[] = [];
	/** In hexadecimal. */
	readonly #revoked = new Set<string>();
	#lockdown: Lockdown | undefined;

	constructor({ crypto, seconds, serverKey, signing, site }: MemoryBooksOptions) {
		this.#crypto = crypto;
		this.#seconds = seconds;
		this.#signing = signing;
		this.lists = site.lists;
		this.trust = site.trust;
		this.serverKey = serverKey;
	}

	get notice(): number {
		return this.#notices.length;
	}

	registered(door: string): Uint8Array | undefined {
		return this.#doors.get(door)?.reader;
	}

	plan(door: string): DoorPlan | undefined {
		return this.#doors.get(door)?.plan;
	}

	delta(
		door: string,
		epoch: number,
		version: number,
	): { readonly version: number; readonly envelope: Uint8Array } | undefined {
		const { images, newest } = this.#door(door);
		const old = images.get(version);
		if (epoch !== this.#signing.epoch || old === undefined || newest === undefined) return undefined;
		try {
			return { version: newest.version, envelope: signDelta(old, newest, this.#signing) };
		} catch (error) {
			if (error instanceof RangeError) return undefined;
			throw error;
		}
	}

	noticeOf(sequence: number): Uint8Array | undefined {
		return this.#notices[sequence - 1];
	}

	lockdown(door: string): Uint8Array | null {
		const stands = this.#lockdown;
		if (stands === undefined || this.#seconds() >= stands.until) return null;
		return stands.doors.length === 0 || stands.doors.includes(door) ? stands.envelope : null;
	}

	settings(door: string): Settings | undefined {
		return this.#doors.get(door)?.settings;
	}

	configuration(door: string): Uint8Array | undefined {
		return this.#doors.get(door)?.configuration;
	}

	cursor(door: string, reader: Uint8Array): SiteCursor {
		return this.log(door, reader).cursor;
	}

	takeLog(
		door: string,
		reader: Uint8Array,
		message: MessageOf<"log" | "checkpoint">,
		done: (result: SiteCursor | LogRefusal) => void,
	): void {
		const log = this.log(door, reader);
		const intake = takeLog(log.cursor, message, reader, this.#crypto, knownOf(log, message));
		if (typeof intake === "string") {
			log.apart.push(message);
			done(intake);
			return;
		}
		log.cursor = intake.cursor;
		if (intake.checkpoint && message.name === "checkpoint")
			log.checkpoints.set(message.first, message.checkpoint.slice());
		for (let at = 0; at < intake.records.length; at += RECORD_SIZE)
			log.records.push(intake.records.slice(at, at + RECORD_SIZE));
		log.problems.push(...intake.problems);
		done(log.cursor);
	}

	told(door: string, news: DoorNews): void {
		if (news.kind === "answered" && news.to.name === "settings") this.#door(door).settings = undefined;
		if (news.kind === "answered" && news.to.name === "configuration")
			this.#door(door).configuration = undefined;
		this.onNews(door, news);
	}

	/** Registers the reader of a door, by its Ed25519 key. */
	register(door: string, reader: Uint8Array): void {
		this.#door(door).reader = reader;
		this.onChange(door);
	}

	/** What came of the log of the reader of this key. */
	log(door: string, reader: Uint8Array): ReceivedLog {
		const { logs } = this.#door(door);
		const key = toHex(reader);
		let log = logs.get(key);
		if (log === undefined) {
			log = { cursor: NO_LOG, records: [], checkpoints: new Map(), problems: [], apart: [] };
			logs.set(key, log);
		}
		return log;
	}

	/** The plan of a door as it is now. */
	image(door: string): PlanImage | undefined {
		return this.#doors.get(door)?.newest;
	}

	/** Gives a door its plan, signed, with what was revoked before. `plan.version` is above that of the one before. */
	setPlan(plan: PlanImage): void {
		const door = this.#door(plan.door);
		const image: PlanImage = { ...plan, records: this.#withRevoked(plan.records), notice: this.notice };
		const { body, envelope } = signSnapshot(image, this.#signing);
		const { epoch } = this.#signing;
		const bodyHash = this.#crypto.sha256(body);
		door.images.set(image.version, image);
		door.newest = image;
		door.plan = { epoch, version: image.version, notice: this.notice, envelope, body, bodyHash };
		this.onChange(image.door);
	}

	/** Changes what the plan of a door has, as its next version. */
	edit(door: string, change: Partial<PlanImage>): void {
		const newest = this.#door(door).newest;
		if (newest === undefined) throw new Error(`door ${door} has no plan`);
		this.setPlan({ ...newest, version: newest.version + 1, ...change });
	}

	/** Revokes credentials for good: a notice to all readers at once, and a delta to each whose plan has one of them. */
	revoke(ids: readonly Uint8Array[]): void {
		const head = { site: this.trust.site, sequence: this.notice + 1, issued: this.#seconds() };
		this.#notices.push(...signRevocations(head, ids, this.#signing));
		this.newestNotice = this.#notices.at(-1)!;
		for (const id of ids) this.#revoked.add(toHex(id));
		this.onChange();
		for (const { name, newest } of this.#doors.values())
			if (newest !== undefined && !equal(this.#withRevoked(newest.records), newest.records))
				this.edit(name, {});
	}

	/** Locks doors down for `length` seconds; all where none is named. */
	lock(doors: readonly string[], length: number): void {
		const issued = this.#seconds();
		const sequence = ++this.lockdownSequence;
		const envelope = signLockdown({ site: this.trust.site, sequence, issued, length, doors }, this.#signing);
		this.#lockdown = { envelope, doors, until: issued + length };
		this.newestLockdown = envelope;
		this.onChange();
	}

	/** Ends the lockdown that stands, in sessions. */
	release(): void {
		this.#lockdown = undefined;
		this.newestLockdown = null;
		this.onChange();
	}

	/** The next trust list. Of another epoch, whose key `signing` is, plans and notices begin anew. */
	addList(list: Uint8Array, trust: TrustList, signing = this.#signing): void {
		const isNewEpoch = signing.epoch !== this.#signing.epoch;
		this.lists = [...this.lists, list];
		this.trust = trust;
		this.#signing = signing;
		if (isNewEpoch) this.#beginEpoch();
		this.onChange();
	}

	#beginEpoch(): void {
		this.#notices.length = 0;
		this.lockdownSequence = 0;
		this.#lockdown = undefined;
		this.newestLockdown = null;
		this.newestNotice = null;
		for (const { images, newest } of this.#doors.values()) {
			images.clear();
			if (newest !== undefined) this.setPlan({ ...newest, version: 1 });
		}
	}

	set(door: string, settings: Settings): void {
		this.#door(door).settings = settings;
		this.onChange(door);
	}

	configure(door: string, envelope: Uint8Array): void {
		this.#door(door).configuration = envelope;
		this.onChange(door);
	}

	#withRevoked(records: Uint8Array): Uint8Array {
		const result = records.slice();
		for (let at = 0; at < result.length; at += RECORD) {
			const id = result.slice(at, at + ID);
			if (this.#revoked.has(toHex(id))) packRecord(tombstone(id), result, at);
		}
		return result;
	}

	#door(name: string): Door {
		let door = this.#doors.get(name);
		if (door === undefined) {
			door = {
				...{ name, reader: undefined, images: new Map(), newest: undefined, plan: undefined },
				...{ settings: undefined, configuration: undefined, logs: new Map() },
			};
			this.#doors.set(name, door);
		}
		return door;
	}
}

/** What the site has of what a message repeats. */
function knownOf(
	{ checkpoints, cursor, records }: ReceivedLog,
	message: MessageOf<"log" | "checkpoint">,
): Uint8Array | undefined {
	const repeated = repeatedIn(cursor, message);
	if (repeated === undefined) return undefined;
	const { of, serial } = repeated;
	if (of === "checkpoint") return checkpoints.get(serial)?.subarray(AT.check);
	return records.find((record) => readUint32(record, 0) === serial)?.subarray(BODY_SIZE);
}
