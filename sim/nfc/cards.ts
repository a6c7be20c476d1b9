// SPDX-License-Identifier: Apache-2.0

import type { SeededRandom } from "../random.js";
import type { VirtualTime } from "../time.js";
import { withoutCrcA } from "./crc.js";
import type { AirFrame, CardAnswer } from "./field.js";
import { type Applet, IsoDepCard, type IsoDepOptions } from "./isodep.js";
import { answer, TypeACard, type TypeAIdentity } from "./typea.js";

/** A phone in front of its host card emulation: ISO-DEP, a UID of 08 and three random bytes that is new at each tap. */
export class AndroidPhone extends IsoDepCard {
	readonly #random: SeededRandom;

	constructor(applet: Applet, random: SeededRandom, options?: IsoDepOptions) {
		super(applet, options);
		this.#random = random;
	}

	protected override identity(): TypeAIdentity {
		const uid = this.#random.bytes(4);
		uid[0] = 0x08;
		return { uid, atqa: 0x0004, sak: 0x20 };
	}
}

/** How long an iPhone keeps answering after an enhanced contactless polling frame, ms. */
const ECP_GRACE_MS = 300;

/**
 * An iPhone: deaf until it has heard enough of Apple's enhanced contactless polling frames (6A, a version, then what
 * is polled for) in one field, then for 300 ms after each. `ignoring`: field bug 14, cards fine and iPhones not.
 */
export class IPhone extends IsoDepCard {
	ignoring = false;
	/** Polling frames that it wants before it wakes. */
	needs = 2;

	readonly #random: SeededRandom;
	readonly #time: VirtualTime;
	#heard = 0;
	#until = 0;

	constructor(applet: Applet, random: SeededRandom, time: VirtualTime, options?: IsoDepOptions) {
		super(applet, options);
		this.#random = random;
		this.#time = time;
	}

	protected override identity(): TypeAIdentity {
		const uid = this.#random.bytes(4);
		uid[0] = 0x08;
		return { uid, atqa: 0x0004, sak: 0x20 };
	}

	override energised(): void {
		this.#heard = 0;
		this.#until = 0;
		super.energised();
	}

	protected override get listening(): boolean {
		return this.engaged || (this.#heard >= this.needs && this.#time.now() < this.#until);
	}

	override receive(frame: AirFrame): CardAnswer | undefined {
		// Only whole bytes with their CRC: a reader that left BitFraming at 7 after its REQA sends something else.
		if (!this.ignoring && frame.bytes[0] === 0x6a && frame.bits % 8 === 0 && withoutCrcA(frame.bytes)) {
			this.#heard++;
			this.#until = this.#time.now() + ECP_GRACE_MS;
			return undefined;
		}
		return super.receive(frame);
	}
}

/** MIFARE Classic 1K with a fixed UID: no ISO-DEP. It gives a nonce to an authentication, and no more. */
export class MifareClassic extends TypeACard {
	readonly #uid: Uint8Array;
	readonly #sak: number;

	constructor(uid: Uint8Array, sak = 0x08) {
		super();
		this.#uid = uid;
		this.#sak = sak;
	}

	protected override identity(): TypeAIdentity {
		return { uid: this.#uid, atqa: this.#uid.length === 4 ? 0x0004 : 0x0044, sak: this.#sak };
	}

	protected override active(frame: Uint8Array): CardAnswer | undefined {
		const authenticates = (frame[0] === 0x60 || frame[0] === 0x61) && frame.length === 2;
		return authenticates
			? { ...answer(new Uint8Array(2)), bytes: Uint8Array.of(1, 2, 3, 4), bits: 32 }
			: undefined;
	}
}
