// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../protocol/bytes.js";
import { TIME_ROUND_TRIP } from "../../protocol/sync/bounds.js";
import type { Message } from "../../protocol/sync/messages.js";
import type { SyncContext } from "./context.js";
import type { Speaker } from "./speaker.js";
import { stepBack, timeRefusal } from "./time.js";

/** How often the site is asked for the time, ms. */
export const TIME_MS = 3_600_000;
/** Answers in a row that may come too late before the reader waits for the next time. */
const TRIES = 3;
const NONCE = 8;

/** Asks the site for the time, and takes it where it is fresh and may be taken. */
export class AskTime implements Speaker {
	private readonly sync: SyncContext;
	/** An answer with another one is another question's: the site cannot lay one in store. */
	private readonly nonce = new Uint8Array(NONCE);
	/** The message that has it; 0: none. */
	private id = 0;
	private askedAt = 0;
	private due = 0;
	private tries = 0;

	constructor(sync: SyncContext) {
		this.sync = sync;
	}

	begin(): void {
		this.id = this.due = this.tries = 0;
	}

	say(id: number): Message | undefined {
		const { clock, random } = this.sync.target;
		if (id !== this.id) {
			if (clock.now() < this.due) return undefined;
			this.id = id;
			random.fill(this.nonce);
			this.askedAt = clock.now();
		}
		return { name: "clock", id, nonce: this.nonce };
	}

	answered(answer: Message): boolean {
		const { clock } = this.sync.target;
		const now = clock.now();
		if (answer.name === "time") {
			if (!equal(answer.nonce, this.nonce)) return false;
			// Said again, its round trip is longer: by then nobody knows how old the answer is.
			if (now - this.askedAt >= TIME_ROUND_TRIP && ++this.tries < TRIES) return true;
			if (now - this.askedAt < TIME_ROUND_TRIP)
				this.take(answer.seconds, Math.floor((now - this.askedAt) / 1000));
		} else if (answer.name !== "ack") return false;
		this.tries = 0;
		this.due = now + TIME_MS;
		return true;
	}

	/** `late`: whole seconds for which the answer may have been on its way. Who holds it back by these moves no clock that is right. */
	private take(said: number, late: number): void {
		const { reader, store, timekeeper, trace } = this.sync.target;
		const { least, ranOn } = timekeeper;
		const seconds = Math.max(said, Math.min(said + late, least));
		const refusal = timeRefusal(seconds, {
			...{ least, ranOn, setBack: store.setBack },
			signed: Math.max(reader.newestSigned ?? Number.POSITIVE_INFINITY, store.lists.newest.issued),
			until: this.sync.server?.until ?? 0,
		});
		if (refusal !== undefined) {
			trace(`sync: the site's time is refused: ${refusal}`);
			timekeeper.differ();
		} else if (timekeeper.isStep(seconds)) {
			if (!this.counts(stepBack(seconds, least))) return;
			reader.setTime(seconds, "site");
			// Keys end by it: the server's, too.
			this.sync.changed();
		}
	}

	/** Before the clock is set: a power cut in between costs the site a step, and gives it none. */
	private counts(back: number): boolean {
		const { store, timekeeper } = this.sync.target;
		if (back === 0) return true;
		try {
			store.setBack += back;
			return true;
		} catch {
			// A cell that takes nothing would let the site go back for ever.
			timekeeper.differ();
			return false;
		}
	}
}
