/** The world's end of the bus, to a machine in the same process (machine.c). */

import type { Platform } from "../../hal/contracts/platform.js";
import type { Setup } from "../../src/app/main.js";
import { WorldEnd, type WorldEvent } from "../engine/world-end.js";
import { cryptoOf } from "./crypto-calls.js";
import { machine } from "./machine.js";

/** `creation` of a machine: bytes, slots, slots. */
export interface Creation {
	readonly chunk: number;
	readonly heap: number;
	readonly stack: number;
}

export class MachineBus extends WorldEnd {
	readonly #now: () => number;

	constructor(now: () => number) {
		super();
		this.#now = now;
	}

	/** Starts the firmware in a fresh machine. */
	start(platform: Platform, setup: Setup, { chunk, heap, stack }: Creation): void {
		this.handle(cryptoOf(platform.crypto));
		machine.begin("sim/engine/firmware", chunk, heap, stack, (call, a, b, c, bytes) => {
			const result = this.answer(call, a, b, c, new Uint8Array(bytes));
			machine.now(this.#now());
			if (result instanceof Uint8Array) return result.slice().buffer as ArrayBuffer;
			return typeof result === "number" ? result : 0;
		});
		this.boot(platform, setup);
	}

	protected override deliver({ id, value, bytes }: WorldEvent): void {
		machine.now(this.#now());
		machine.event(id, value, bytes);
	}
}
