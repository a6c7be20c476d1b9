// SPDX-License-Identifier: Apache-2.0

/** Lockdown by notice: what stands now the site states in its session; what the broker keeps may be over. */

import type { Alarm } from "../../hal/contracts/time.js";
import {
	endOf,
	isForDoor,
	type LockdownNotice,
	msLeft,
	openLockdown,
} from "../../protocol/notice/lockdown.js";
import { orderOf } from "../../protocol/plan/format.js";
import type { MessageOf } from "../../protocol/sync/messages.js";
import type { SealedLockdown } from "../config/sealed-state.js";
import type { SyncContext } from "./context.js";

/** What the broker has waits so long for the session's word, ms. */
export const STATEMENT_MS = 10_000;

export function takeLockdown({ lockdowns }: SyncContext, { envelope }: MessageOf<"lockdown">): string | null {
	return lockdowns.stated(envelope);
}

export function offerLockdown({ lockdowns }: SyncContext, signed: Uint8Array): void {
	if (signed.length > 0) lockdowns.offered(signed);
}

/** Those that count: for this door, and newer than each that did before. */
export class Lockdowns {
	private readonly sync: SyncContext;
	private alarm: Alarm | undefined;
	/** What the broker said, until the session has had its say. Its views are gone. */
	private waiting: LockdownNotice | undefined;

	constructor(sync: SyncContext) {
		this.sync = sync;
	}

	/** The broker's word, which may be a day old. */
	offered(signed: Uint8Array): void {
		const { clock, reader, trace } = this.sync.target;
		const notice = this.open(signed);
		if (typeof notice === "string") trace(`sync: the lockdown at the broker: ${notice}`);
		if (typeof notice !== "object" || msLeft(endOf(notice, reader.knownTime), reader.knownTime) === 0) return;
		this.waiting = notice;
		this.alarm ??= clock.alarm(() => this.settle());
		this.alarm.set(STATEMENT_MS);
	}

	/** The site's word: null: none stands. Returns the refusal, or null. */
	stated(signed: Uint8Array | null): string | null {
		const notice = signed === null ? undefined : this.open(signed, this.sync.target.store.lockdown.lifted);
		if (typeof notice === "string") return notice;
		const { waiting } = this;
		this.close();
		if (notice !== undefined) this.act(notice, true);
		else if (signed === null) this.lift(waiting);
		return null;
	}

	/** What waits is forgotten. */
	close(): void {
		this.alarm?.clear();
		this.waiting = undefined;
	}

	private settle(): void {
		const { waiting } = this;
		this.waiting = undefined;
		// A list may have begun another epoch meanwhile.
		if (waiting?.epoch === this.sync.target.store.lists.newest.epoch) this.act(waiting, true);
	}

	/** None stands, and what the broker says is over. */
	private lift(waiting: LockdownNotice | undefined): void {
		const { reader, store } = this.sync.target;
		if (waiting !== undefined) this.act(waiting, false);
		else if (store.lockdown.end !== 0) {
			this.seal({ newest: store.lockdown.newest, end: 0, lifted: true });
			reader.lockDown(0, 0);
		}
	}

	/** `undefined`: it is for other doors, or counted before. `again`: the newest counts once more. */
	private open(signed: Uint8Array, again = false): LockdownNotice | string | undefined {
		const { crypto, reader, store } = this.sync.target;
		const { door } = store.membership!;
		const notice = openLockdown(signed, store.lists.newest, door, reader.knownTime, crypto);
		if (typeof notice === "string") return notice;
		const order = newestOf(notice);
		const { newest } = store.lockdown;
		const counts = order > newest || (order === newest && again);
		return counts && isForDoor(notice, door) ? notice : undefined;
	}

	/** From here on no notice up to this one counts. `stands`: it is not over by the site's word. */
	private act(notice: LockdownNotice, stands: boolean): void {
		const { reader } = this.sync.target;
		const now = reader.knownTime;
		const end = stands ? endOf(notice, now) : 0;
		// A clock that a start restored is behind until the site says the time: its end stays the notice's.
		const ms = Math.min(msLeft(end, now), notice.length * 1000);
		this.seal({ newest: newestOf(notice), end: ms > 0 ? end : 0, lifted: !stands });
		reader.lockDown(ms, notice.sequence);
		this.sync.changed();
	}

	private seal(lockdown: SealedLockdown): void {
		const { store, trace } = this.sync.target;
		try {
			store.lockdown = lockdown;
		} catch {
			trace("sync: the sealed state takes no lockdown");
		}
	}
}

function newestOf({ epoch, sequence }: LockdownNotice): number {
	return orderOf({ epoch, version: sequence });
}
