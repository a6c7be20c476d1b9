// SPDX-License-Identifier: Apache-2.0

/** The firmware's end of the bus, over the functions of hal/xs/bus.c: calls go out, events go to the listeners. */
import type { ReverseBits, SumBytes } from "../../hal/contracts/io.js";

declare const host: {
	/** Waits for the answer. Throws where the world refused. */
	call(
		call: number,
		a?: number | undefined,
		b?: number | undefined,
		c?: number | undefined,
		out?: Uint8Array | string,
		into?: Uint8Array,
	): number;
	/** Milliseconds since the firmware's start, as of the last word from the world. */
	now(): number;
	/** Fills `into` with what came with the event. */
	take(into: Uint8Array): void;
	/** What came with the event, as text. */
	text(): string;
	/** Garbage. */
	collect(): void;
	/** By the C of hal/esp32, as `sumBytes`. */
	readonly reverseBits: ReverseBits;
	readonly sumBytes: SumBytes;
	listen(listener: (id: number, value: number, length: number) => void): void;
};

/*
 * Bound once: the global object is searched through at each use, which cost 1,200 instructions a call. A device's native classes have
 * no such way to go.
 */
const { call: toWorld, collect, take, text } = host;

/** Milliseconds since the firmware's start. */
export const { now } = host;

/** An event's value, and how many bytes came with it. */
export type EventHandler = (value: number, length: number) => void;

export class Bus {
	readonly #listeners: (EventHandler | undefined)[] = [];

	/** `boot` gets the first event. */
	constructor(boot: EventHandler) {
		host.listen((id, value, length) => {
			if (id < 0) boot(value, length);
			else this.#listeners[id]?.(value, length);
		});
	}

	/** The listener's number, which is another's after `forget`. */
	listen(heard: EventHandler): number {
		const free = this.#listeners.indexOf(undefined);
		if (free < 0) return this.#listeners.push(heard) - 1;
		this.#listeners[free] = heard;
		return free;
	}

	forget(id: number): void {
		this.#listeners[id] = undefined;
	}

	collect(): void {
		collect();
	}

	get reverseBits(): ReverseBits {
		return host.reverseBits;
	}

	get sumBytes(): SumBytes {
		return host.sumBytes;
	}

	/** Bytes of the event that is dealt with. */
	take(length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		take(bytes);
		return bytes;
	}

	/** The same as text. */
	text(): string {
		return text();
	}

	call(call: number, a?: number, b?: number, c?: number): number {
		return toWorld(call, a, b, c);
	}

	send(call: number, out: Uint8Array, a?: number, b?: number, c?: number): number {
		return toWorld(call, a, b, c, out);
	}

	sendText(call: number, text: string, a?: number, b?: number, c?: number): number {
		return toWorld(call, a, b, c, text);
	}

	/** `bytes` go out, and what comes back takes their place. */
	exchange(call: number, bytes: Uint8Array, a: number): number {
		return toWorld(call, a, 0, 0, bytes, bytes);
	}

	receive(call: number, into: Uint8Array, a?: number, b?: number, c?: number): number {
		return toWorld(call, a, b, c, undefined, into);
	}
}
