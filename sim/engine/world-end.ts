// SPDX-License-Identifier: Apache-2.0

/** What the world's end of a bus is, whatever carries it: who answers the firmware's calls, and what waits for it. */

import type { Platform } from "../../hal/contracts/platform.js";
import { utf8Encode } from "../../protocol/bytes.js";
import { factsOf } from "./facts.js";
import { gattOf } from "./gatt.js";
import { partsOf } from "./parts.js";
import { BOOT, type Events, type Handler, type Handlers } from "./wire.js";

export interface WorldEvent {
	readonly id: number;
	readonly value: number;
	readonly bytes: Uint8Array | undefined;
}

export abstract class WorldEnd implements Events {
	readonly #handlers = new Map<number, Handler>();
	/** An event that arises while one is dealt with has to wait: the firmware has one task. */
	readonly #waiting: WorldEvent[] = [];
	#busy = false;

	/** One event, wholly. An end that has closed does nothing. */
	protected abstract deliver(event: WorldEvent): void;

	handle(handlers: Handlers): void {
		for (const [call, handler] of Object.entries(handlers)) this.#handlers.set(Number(call), handler);
	}

	/** Throws where no handler takes the call. */
	protected answer(call: number, a: number, b: number, c: number, bytes: Uint8Array): unknown {
		const handler = this.#handlers.get(call);
		if (handler === undefined) throw new Error(`the bus has no call ${call}`);
		return handler(a, b, c, bytes);
	}

	/** Starts the firmware on this platform. */
	boot(platform: Platform): void {
		this.handle(partsOf(platform, this));
		if (platform.bluetooth) this.handle(gattOf(platform.bluetooth, this));
		this.event(BOOT, 0, utf8Encode(JSON.stringify(factsOf(platform))));
	}

	event(id: number, value = 0, bytes?: Uint8Array): void {
		this.#waiting.push({ id, value, bytes });
		if (this.#busy) return;
		this.#busy = true;
		try {
			for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
				this.deliver(next);
		} finally {
			this.#busy = false;
		}
	}
}
