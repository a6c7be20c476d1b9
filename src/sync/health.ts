// SPDX-License-Identifier: Apache-2.0

import type { Alarm } from "../../hal/contracts/time.js";
import type { Message } from "../../protocol/sync/messages.js";
import type { SyncContext } from "./context.js";
import type { Speaker } from "./speaker.js";

/** How often the site is told how the reader itself is, where nothing changes, ms. */
export const HEALTH_MS = 900_000;

/** Tells the site how the reader itself is: once in a session, now and then, and whenever a part fails or works again. */
export class TellHealth implements Speaker {
	private readonly sync: SyncContext;
	/** Others that ask by the clock have their turn with it. */
	private readonly alarm: Alarm;
	private due = 0;
	/** What failed when it was said last. */
	private told = 0;
	/** Of the message that waits for its answer; 0: none does. */
	private id = 0;

	constructor(sync: SyncContext) {
		this.sync = sync;
		this.alarm = sync.target.clock.alarm(() => sync.wake());
	}

	begin(): void {
		this.id = this.due = 0;
	}

	say(id: number): Message | undefined {
		const { target } = this.sync;
		const { clock, health, timekeeper } = target;
		const { failing, free, signal } = health;
		if (id !== this.id) {
			if (clock.now() < this.due && failing === this.told) return undefined;
			this.id = id;
			this.due = clock.now() + HEALTH_MS;
			this.alarm.set(HEALTH_MS);
			this.told = failing;
		}
		const { error } = timekeeper;
		return {
			...{ name: "health", id, failing: this.told, cause: health.cause },
			uptime: Math.floor(clock.now() / 1000),
			free: free ?? null,
			signal: signal === undefined ? null : Math.abs(signal),
			clockError: Number.isFinite(error) ? error : null,
		};
	}

	answered(answer: Message): boolean {
		if (answer.name !== "ack") return false;
		this.id = 0;
		return true;
	}
}
