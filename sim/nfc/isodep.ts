// SPDX-License-Identifier: Apache-2.0

import { concat } from "../../protocol/bytes.js";
import type { CardAnswer } from "./field.js";
import { answer, TypeACard } from "./typea.js";

/** The application behind ISO-DEP: what an Android HostApduService is. */
export interface Applet {
	/** One command APDU; the answer, and the time that the phone thinks about it, µs. Undefined where `late` gives it. */
	process(command: Uint8Array): { response: Uint8Array; micros: number } | undefined;
	/** The answer that `process` did not give, once it is there; asked whenever the card would have to ask for more time. */
	late?(): Uint8Array | undefined;
	/** The reader let go, or the field went away. */
	deselected(): void;
}

export interface IsoDepOptions {
	/** Frame waiting time integer (ISO/IEC 14443-4, 7.2): 302 µs · 2^FWI; 0 to 14. Android phones say 7 or 8. */
	readonly fwi?: number;
	/** Frame size that the card takes, as FSCI (0 to 8: 16 to 256 bytes). */
	readonly fsci?: number;
	/** Historical bytes of the ATS. */
	readonly historical?: Uint8Array;
	/** Time the card's controller takes for a block that does not reach the applet, µs. */
	readonly blockMicros?: number;
}

/** Bytes in a frame by FSCI or FSDI (ISO/IEC 14443-4, table 1). */
export const FRAME_SIZES: readonly number[] = Object.freeze([16, 24, 32, 40, 48, 64, 96, 128, 256]);

/** 256 · 16 / fc, the frame waiting time of FWI 0, µs. */
export const FWT_UNIT = (256 * 16) / 13.56;
/** WTXM is at most 59 (7.3). */
const WTXM_MAX = 59;
/** No APDU is longer (ISO/IEC 7816-4 extended: 65544); a reader that chains for ever is cut off. */
const COMMAND_MAX = 65544;

/** ISO/IEC 14443-4, the card's side: ATS, PPS, chaining both ways, WTX, DESELECT, block toggling and repetition. */
export abstract class IsoDepCard extends TypeACard {
	/** Counts for specs: what went over the air in blocks. */
	readonly seen = { commands: 0, wtx: 0, repeated: 0, deselects: 0 };

	readonly #applet: Applet;
	readonly #fwi: number;
	readonly #fsci: number;
	readonly #historical: Uint8Array;
	readonly #blockMicros: number;
	#begun = false;
	/** Block number of the card; toggled when a block of the reader is accepted (rule D). */
	#block = 1;
	#frameSize = 256;
	#cid: number | undefined;
	#command: Uint8Array = new Uint8Array(0);
	/** The part of the response that is not sent yet. */
	#rest: Uint8Array | undefined;
	#last: Uint8Array | undefined;
	/** Thinking that is left when a WTX runs out, µs. */
	#thinking = 0;
	/** The applet answers later. */
	#awaiting = false;
	/** A PPS is taken only as the first block after the ATS. */
	#fresh = false;

	constructor(applet: Applet, options: IsoDepOptions = {}) {
		super();
		this.#applet = applet;
		this.#fwi = options.fwi ?? 8;
		this.#fsci = options.fsci ?? 8;
		this.#historical = options.historical ?? new Uint8Array(0);
		this.#blockMicros = options.blockMicros ?? 300;
	}

	protected override get engaged(): boolean {
		return this.#begun;
	}

	override lost(): void {
		const begun = this.#begun;
		this.#end();
		super.lost();
		if (begun) this.#applet.deselected();
	}

	#end(): void {
		this.#begun = false;
		this.#command = new Uint8Array(0);
		this.#rest = undefined;
		this.#last = undefined;
		this.#thinking = 0;
		this.#awaiting = false;
	}

	protected active(frame: Uint8Array): CardAnswer | undefined {
		const first = frame[0]!;
		if (!this.#begun) {
			if (first !== 0xe0 || frame.length !== 2) return undefined;
			return this.#rats(frame[1]!);
		}
		if (this.#fresh && (first & 0xf0) === 0xd0) return this.#answer(Uint8Array.of(first), this.#blockMicros);
		this.#fresh = false;
		const hasCid = (first & 0x08) !== 0;
		if (hasCid && (frame[1]! & 15) !== (this.#cid ?? 0)) return undefined;
		const prologue = 1 + (hasCid ? 1 : 0) + ((first & 0xc0) === 0 && first & 0x04 ? 1 : 0);
		const information = frame.subarray(prologue);
		if ((first & 0xe2) === 0x02) return this.#information(first, information);
		if ((first & 0xe6) === 0xa2) return this.#receiveReady(first);
		if ((first & 0xc7) === 0xc2) return this.#supervisory(first, information);
		return undefined;
	}

	#rats(parameter: number): CardAnswer {
		this.#begun = true;
		this.#fresh = true;
		this.#block = 1;
		this.#frameSize = FRAME_SIZES[Math.min(parameter >> 4, 8)]!;
		this.#cid = parameter & 15;
		// T0: TA, TB, TC follow; TA 0: 106 kbit/s only and both ways; TB: FWI, SFGI 0; TC: CID, no NAD.
		const head = Uint8Array.of(5 + this.#historical.length, 0x70 | this.#fsci, 0x80, this.#fwi << 4, 0x02);
		return this.#answer(concat(head, this.#historical), this.#blockMicros);
	}

	/** I-block: rules D, 10 and 13. */
	#information(pcb: number, information: Uint8Array): CardAnswer | undefined {
		this.#block = pcb & 1;
		this.#rest = undefined;
		if (this.#command.length + information.length > COMMAND_MAX) {
			this.#command = new Uint8Array(0);
			return undefined;
		}
		this.#command = concat(this.#command, information);
		if (pcb & 0x10) return this.#answer(Uint8Array.of(0xa2 | this.#block), this.#blockMicros);
		const command = this.#command;
		this.#command = new Uint8Array(0);
		this.seen.commands++;
		const answer = this.#applet.process(command);
		if (answer === undefined) return this.#await();
		this.#awaiting = false;
		this.#rest = answer.response;
		this.#thinking = Math.max(answer.micros, this.#blockMicros);
		return this.#think();
	}

	/** Sends the response if it has come, else asks for one frame waiting time after the other until it has. */
	#await(): CardAnswer {
		this.#rest = this.#applet.late?.();
		this.#awaiting = this.#rest === undefined;
		if (!this.#awaiting) return this.#next(this.#blockMicros);
		this.seen.wtx++;
		return this.#answer(Uint8Array.of(0xf2, 1), 0.8 * this.#fwt());
	}

	/** Sends the response when it is ready in time, else asks for more time a little before the reader gives up. */
	#think(): CardAnswer {
		const patience = 0.8 * this.#fwt();
		if (this.#thinking <= patience) {
			const micros = this.#thinking;
			this.#thinking = 0;
			return this.#next(micros);
		}
		this.#thinking -= patience;
		const wanted = Math.ceil(this.#thinking / patience);
		this.seen.wtx++;
		return this.#answer(Uint8Array.of(0xf2, Math.min(WTXM_MAX, Math.max(1, wanted))), patience);
	}

	#fwt(): number {
		return FWT_UNIT * 2 ** this.#fwi;
	}

	#next(micros: number): CardAnswer {
		const rest = this.#rest ?? new Uint8Array(0);
		// PCB and CRC take three bytes of the frame.
		const size = this.#frameSize - 3;
		const part = rest.subarray(0, size);
		this.#rest = rest.length > size ? rest.subarray(size) : undefined;
		const pcb = 0x02 | this.#block | (this.#rest ? 0x10 : 0);
		return this.#answer(concat(Uint8Array.of(pcb), part), micros);
	}

	/** R-block: rules E, 11, 12 and 13. */
	#receiveReady(pcb: number): CardAnswer | undefined {
		const nak = (pcb & 0x10) !== 0;
		if ((pcb & 1) === this.#block) {
			if (this.#last === undefined) return undefined;
			this.seen.repeated++;
			return answer(this.#last, this.#blockMicros);
		}
		if (nak) return this.#answer(Uint8Array.of(0xa2 | this.#block), this.#blockMicros);
		if (this.#rest === undefined) return undefined;
		this.#block ^= 1;
		return this.#next(this.#blockMicros);
	}

	#supervisory(pcb: number, information: Uint8Array): CardAnswer | undefined {
		if ((pcb & 0x30) === 0x30) {
			if (information.length !== 1) return undefined;
			if (this.#awaiting) return this.#await();
			if (this.#thinking === 0) return undefined;
			const granted = Math.max(1, Math.min(WTXM_MAX, information[0]! & 0x3f));
			const time = Math.min(this.#thinking, 0.8 * this.#fwt() * granted);
			this.#thinking -= time;
			if (this.#thinking <= 0) {
				this.#thinking = 0;
				return this.#next(time);
			}
			this.seen.wtx++;
			const wanted = Math.min(WTXM_MAX, Math.ceil(this.#thinking / (0.8 * this.#fwt())));
			return this.#answer(Uint8Array.of(0xf2, wanted), time);
		}
		this.seen.deselects++;
		this.#end();
		this.#applet.deselected();
		this.halt();
		return answer(Uint8Array.of(pcb), this.#blockMicros);
	}

	#answer(block: Uint8Array, micros: number): CardAnswer {
		this.#last = block;
		return answer(block, micros);
	}
}
