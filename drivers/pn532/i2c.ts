// SPDX-License-Identifier: Apache-2.0

import type { I2C } from "../../hal/contracts/io.js";
import type { Clock } from "../../hal/contracts/time.js";
import { NONE, nackFrame, Pn532FrameReader, PUSH_MAX } from "./frame.js";
import type { DigitalUse, I2CUse, Listener, Port } from "./port.js";
import { Readiness, Views } from "./ready.js";

/** 7-bit address (UM0701-02, 6.2.4). */
export const I2C_ADDRESS = 0x24;
/** The chip stretches the clock for 440 µs and more; drivers that waited 100 µs failed (esphome issue 4340). */
const STRETCH_MS = 20;

const DRAIN_MAX = 4;
/** Bytes of the read buffer: more than the longest frame. */
const READ_MAX = 288;

/**
 * The I2C bus. Every read begins with a ready byte (bit 0), then the frame from its beginning. Bytes read past its end are stale
 * (hydrafw issue 141) and dropped; bytes not read are lost. A frame longer than the guess is requested again by NACK and read
 * in its true length.
 */
export class I2CPort implements Port {
	readonly reader = new Pn532FrameReader();
	faults = 0;

	private readonly use: I2CUse;
	private readonly listener: Listener;
	private readonly ready: Readiness;
	private readonly views = new Views(new Uint8Array(READ_MAX + 1));
	private readonly piece = new Uint8Array(PUSH_MAX);
	private readonly nack = nackFrame();
	readonly #wake = new Uint8Array(1);
	private i2c: I2C | undefined;
	private length = 0;

	constructor(use: I2CUse, clock: Clock, interrupt: DigitalUse | undefined, listener: Listener) {
		this.use = use;
		this.listener = listener;
		this.ready = new Readiness(clock, interrupt, () => this.look(false));
		this.open();
	}

	private open(): void {
		this.reader.clear();
		this.i2c = new this.use.io({
			hz: 400_000,
			address: I2C_ADDRESS,
			timeout: STRETCH_MS,
			...this.use,
			format: "buffer",
		});
	}

	reopen(_attempt: number): void {
		this.closeBus();
		try {
			this.open();
		} catch {
			this.faults++;
		}
	}

	prepare(frame: Uint8Array): Uint8Array {
		return frame;
	}

	send(wire: Uint8Array): void {
		try {
			this.i2c?.write(wire);
		} catch {
			this.faults++;
		}
	}

	expect(bytes: number, lookMs?: number): void {
		this.length = Math.min(bytes, READ_MAX);
		this.ready.expect(bytes > 0, lookMs);
	}

	check(): void {
		if (this.ready.expecting) this.look(true);
	}

	private look(sceptical: boolean): void {
		const before = this.faults;
		const signalled = this.ready.signalled;
		if ((signalled !== false || sceptical) && !this.read(signalled === false) && signalled)
			this.ready.contradicted();
		this.ready.again(this.faults !== before);
	}

	/** Reads once; true when the chip was ready. */
	private read(unsignalled: boolean): boolean {
		const reader = this.reader;
		const view = this.views.first(1 + this.length);
		try {
			if (this.i2c === undefined) throw new Error("no bus");
			this.i2c.read(view);
		} catch {
			// No acknowledge: the chip sleeps, is busy or absent.
			this.faults++;
			return false;
		}
		if ((view[0]! & 1) === 0 || view[0] === 0xff) return false;
		if (unsignalled) this.ready.distrust();
		reader.clear();
		let kind = NONE;
		const buffer = this.views.buffer;
		const piece = this.piece;
		for (let at = 1; at < view.length && kind === NONE; at += PUSH_MAX) {
			const count = Math.min(PUSH_MAX, view.length - at);
			if (count === view.length - 1) {
				// The usual case: all of it fits one push.
				buffer.copyWithin(0, 1, 1 + count);
				piece.set(this.views.first(count));
			} else piece.set(buffer.subarray(at, at + count));
			reader.push(piece, count);
			kind = reader.next();
		}
		if (!this.ready.expecting) return true;
		if (kind !== NONE) this.listener.received(kind);
		else if (reader.wanted > 0 && this.length + reader.wanted <= READ_MAX) {
			this.length += reader.wanted;
			this.send(this.nack);
		} else this.listener.garbage();
		return true;
	}

	/** The first address after a sleep wakes the chip, acknowledged or not. */
	wake(): void {
		try {
			this.i2c?.write(this.#wake);
		} catch {
			// A sleeping chip does not acknowledge its address.
		}
	}

	drain(): void {
		this.ready.expect(false);
		this.length = 32;
		for (let i = 0; i < DRAIN_MAX && this.read(false); i++);
		this.reader.clear();
	}

	wireMs(bytes: number): number {
		// At 100 kHz. No division: some engines allocate its result.
		return (bytes >> 3) + 1;
	}

	private closeBus(): void {
		try {
			this.i2c?.close();
		} catch {
			this.faults++;
		}
		this.i2c = undefined;
	}

	close(): void {
		this.ready.close();
		this.closeBus();
	}
}
