// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../../hal/contracts/time.js";
import type { Reply } from "./options.js";
import { CLOSED, PN532Error } from "./status.js";

/** Calls that the driver refused: each gets its error from the event loop, as every reply comes. */
export class Pn532Refusals {
	private readonly alarm: Alarm;
	private readonly queue: { onReply: Reply; code: number }[] = [];
	private closed = false;

	constructor(clock: Clock) {
		this.alarm = clock.alarm(() => this.flush());
	}

	/** After `close` the error is `closed`, at once. */
	add(onReply: Reply, code: number): void {
		if (this.closed) {
			onReply(undefined, new PN532Error(CLOSED));
			return;
		}
		this.queue.push({ onReply, code });
		this.alarm.set(0);
	}

	/** Those that wait get the error `closed` now. */
	close(): void {
		this.closed = true;
		this.alarm.close();
		for (const entry of this.queue) entry.code = CLOSED;
		this.flush();
	}

	private flush(): void {
		for (let entry = this.queue.shift(); entry; entry = this.queue.shift())
			entry.onReply(undefined, new PN532Error(entry.code));
	}
}
