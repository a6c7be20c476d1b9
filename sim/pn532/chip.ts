// SPDX-License-Identifier: Apache-2.0

import { Field } from "../nfc/field.js";
import type { SeededRandom } from "../random.js";
import type { VirtualTime, WorldTime } from "../time.js";
import { run } from "./air.js";
import { CODE, Firmware, type Outcome } from "./commands.js";
import { type Costs, TYPICAL } from "./costs.js";
import { Faults } from "./faults.js";
import { ACK, frame, HostFrameParser, responseFrame, SYNTAX_ERROR } from "./frames.js";
import { Trace } from "./trace.js";

/** The chip's side of the bus to its host: HSU, SPI or I2C. */
export interface HostPort {
	/** Bit in PowerDown's wake-up sources (UM0701-02, 7.2.11). */
	readonly wakeSource: number;
	/** A frame for the host. */
	send(frame: Uint8Array): void;
	/** Forgets what the host has not fetched. */
	clear(): void;
	/** The chip was reset or lost its power. */
	reset(): void;
	/** A new rate is in force (HSU only). */
	setRate?(baud: number): void;
}

/** A PN532 with firmware 1.6: everything between its host port and its antenna. */
export class PN532Chip {
	readonly field: Field;
	readonly faults = new Faults();
	readonly trace = new Trace();
	readonly firmware: Firmware;
	/** Commands understood since the world began. */
	commands = 0;
	resets = 0;

	readonly #time: WorldTime;
	readonly costs: Costs;
	readonly #parser: HostFrameParser;
	#port: HostPort | undefined;
	#powered = true;
	#held = false;
	#asleep = true;
	#lowVbat = true;
	/** Sources that may wake it, all after a reset. */
	#wakeSources = 0xff;
	/** When it hears, microseconds. */
	#awakeAt = 0;
	#silent = false;
	#deafUntil = 0;
	/** Cancels whatever the firmware is at. */
	#cancel: (() => void) | undefined;
	#lastReply: Uint8Array | undefined;
	#newRate: number | undefined;
	#irqUsed = true;
	#afterReply: (() => void) | undefined;

	constructor(time: VirtualTime, random: SeededRandom, costs: Partial<Costs> = {}) {
		this.#time = time.hardware;
		this.costs = { ...TYPICAL, ...costs };
		this.field = new Field(time.hardware, random);
		this.field.onFrame = (from, { bytes, bits }) =>
			this.trace.add(time.micros, from, bytes, bits % 8 ? `${bits} bits` : undefined);
		this.firmware = new Firmware({
			field: this.field,
			faults: this.faults,
			costs: this.costs,
			sleep: (sources) => {
				this.#afterReply = () => this.#powerDown(sources);
			},
			changeRate: (baud) => {
				this.#newRate = baud;
			},
			useIrq: (used) => {
				this.#irqUsed = used;
			},
		});
		this.#parser = new HostFrameParser({
			command: (data) => this.#command(data),
			ack: () => this.#abort(),
			nack: () => this.#repeat(),
			misfit: () => this.#misfit(),
		});
	}

	attach(port: HostPort): void {
		this.#port = port;
	}

	get time(): WorldTime {
		return this.#time;
	}

	/** Drives IRQ (SAMConfiguration's third parameter), and the wire is whole. */
	get irqUsed(): boolean {
		return this.#irqUsed && !this.faults.irqStuck;
	}

	/** Has its supply, and is not held in reset. */
	get powered(): boolean {
		return this.#powered && !this.#held;
	}

	/** Wedged: answers nothing until its cure. */
	get silent(): boolean {
		return this.#silent;
	}

	/** The firmware works on a command. */
	get busy(): boolean {
		return this.#cancel !== undefined;
	}

	/** Hears its host at `micros`. */
	awake(micros = this.#time.micros): boolean {
		return this.#powered && !this.#held && !this.#asleep && micros >= this.#awakeAt;
	}

	get asleep(): boolean {
		return this.#asleep;
	}

	/** RSTPDN: false holds the chip in reset. */
	setReset(high: boolean): void {
		if (high === !this.#held) return;
		this.#held = !high;
		this.trace.add(this.#time.micros, "pin", new Uint8Array(0), high ? "reset high" : "reset low");
		if (this.#held) this.#off();
		else this.#boot("reset");
	}

	/** VBAT. */
	setPower(on: boolean): void {
		if (on === this.#powered) return;
		this.#powered = on;
		this.trace.add(this.#time.micros, "pin", new Uint8Array(0), on ? "power on" : "power off");
		if (on) this.#boot("power");
		else this.#off();
	}

	/** A dip in the supply: the chip forgets everything and tells nothing. */
	brownOut(): void {
		this.setPower(false);
		this.setPower(true);
	}

	/** Silent from now on, until its cure. */
	wedge(): void {
		this.#silent = true;
		this.#stop();
		this.trace.add(this.#time.micros, "pin", new Uint8Array(0), "wedged");
	}

	#off(): void {
		this.#stop();
		this.field.on = false;
		this.#port?.clear();
	}

	#boot(cause: "reset" | "power"): void {
		if (!this.#powered || this.#held) return;
		this.resets++;
		this.#asleep = true;
		this.#lowVbat = true;
		this.#wakeSources = 0xff;
		this.#awakeAt = this.#time.micros + this.costs.boot;
		this.#irqUsed = true;
		this.#lastReply = undefined;
		this.#newRate = undefined;
		this.#deafUntil = 0;
		this.firmware.reset();
		this.#parser.reset();
		if (cause === "power" || this.faults.cure === "reset") {
			if (this.#silent) this.faults.silentAfter = Number.POSITIVE_INFINITY;
			this.#silent = false;
			this.faults.sclStuck = false;
		}
		this.#port?.reset();
	}

	#stop(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		this.#afterReply = undefined;
	}

	#powerDown(sources: number): void {
		this.#asleep = true;
		this.#wakeSources = sources;
		this.field.on = false;
		this.firmware.targets = [];
	}

	/** What wakes a chip came from the host at `micros`; false when it will not wake. */
	wake(micros = this.#time.micros): boolean {
		const port = this.#port;
		if (!this.#powered || this.#held || port === undefined || micros < this.#awakeAt) return false;
		if (!this.#asleep) return true;
		if ((this.#wakeSources & port.wakeSource) === 0) return false;
		if (!this.#lowVbat && this.faults.deafInPowerDown && port.wakeSource === 0x10) return false;
		this.#asleep = false;
		this.#awakeAt = micros + this.costs.wake;
		this.#parser.reset();
		return true;
	}

	/** One byte of the host, when the chip is awake. */
	hear(byte: number): void {
		if (!this.#silent) this.#parser.push(byte);
	}

	/** Leaves a reply of an earlier life for the host to find. */
	leaveReply(code: number, data: Uint8Array): void {
		this.#port?.send(responseFrame(code, data));
	}

	#command(data: Uint8Array): void {
		if (this.#time.micros < this.#deafUntil || this.faults.take("loseCommand")) return;
		if (this.faults.silentAfter <= 0) {
			this.wedge();
			return;
		}
		this.faults.silentAfter--;
		this.commands++;
		this.#lowVbat = false;
		this.#stop();
		if (!this.faults.keepStaleReply) this.#port?.clear();
		this.#newRate = undefined;
		const ackLater = this.faults.take("replyBeforeAck");
		const ackLost = this.faults.take("loseAck");
		const code = data[0]!;
		const start = (): void => {
			this.#cancel = run(
				this.#work(code, data.subarray(1)),
				this.field,
				(micros, action) => this.#time.after(micros, action),
				(outcome) => {
					this.#cancel = undefined;
					this.#reply(code, outcome);
					if (ackLater && !ackLost) this.#send(Uint8Array.from(ACK));
				},
			);
		};
		this.#cancel = this.#time.after(this.costs.ack, () => {
			this.#cancel = undefined;
			if (!ackLater && !ackLost) this.#send(Uint8Array.from(ACK));
			start();
		});
	}

	*#work(code: number, data: Uint8Array): ReturnType<Firmware["run"]> {
		yield { wait: this.costs.command + this.faults.slow };
		const outcome = yield* this.firmware.run(code, data);
		yield { wait: this.costs.reply };
		return outcome;
	}

	#reply(code: number, outcome: Outcome): void {
		const { faults } = this;
		const after = this.#afterReply;
		this.#afterReply = undefined;
		if (outcome === "silence") return;
		let bytes: Uint8Array;
		if (outcome === "syntax-error" || faults.take("errorFrame")) bytes = Uint8Array.from(SYNTAX_ERROR);
		else bytes = this.#content(code + 1, outcome);
		this.#lastReply = bytes;
		if (!faults.take("loseReply")) {
			this.#send(bytes);
			if (faults.take("repeatReply")) this.#send(bytes);
		}
		after?.();
	}

	/** The reply as a frame, with what is wrong with it. */
	#content(code: number, data: Uint8Array): Uint8Array {
		const { faults } = this;
		let bytes: Uint8Array;
		if (code === CODE.getFirmwareVersion + 1 && faults.take("samForVersion"))
			bytes = responseFrame(CODE.samConfiguration + 1, new Uint8Array(0));
		else if (faults.take("emptyReply")) bytes = responseFrame(code, new Uint8Array(0));
		else if (faults.take("doubleTfi")) bytes = frame(Uint8Array.of(0xd5, 0xd5, code, ...data));
		else if (faults.take("wrongCode")) bytes = responseFrame((code + 2) & 0xff, data);
		else bytes = responseFrame(code, data);
		if (faults.take("badChecksum")) bytes[bytes.length - 2]! ^= 0x5a;
		if (faults.take("badLengthChecksum")) bytes[4]! ^= 0x24;
		if (faults.take("truncateReply")) bytes = bytes.slice(0, faults.truncateAt);
		// fRemovePrePostAmble.
		return this.firmware.parameters & 0x40 ? bytes.slice(1, -1) : bytes;
	}

	#send(bytes: Uint8Array): void {
		if (this.#silent) return;
		const { junk } = this.faults;
		if (junk === undefined) this.#port?.send(bytes);
		else this.#port?.send(Uint8Array.of(...junk, ...bytes));
	}

	/** ACK of the host: takes the reply, or aborts the command that runs (6.2.1.3). */
	#abort(): void {
		const rate = this.#newRate;
		if (this.#cancel === undefined && rate !== undefined) {
			this.#newRate = undefined;
			if (!this.faults.ignoreBaudRate) this.#time.after(this.costs.baud, () => this.#port?.setRate?.(rate));
			return;
		}
		this.#stop();
		this.#port?.clear();
		if (this.faults.deafAfterAbort > 0) this.#deafUntil = this.#time.micros + this.faults.deafAfterAbort;
	}

	#repeat(): void {
		if (this.#cancel === undefined && this.#lastReply) {
			this.#port?.clear();
			this.#send(this.#lastReply);
		}
	}

	#misfit(): void {
		this.#stop();
		this.#time.after(this.costs.ack, () => this.#send(Uint8Array.from(SYNTAX_ERROR)));
	}
}
