// SPDX-License-Identifier: Apache-2.0

import type { GattService } from "../../../hal/contracts/bluetooth.js";
/**
 * A scheme for specs: the phone says its 8-byte id, is given a challenge and proves itself by SHA-256(secret ‖ challenge).
 * Nothing outside this file knows of it.
 */
import { concat, equal } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type {
	ApduRequest,
	BleSession,
	Breach,
	NfcSession,
	Scheme,
	SchemeEvents,
} from "../../../src/schemes/scheme.js";

export const TOY_AID = Uint8Array.of(0xf0, 0x54, 0x4f, 0x59, 0x01);
export const TOY_SERVICE: GattService = {
	uuid: "746f7900-0000-4000-8000-000000000001",
	fromPhone: "746f7900-0000-4000-8000-000000000002",
	toPhone: "746f7900-0000-4000-8000-000000000003",
	info: { uuid: "746f7900-0000-4000-8000-000000000004", value: Uint8Array.of(7) },
};
const CHALLENGE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** The phone's side. */
export function toyProof(crypto: Crypto, secret: Uint8Array, challenge: Uint8Array): Uint8Array {
	return crypto.sha256(concat(secret, challenge));
}

/** Both links: the id, then the proof; a byte back says whether the door opened. */
class ToySession implements NfcSession, BleSession {
	readonly aid = TOY_AID;
	readonly service = TOY_SERVICE;
	readonly tapped = false;
	started = false;
	over = false;
	failed = false;
	#id = new Uint8Array(0);
	#out: Uint8Array | undefined;
	readonly #prove: (challenge: Uint8Array) => Uint8Array;
	readonly #events: SchemeEvents;

	constructor(prove: (challenge: Uint8Array) => Uint8Array, events: SchemeEvents) {
		this.#prove = prove;
		this.#events = events;
	}

	open(): void {
		this.started = this.over = this.failed = false;
		this.#id = new Uint8Array(0);
		this.#out = undefined;
	}

	abandon(): void {
		this.#out = undefined;
	}

	next(answer: Uint8Array): ApduRequest | Breach | undefined {
		if (this.over) return undefined;
		if (!this.started) {
			const breach = this.#begin(answer);
			return breach ?? { cla: 0x80, ins: 0x10, p1: 0, p2: 0, data: CHALLENGE, le: true };
		}
		return { cla: 0x80, ins: 0x12, p1: 0, p2: 0, data: this.#judge(answer), le: false };
	}

	receive(value: Uint8Array): "gate" | "answer" | Breach {
		if (this.started) {
			this.#out = this.#judge(value);
			return "answer";
		}
		return this.#begin(value) ?? "gate";
	}

	proceed(): "answer" {
		this.#out = CHALLENGE;
		return "answer";
	}

	frame(): Uint8Array | undefined {
		const out = this.#out;
		this.#out = undefined;
		return out;
	}

	#begin(id: Uint8Array): Breach | undefined {
		if (id.length !== 8) return { reason: "malformed", detail: "an id has 8 bytes" };
		this.started = true;
		this.#id = id.slice();
		return undefined;
	}

	#judge(proof: Uint8Array): Uint8Array {
		this.over = true;
		if (equal(proof, this.#prove(CHALLENGE)))
			return Uint8Array.of(
				this.#events.onIdentity({ scheme: "toy", id: this.#id, acted: false }).granted ? 1 : 0,
			);
		this.failed = true;
		this.#events.onRefused("bad-signature", "the toy's proof is wrong");
		return Uint8Array.of(0);
	}
}

export class Toy implements Scheme {
	readonly #prove: (challenge: Uint8Array) => Uint8Array;

	constructor(crypto: Crypto, secret: Uint8Array) {
		this.#prove = (challenge) => toyProof(crypto, secret, challenge);
	}

	nfc(events: SchemeEvents): NfcSession {
		return new ToySession(this.#prove, events);
	}

	ble(events: SchemeEvents): BleSession {
		return new ToySession(this.#prove, events);
	}
}
