// SPDX-License-Identifier: Apache-2.0

import { concat } from "../../protocol/bytes.js";
import { AndroidPhone } from "../nfc/cards.js";
import type { Field } from "../nfc/field.js";
import type { Applet } from "../nfc/isodep.js";
import type { SeededRandom } from "../random.js";
import type { BridgedPhone, Wire } from "./bridge.js";

/** Control messages of vpcd, the virtual reader of the vsmartcard project; a card answers neither. */
const POWER = Object.freeze({ off: 0x00, on: 0x01 });
/** Frame waiting time 9.7 ms: an answer that is there waits for no longer. A phone's own is 77 ms or more. */
const FWI = 5;

/**
 * A phone that lies at the reader while a program is connected, and answers the reader's commands by it. On the wire as
 * vpcd has it: two bytes of length, big-endian, then a command (or one byte of control), and answers the same way.
 */
export class BridgedCard implements Applet, BridgedPhone {
	readonly #wire: Wire;
	readonly #field: Field;
	readonly #phone: AndroidPhone;
	#received: Uint8Array = new Uint8Array(0);
	#powered = false;
	/** Answers that the program owes; all but the last are to commands that the reader gave up. */
	#owed = 0;
	#answer: Uint8Array | undefined;

	constructor(wire: Wire, field: Field, random: SeededRandom) {
		this.#wire = wire;
		this.#field = field;
		this.#phone = new AndroidPhone(this, random, { fwi: FWI });
		field.present(this.#phone);
	}

	process(command: Uint8Array): undefined {
		if (!this.#powered) this.#send(Uint8Array.of(POWER.on));
		this.#powered = true;
		this.#answer = undefined;
		this.#owed++;
		this.#send(command);
	}

	late(): Uint8Array | undefined {
		return this.#answer;
	}

	deselected(): void {
		if (this.#powered) this.#send(Uint8Array.of(POWER.off));
		this.#powered = false;
	}

	received(bytes: Uint8Array): void {
		this.#received = concat(this.#received, bytes);
		while (this.#received.length > 0) {
			const [high, low] = this.#received;
			const length = low === undefined ? undefined : (high! << 8) | low;
			// An answer has its status word, and is to a command.
			if (this.#owed === 0 || (length !== undefined && length < 2)) {
				this.#wire.end();
				return;
			}
			if (length === undefined || this.#received.length < 2 + length) return;
			if (--this.#owed === 0) this.#answer = this.#received.slice(2, 2 + length);
			this.#received = this.#received.subarray(2 + length);
		}
	}

	gone(): void {
		this.#field.remove(this.#phone);
	}

	#send(bytes: Uint8Array): void {
		this.#wire.send(concat(Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes));
	}
}
