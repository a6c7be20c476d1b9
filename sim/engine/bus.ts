// SPDX-License-Identifier: Apache-2.0

/** The world's end of the bus: events go down, the firmware's calls come up, synchronously, until it is idle. */
import { closeSync, readSync, writeSync } from "node:fs";
import type { RestartCause } from "../../hal/contracts/chip.js";
import { utf8Encode } from "../../protocol/bytes.js";
import { CALL, CALL_SIZE, WORD, WORD_SIZE } from "./wire.js";
import { WorldEnd, type WorldEvent } from "./world-end.js";

/** The firmware's process ended by itself. */
export class EngineEnded extends Error {
	override readonly name = "EngineEnded";
	/** What a device would say of it after its restart. */
	readonly restartCause: RestartCause;

	/** `status`: see hal/xs/host.c; -1 where the process died without a word. */
	constructor(status: number, why: string) {
		super(status < 0 ? "the firmware's process has died" : `the firmware has ended: ${why}`);
		this.restartCause = status < 0 ? "watchdog" : (ABORTS[status] ?? "exception");
	}
}

/** 64 and the engine's number for its end: memory, stack, keys. */
const ABORTS: Readonly<Record<number, RestartCause>> = Object.freeze({
	65: "out-of-memory",
	66: "stack-overflow",
	70: "out-of-memory",
});

/** What the engine says of itself: bytes, and instructions where the processor counts. */
export interface EngineFigures {
	/** In use after a collection. */
	readonly slots: number;
	readonly chunks: number;
	readonly slotsReserved: number;
	readonly chunksReserved: number;
	readonly slotSize: number;
	/** Most at once since `resetPeaks`, garbage that was not collected yet included. */
	readonly peakSlots: number;
	readonly peakChunks: number;
	/** Most in use after a collection at any crossing of the bus, while it was sampled. */
	readonly mostSlots: number;
	readonly mostChunks: number;
	readonly mostBoth: number;
	/** Most of the stack since `resetPeaks`. */
	readonly stack: number;
	readonly stackReserved: number;
	/** By function of hal/crypto/native. */
	readonly calls: readonly { readonly name: string; readonly calls: number; readonly instructions: number }[];
}

const EMPTY = new Uint8Array(0);

export interface WorldBusOptions {
	/** Descriptors of the two pipes. */
	readonly down: number;
	readonly up: number;
	readonly now: () => number;
	readonly native: (name: string) => void;
}

/** Its events throw `EngineEnded`. */
export class WorldBus extends WorldEnd {
	readonly #options: WorldBusOptions;
	readonly #head = new Uint8Array(CALL_SIZE);
	readonly #view = new DataView(this.#head.buffer);
	#open = true;
	/** The firmware's own work until its last word, where the processor counts. */
	instructions = 0;

	constructor(options: WorldBusOptions) {
		super();
		this.#options = options;
	}

	/** Between events: the engine's figures. */
	figures(): EngineFigures {
		this.#say(WORD.figures, 0, 0, EMPTY);
		return JSON.parse(new TextDecoder().decode(this.#hear().bytes)) as EngineFigures;
	}

	/** Between events: collects at every crossing from here on, or no longer. */
	sample(on: boolean): void {
		this.#say(WORD.sample, 0, on ? 1 : 0, EMPTY);
		this.#hear();
	}

	/** Between events: collects, and from here on peaks are those of what follows. */
	resetPeaks(): void {
		this.#say(WORD.resetPeaks, 0, 0, EMPTY);
		this.#hear();
	}

	/** Between events: leaves the firmware so many bytes for chunks. */
	squeeze(leave: number): void {
		this.#say(WORD.squeeze, 0, leave, EMPTY);
		this.#hear();
	}

	close(): void {
		if (!this.#open) return;
		this.#open = false;
		closeSync(this.#options.down);
		closeSync(this.#options.up);
	}

	protected override deliver({ id, value, bytes = EMPTY }: WorldEvent): void {
		if (!this.#open) return;
		this.#say(WORD.event, id, value, bytes);
		for (;;) {
			const { call, a, b, c, bytes } = this.#hear();
			if (call === CALL.idle) return;
			if (call === CALL.spend) {
				this.#options.native(Buffer.from(bytes).toString("latin1"));
				this.#say(WORD.answer, 0, 0, EMPTY);
			} else this.#reply(call, a, b, c, bytes);
			// The world has ended this life in the middle of it.
			if (!this.#open) return;
		}
	}

	#reply(call: number, a: number, b: number, c: number, bytes: Uint8Array): void {
		let result: unknown;
		try {
			result = this.answer(call, a, b, c, bytes);
		} catch (error) {
			// Not a refusal: this life is over, and the next one could not begin.
			if (!this.#open) throw error;
			this.#say(WORD.refused, 0, 0, utf8Encode((error as Error).message.slice(0, 200)));
			return;
		}
		if (result instanceof Uint8Array) this.#say(WORD.answer, 0, result.length, result);
		else this.#say(WORD.answer, 0, typeof result === "number" ? result : 0, EMPTY);
	}

	#say(kind: number, id: number, value: number, bytes: Uint8Array): void {
		if (!this.#open) return;
		const message = Buffer.alloc(WORD_SIZE + bytes.length);
		message.writeUInt32LE(kind, 0);
		message.writeUInt32LE(bytes.length, 4);
		message.writeDoubleLE(this.#options.now(), 8);
		message.writeDoubleLE(id, 16);
		message.writeDoubleLE(value, 24);
		message.set(bytes, WORD_SIZE);
		try {
			for (let at = 0; at < message.length; ) at += writeSync(this.#options.down, message, at);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
			this.#ended(-1, "");
		}
	}

	#hear(): { call: number; a: number; b: number; c: number; bytes: Uint8Array } {
		this.#fill(this.#head);
		const view = this.#view;
		const bytes = new Uint8Array(view.getUint32(4, true));
		this.#fill(bytes);
		this.instructions = view.getFloat64(32, true);
		const call = view.getUint32(0, true);
		if (call === CALL.ended) this.#ended(view.getFloat64(8, true), new TextDecoder().decode(bytes));
		const [a, b, c] = [8, 16, 24].map((at) => view.getFloat64(at, true)) as [number, number, number];
		return { call, a, b, c, bytes };
	}

	#fill(into: Uint8Array): void {
		for (let at = 0; at < into.length; ) {
			const count = readSync(this.#options.up, into, at, into.length - at, null);
			if (count === 0) this.#ended(-1, "");
			at += count;
		}
	}

	#ended(status: number, why: string): never {
		this.close();
		throw new EngineEnded(status, why);
	}
}
