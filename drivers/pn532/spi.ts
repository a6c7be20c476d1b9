// SPDX-License-Identifier: Apache-2.0

import type { ReverseBits, SPI } from "../../hal/contracts/io.js";
import type { Clock } from "../../hal/contracts/time.js";
import { ACK, ACK_FRAME_LENGTH, NONE, Pn532FrameReader, PUSH_MAX, SPOILED } from "./frame.js";
import type { DigitalUse, Listener, Port, SPIUse } from "./port.js";
import { Readiness, Views } from "./ready.js";

/** First byte of a transaction (UM0701-02, 6.2.5). */
const DATA_WRITE = 0x01;
const STATUS_READ = 0x02;
const DATA_READ = 0x03;

/** The rate where none is given, and after an attempt to start that failed: long wires. */
const HZ = 2_000_000;
const SLOW_HZ = 1_000_000;

/** Bit 0 of the status byte. */
const READY = 0x01;

/** Frames read away at a start: more than a chip can hold for a host that restarted. */
const DRAIN_MAX = 4;
/** Bytes of the read buffer: more than the longest frame. */
const READ_MAX = 288;
/** So often in a row the chip's status must say what the interrupt line does, before the line alone is asked. */
const PROVEN = 4;
/** A frame must begin within this many bytes. */
const NOISE_MAX = 24;
/** The least of a reply that holds a frame to its end, but for its postamble: with a code and one parameter. */
const SHORT_REPLY = 9;

/**
 * The SPI bus, mode 0, at most 5 MHz. The chip sends the least significant bit first, which the ESP32's SPI class cannot, so this
 * class reverses the bits, by the platform's own code where it has some. Where the platform reverses them too (arduino-pico issue 1201), the chip does not answer the first
 * attempts to start, and every other attempt from then on does not reverse.
 */
export class SpiPort implements Port {
	readonly reader: Pn532FrameReader;
	faults = 0;

	private readonly use: SPIUse;
	private readonly listener: Listener;
	private readonly ready: Readiness;
	private readonly status = new Uint8Array(2);
	/** Of the reader's landing, where the bus puts what it reads. */
	private readonly views: Views;
	private readonly reverse: ReverseBits;
	/** How often in a row the chip's status said what the interrupt line did. */
	private agreed = 0;
	/** Bytes of a frame's first transfer. */
	private first = ACK_FRAME_LENGTH;
	/** Whether bits are reversed here. */
	private turn = true;
	private spi: SPI | undefined;
	private selected = false;

	constructor(use: SPIUse, clock: Clock, interrupt: DigitalUse | undefined, listener: Listener) {
		this.use = use;
		this.listener = listener;
		this.reader = new Pn532FrameReader(use.sumBytes);
		this.views = new Views(this.reader.landing);
		this.reverse = use.reverseBits ?? reverse;
		this.ready = new Readiness(clock, interrupt, () => this.look(false));
		this.open();
	}

	private open(slow = false): void {
		this.selected = false;
		this.reader.clear();
		// `active`: the level of chip select while selected, as the ESP32's class names it.
		const { hz = HZ } = this.use;
		const rate = slow ? Math.min(hz, SLOW_HZ) : hz;
		this.spi = new this.use.io({ active: 0, ...this.use, hz: rate, mode: 0, format: "buffer" });
	}

	reopen(attempt: number): void {
		if (attempt > 1) this.turn = !this.turn;
		this.closeBus();
		try {
			this.open(attempt > 0);
		} catch {
			this.faults++;
		}
	}

	prepare(frame: Uint8Array, room = false): Uint8Array {
		const length = frame.length + 1;
		let wire: Uint8Array;
		if (room) wire = new Uint8Array(frame.buffer, frame.byteOffset - 1, length);
		else {
			wire = new Uint8Array(length);
			wire.set(frame, 1);
		}
		wire[0] = DATA_WRITE;
		this.reverse(wire, length);
		return wire;
	}

	send(wire: Uint8Array): void {
		try {
			this.deselect();
			let bytes = wire;
			if (!this.turn) {
				bytes = wire.slice();
				this.reverse(bytes, bytes.length);
			}
			this.spi?.write(bytes);
			this.spi?.flush(true);
		} catch {
			this.faults++;
		}
	}

	expect(bytes: number, lookMs?: number): void {
		this.first = bytes > ACK_FRAME_LENGTH ? SHORT_REPLY : ACK_FRAME_LENGTH;
		this.ready.expect(bytes > 0, lookMs);
	}

	check(): void {
		if (this.ready.expecting) this.look(true);
	}

	/** Reads the status, and a frame if there is one. `sceptical`: also when the interrupt line reports none. */
	private look(sceptical: boolean): void {
		const before = this.faults;
		const signalled = this.ready.signalled;
		if (signalled !== false || sceptical) {
			if (signalled && this.agreed >= PROVEN) this.read();
			else if (this.statusReady()) {
				if (signalled === false) this.ready.distrust();
				this.agreed++;
				this.read();
			} else if (signalled) {
				this.agreed = 0;
				this.ready.contradicted();
			}
		}
		this.ready.again(this.faults !== before);
	}

	private statusReady(): boolean {
		const status = this.status;
		status[0] = this.turn ? REVERSED[STATUS_READ]! : STATUS_READ;
		status[1] = 0;
		try {
			this.transfer(status);
			this.deselect();
		} catch {
			this.failed();
			return false;
		}
		const answer = status[1]!;
		// All ones: the line is not driven.
		return answer !== 0xff && ((this.turn ? REVERSED[answer]! : answer) & READY) !== 0;
	}

	/** Reads one frame in one transaction. */
	private read(): void {
		let kind = NONE;
		try {
			kind = this.readFrame();
			this.deselect();
		} catch {
			this.failed();
		}
		if (kind === NONE) this.agreed = 0;
		if (!this.ready.expecting) return;
		if (kind === NONE) this.listener.garbage();
		else this.listener.received(kind);
	}

	/** The length of the transaction follows the frame's header. Throws what the bus throws. */
	private readFrame(): number {
		const { reader, views } = this;
		let total = this.first;
		reader.clear();
		let view = views.first(1 + total);
		// What is sent behind the command byte has no meaning, nor what comes with it.
		view[0] = this.turn ? DATA_READ_REVERSED : DATA_READ;
		this.transfer(view);
		if (total === ACK_FRAME_LENGTH && reader.landedAck) return ACK;
		view.copyWithin(0, 1);
		if (this.turn) this.reverse(view, total);
		reader.take(total);
		let kind = reader.next();
		while (kind === NONE && total < READ_MAX) {
			// A frame may begin after some noise or a longer preamble.
			const wanted = reader.wanted > 0 ? reader.wanted : total < NOISE_MAX ? ACK_FRAME_LENGTH : 0;
			if (wanted === 0) break;
			const count = Math.min(wanted, PUSH_MAX);
			view = views.first(count);
			this.transfer(view);
			if (this.turn) this.reverse(view, count);
			reader.take(count);
			total += count;
			kind = reader.next();
		}
		if (kind === SPOILED) {
			// Noise can look like a long frame with the true one inside.
			const inside = reader.next();
			if (inside !== NONE) kind = inside;
		}
		return kind;
	}

	/** Throws what the bus throws, as `deselect` does: a `try` around both costs as much as one around each. */
	private transfer(view: Uint8Array): void {
		this.selected = true;
		this.spi?.transfer(view);
	}

	private deselect(): void {
		if (!this.selected) return;
		this.selected = false;
		this.spi?.flush(true);
	}

	/** The bus threw: the chip is deselected, if that can be. */
	private failed(): void {
		this.faults++;
		try {
			this.deselect();
		} catch {
			this.faults++;
		}
	}

	/** Wakes the chip by chip select low, until the next use of the bus 2 ms later. */
	wake(): void {
		this.status[0] = this.turn ? REVERSED[STATUS_READ]! : STATUS_READ;
		try {
			this.transfer(this.status);
		} catch {
			this.faults++;
		}
	}

	drain(): void {
		try {
			this.deselect();
		} catch {
			this.faults++;
		}
		this.ready.expect(false);
		for (let i = 0; i < DRAIN_MAX && this.statusReady(); i++) this.read();
		this.reader.clear();
	}

	wireMs(bytes: number): number {
		// At 1 MHz. No division: some engines allocate its result.
		return (bytes >> 7) + 1;
	}

	private closeBus(): void {
		try {
			this.spi?.close();
		} catch {
			this.faults++;
		}
		this.spi = undefined;
	}

	close(): void {
		this.ready.close();
		this.closeBus();
	}
}

/** The reverse of each byte value. */
const REVERSED = /* @__PURE__ */ reversedBytes();

function reversedBytes(): readonly number[] {
	const table: number[] = [];
	for (let byte = 0; byte < 256; byte++) {
		let turned = 0;
		for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) turned |= 0x80 >> bit;
		table.push(turned);
	}
	return Object.freeze(table);
}

const DATA_READ_REVERSED = /* @__PURE__ */ REVERSED[DATA_READ]!;

/** `ReverseBits` in JavaScript. */
export function reverse(bytes: Uint8Array, length: number): void {
	for (let i = 0; i < length; i++) bytes[i] = REVERSED[bytes[i]!]!;
}
