// SPDX-License-Identifier: Apache-2.0

import { withCrcA, withoutCrcA } from "./crc.js";
import { type AirFrame, bit, type Card, type CardAnswer } from "./field.js";

const REQA = 0x26;
const WUPA = 0x52;
const SELECT: readonly number[] = Object.freeze([0x93, 0x95, 0x97]);
const CASCADE_TAG = 0x88;

type State = "off" | "idle" | "ready" | "active" | "halt";

/** How a type A card presents itself; UID of 4, 7 or 10 bytes. */
export interface TypeAIdentity {
	readonly uid: Uint8Array;
	/** SENS_RES as a number: 0x0004 goes out as 04 00. */
	readonly atqa: number;
	/** SEL_RES of the last cascade level. */
	readonly sak: number;
}

/**
 * ISO/IEC 14443-3 type A: REQA, WUPA, anticollision bit by bit, SELECT through the cascade levels, HLTA. What comes in
 * ACTIVE is the subclass's.
 */
export abstract class TypeACard implements Card {
	#state: State = "off";
	/** Where a mistake sends it back to: HALT when it came from there. */
	#wasHalted = false;
	#level = 0;
	#identity: TypeAIdentity | undefined;

	/** Asked at each arrival in a field. */
	protected abstract identity(): TypeAIdentity;

	/** A frame with a good CRC in ACTIVE, CRC off. `undefined`: says nothing. Answers carry no CRC: `answer` adds it. */
	protected abstract active(frame: Uint8Array): CardAnswer | undefined;

	/** Left ACTIVE, by HLTA or by loss of the field. */
	protected left(): void {}

	/** True while the card ignores everything of 14443-3 (ISO-DEP has begun). */
	protected get engaged(): boolean {
		return false;
	}

	/** False: in the field and deaf (an iPhone that was not asked). */
	protected get listening(): boolean {
		return true;
	}

	get uid(): Uint8Array | undefined {
		return this.#identity?.uid;
	}

	energised(): void {
		this.#state = "idle";
		this.#wasHalted = false;
		this.#identity = this.identity();
	}

	lost(): void {
		const active = this.#state === "active";
		this.#state = "off";
		if (active) this.left();
	}

	protected halt(): void {
		this.#state = "halt";
		this.#wasHalted = true;
		this.left();
	}

	receive(frame: AirFrame): CardAnswer | undefined {
		if (this.#state === "off" || !this.listening) return undefined;
		if (this.engaged) return this.#activeFrame(frame);
		if (frame.bits === 7) return this.#request(frame.bytes[0]!);
		if (this.#state === "ready") return this.#ready(frame);
		if (this.#state === "active") return this.#activeFrame(frame);
		return undefined;
	}

	#request(command: number): CardAnswer | undefined {
		const wakes = command === WUPA || (command === REQA && this.#state === "idle");
		if ((this.#state === "idle" || this.#state === "halt") && wakes) {
			this.#state = "ready";
			this.#level = 0;
			const atqa = this.#identity!.atqa;
			return { bytes: Uint8Array.of(atqa & 0xff, atqa >> 8), bits: 16, micros: 0 };
		}
		if (this.#state !== "halt") this.#rest();
		return undefined;
	}

	#rest(): void {
		const active = this.#state === "active";
		this.#state = this.#wasHalted ? "halt" : "idle";
		if (active) this.left();
	}

	#ready(frame: AirFrame): CardAnswer | undefined {
		const level = SELECT.indexOf(frame.bytes[0]!);
		if (level !== this.#level || frame.bits < 16) {
			this.#rest();
			return undefined;
		}
		const uid = this.#cascade(level);
		const nvb = frame.bytes[1]!;
		if (nvb === 0x70) {
			const select = withoutCrcA(frame.bytes);
			if (select === undefined || select.length !== 7 || !uid.every((byte, i) => byte === select[i + 2])) {
				this.#rest();
				return undefined;
			}
			const last = level + 1 === levels(this.#identity!.uid.length);
			this.#level = level + 1;
			if (last) this.#state = "active";
			const sak = last ? this.#identity!.sak : 0x04;
			return answer(Uint8Array.of(sak));
		}
		// NVB counts SEL and NVB themselves: whole bytes in the high half, bits in the low one.
		const known = ((nvb >> 4) - 2) * 8 + (nvb & 15);
		if (known < 0 || known >= 40 || frame.bits !== 16 + known) {
			this.#rest();
			return undefined;
		}
		for (let i = 0; i < known; i++) if (bit(uid, i) !== bit(frame.bytes, 16 + i)) return undefined;
		const rest = new Uint8Array(Math.ceil((40 - known) / 8));
		for (let i = known; i < 40; i++) rest[(i - known) >> 3]! |= bit(uid, i) << ((i - known) & 7);
		return { bytes: rest, bits: 40 - known, micros: 0 };
	}

	/** UID CLn and its BCC: 5 bytes. */
	#cascade(level: number): Uint8Array {
		const { uid } = this.#identity!;
		const last = level + 1 === levels(uid.length);
		const part = last
			? uid.subarray(3 * level, 3 * level + 4)
			: Uint8Array.of(CASCADE_TAG, ...uid.subarray(3 * level, 3 * level + 3));
		return Uint8Array.of(...part, part[0]! ^ part[1]! ^ part[2]! ^ part[3]!);
	}

	#activeFrame(frame: AirFrame): CardAnswer | undefined {
		const bytes = frame.bits % 8 === 0 ? withoutCrcA(frame.bytes) : undefined;
		if (bytes === undefined) {
			if (!this.engaged) this.#rest();
			return undefined;
		}
		if (!this.engaged && bytes.length === 2 && bytes[0] === 0x50 && bytes[1] === 0) {
			this.halt();
			return undefined;
		}
		return this.active(bytes.slice());
	}
}

function levels(length: number): number {
	return length === 4 ? 1 : length === 7 ? 2 : 3;
}

export function answer(bytes: Uint8Array, micros = 0): CardAnswer {
	const whole = withCrcA(bytes);
	return { bytes: whole, bits: whole.length * 8, micros };
}
