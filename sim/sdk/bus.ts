/** The world's end of the bus, to a machine in the same process (machine.c). */

import { utf8Encode } from "../../src/bytes.js";
import type { Setup } from "../../src/main.js";
import type { Platform } from "../../src/platform.js";
import { factsOf } from "../engine/facts.js";
import { gattOf } from "../engine/gatt.js";
import { partsOf } from "../engine/parts.js";
import { BOOT, type Events, type Handler, type Handlers } from "../engine/wire.js";
import { cryptoOf } from "./crypto-calls.js";
import { machine } from "./machine.js";

/** `creation` of a machine: bytes, slots, slots. */
export interface Creation {
	readonly chunk: number;
	readonly heap: number;
	readonly stack: number;
}

interface Waiting {
	readonly id: number;
	readonly value: number;
	readonly bytes: Uint8Array | undefined;
}

export class MachineBus implements Events {
	readonly #handlers = new Map<number, Handler>();
	/** An event that arises while one is dealt with has to wait: the firmware has one task. */
	readonly #waiting: Waiting[] = [];
	readonly #now: () => number;
	#busy = false;

	constructor(now: () => number) {
		this.#now = now;
	}

	/** Starts the firmware in a fresh machine. */
	start(platform: Platform, setup: Setup, { chunk, heap, stack }: Creation): void {
		this.#handle(partsOf(platform, this));
		if (platform.bluetooth) this.#handle(gattOf(platform.bluetooth, this));
		this.#handle(cryptoOf(platform.crypto));
		machine.begin("sim/engine/firmware", chunk, heap, stack, (call, a, b, c, bytes) => {
			const result = this.#handlers.get(call)!(a, b, c, new Uint8Array(bytes));
			machine.now(this.#now());
			if (result instanceof Uint8Array) return result.slice().buffer as ArrayBuffer;
			return typeof result === "number" ? result : 0;
		});
		this.event(BOOT, 0, utf8Encode(JSON.stringify(factsOf(platform, setup))));
	}

	event(id: number, value = 0, bytes?: Uint8Array): void {
		this.#waiting.push({ id, value, bytes });
		if (this.#busy) return;
		this.#busy = true;
		try {
			for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
				machine.now(this.#now());
				machine.event(next.id, next.value, next.bytes);
			}
		} finally {
			this.#busy = false;
		}
	}

	#handle(handlers: Handlers): void {
		for (const [call, handler] of Object.entries(handlers)) this.#handlers.set(Number(call), handler);
	}
}
