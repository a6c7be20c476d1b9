// SPDX-License-Identifier: Apache-2.0

import { CAUSES, EVENTS, type EventSink } from "../../protocol/events.js";
import type { LiarDoor } from "./door.js";

/** A lockdown as the administrator meant it: nothing here is read from what the site signed. */
export interface MeantLockdown {
	readonly epoch: number;
	readonly sequence: number;
	/** None: all. */
	readonly doors: readonly string[];
	/** Seconds since 1970. */
	readonly issued: number;
	/** Seconds. */
	readonly length: number;
}

/** What the administrator of a site has locked down, and released. */
export class MeantLockdowns {
	readonly #all: MeantLockdown[] = [];
	#newest: MeantLockdown | undefined;

	add(lockdown: MeantLockdown): void {
		this.#all.push(lockdown);
		this.#newest = lockdown;
	}

	release(): void {
		this.#newest = undefined;
	}

	find(epoch: number, sequence: number): MeantLockdown | undefined {
		return this.#all.find((one) => one.epoch === epoch && one.sequence === sequence);
	}

	/** What stands at a door. */
	at(door: string, seconds: number): MeantLockdown | undefined {
		const newest = this.#newest;
		if (newest === undefined || seconds >= newest.issued + newest.length) return undefined;
		return names(newest, door) ? newest : undefined;
	}
}

function names({ doors }: MeantLockdown, door: string): boolean {
	return doors.length === 0 || doors.includes(door);
}

/** Clocks of the reader and the site differ by less, s. */
const SLACK = 10;
/** A reader that has started, and does not know the time, goes on for so long at most, s. */
const DAY = 86_400;

/** The lockdown by notice in which the reader says it is. */
interface Current {
	readonly lockdown: MeantLockdown;
	/** Seconds since 1970, by the site. */
	readonly since: number;
	/** The reader knew the time as it began. */
	readonly isTimed: boolean;
	end: number;
}

/** When a door may be in lockdown, when it has to be, and by what: a model apart from the firmware. */
export class LockdownJudge {
	readonly #reader: LiarDoor;
	readonly #meant: MeantLockdowns;
	/** Seconds since 1970. */
	readonly #now: () => number;
	readonly #wrong: (what: string) => void;
	/** Epoch and sequence of the newest that counted. */
	#newest: readonly [number, number] = [0, 0];
	#current: Current | undefined;
	/** By command, until the command `release`. */
	#isCommanded = false;
	/** The site has the reader's word that it took this one. */
	#acknowledged: MeantLockdown | undefined;
	/** The newest that counted, where the reader has taken its site's word that none stands while it stood: the site will state it again. */
	#lifted: MeantLockdown | undefined;
	/** The administrator commanded `release` last, which a reader may hear later. */
	#released = 0;
	#device: LiarDoor["device"];
	/** The reader's last start. */
	#started = 0;

	constructor(reader: LiarDoor, meant: MeantLockdowns, now: () => number, wrong: (what: string) => void) {
		this.#reader = reader;
		this.#meant = meant;
		this.#now = now;
		this.#wrong = wrong;
	}

	readonly event: EventSink = (kind, detail, value) => {
		this.#starts();
		if (detail !== CAUSES.notice && detail !== CAUSES.command) return;
		const isNotice = detail === CAUSES.notice;
		if (kind === EVENTS.lockdown && isNotice) this.#begins(value);
		else if (kind === EVENTS.lockdown) this.#isCommanded = true;
		else if (kind === EVENTS["lockdown-ended"] && isNotice) {
			const stands = this.#meant.at(this.#reader.name, this.#now());
			this.#lifted = stands === this.#current?.lockdown ? stands : undefined;
			this.#current = undefined;
		} else if (kind === EVENTS["lockdown-ended"]) this.#isCommanded = false;
	};

	/** The administrator commands `release`. */
	released(): void {
		this.#released = this.#now();
	}

	/** The reader has acknowledged what its site states: this lockdown, or that none stands. `since`: the session's begin. */
	acknowledged(stated: MeantLockdown | undefined, since: number): void {
		this.#acknowledged = stated;
		const current = this.#current;
		if (stated === undefined && this.#isLocked && current !== undefined && current.since < since)
			this.#wrong(`lockdown ${current.lockdown.sequence} goes on, though the site said that none stands`);
	}

	/** People without `override` stay out. */
	get isOn(): boolean {
		return this.#current !== undefined || this.#isCommanded || this.#hasTo;
	}

	look(): void {
		if (this.#reader.device?.door === undefined) return;
		this.#starts();
		if (!this.#isLocked) {
			this.#current = undefined;
			if (this.#hasTo)
				this.#wrong(`it is not in lockdown ${this.#acknowledged!.sequence}, which it has acknowledged`);
			return;
		}
		const current = this.#current;
		if (current === undefined) this.#wrong("it is in a lockdown by notice that never began");
		else if (this.#now() > this.#bound(current) + SLACK)
			this.#wrong(`lockdown ${current.lockdown.sequence} goes on after its end`);
	}

	/** What stands at the site is in force at the door, and what the site stated as over is not. `since`: the session's begin. */
	agrees(since: number): boolean {
		const now = this.#now();
		const stands = this.#meant.at(this.#reader.name, now);
		if (stands === undefined) return !this.#isLocked || (this.#current?.since ?? 0) >= since;
		return this.#isLocked || this.#isReleased(stands) || now > stands.issued + stands.length - SLACK;
	}

	#begins(sequence: number): void {
		const { device, isTimed, name } = this.#reader;
		const { epoch } = device!.store!.trust;
		const now = this.#now();
		const lockdown = this.#meant.find(epoch, sequence);
		if (lockdown === undefined) {
			this.#wrong(`it took lockdown ${sequence}, which nobody signed`);
			return;
		}
		const [lastEpoch, last] = this.#newest;
		const isAgain = lockdown === this.#lifted;
		this.#lifted = undefined;
		if (!isAgain && (epoch < lastEpoch || (epoch === lastEpoch && sequence <= last)))
			this.#wrong(`it took lockdown ${sequence} after ${last}`);
		if (!names(lockdown, name)) this.#wrong(`it took lockdown ${sequence}, which does not name it`);
		const end = isTimed ? lockdown.issued + lockdown.length : now + lockdown.length;
		if (now > end + SLACK) this.#wrong(`it took lockdown ${sequence}, which was over`);
		this.#newest = [epoch, sequence];
		this.#current = { lockdown, since: now, isTimed, end };
	}

	/** Whether the reader was started anew. One that never knew the end begins the length anew. */
	#starts(): void {
		const { device } = this.#reader;
		if (device === undefined || device === this.#device) return;
		this.#device = device;
		this.#started = this.#now();
		const current = this.#current;
		if (current !== undefined && !current.isTimed)
			current.end = Math.max(current.end, this.#started + current.lockdown.length);
	}

	#bound({ end, since }: Current): number {
		return this.#reader.isTimed || since >= this.#started ? end : Math.max(end, this.#started + DAY);
	}

	get #isLocked(): boolean {
		return (this.#reader.device?.door?.access.door.door.noticeFor ?? 0) > 0;
	}

	/** It has said that it took what stands. */
	get #hasTo(): boolean {
		const now = this.#now();
		const stands = this.#meant.at(this.#reader.name, now);
		return (
			stands !== undefined &&
			stands === this.#acknowledged &&
			!this.#isReleased(stands) &&
			now < stands.issued + stands.length - SLACK
		);
	}

	#isReleased({ issued }: MeantLockdown): boolean {
		return this.#released + SLACK >= issued;
	}
}
