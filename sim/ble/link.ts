// SPDX-License-Identifier: Apache-2.0

/** One connection as the controllers keep it: ATT PDUs both ways at connection events, loss, and how it ends. */
import type { SimRadio } from "./radio.js";

/** The other end of a connection: the phone. Callbacks come at connection events. */
export interface CentralSide {
	/** Connection interval, ms. */
	readonly interval: number;
	/** PDUs that fit a connection event, each way. */
	readonly perEvent: number;
	/** The link counts as lost when nothing got through for this long, ms; the central chooses it (Vol 6 Part B 4.5.2). */
	readonly supervision?: number;
	/** The low 32 bits of its address; where absent, another one at each connection. */
	readonly peer?: number | undefined;
	/** Metres from the reader; may change while connected. */
	distance(): number;
	/** Each PDU that the reader sends. */
	onPdu(pdu: Uint8Array): void;
	onDisconnect(): void;
}

/** What phones choose where they say nothing else, ms. */
const SUPERVISION_MS = 4000;

export class SimLink {
	readonly central: CentralSide;
	/** The address that it came from. */
	readonly peer: number;
	readonly #radio: SimRadio;
	readonly #toPhone: Uint8Array[] = [];
	readonly #toReader: Uint8Array[] = [];
	#cancel: (() => void) | undefined;
	#due: number;
	#missed = 0;
	#closing = false;
	#vanished = false;
	#open = true;

	/** `since`: when it was made, µs. */
	constructor(radio: SimRadio, central: CentralSide, since: number) {
		this.#radio = radio;
		this.central = central;
		this.peer = central.peer ?? radio.newAddress();
		this.#due = since;
		this.#schedule();
	}

	/** Both controllers have it. */
	get open(): boolean {
		return this.#open;
	}

	/** PDUs that wait to go to the phone. */
	get queued(): number {
		return this.#toPhone.length;
	}

	/** The reader's host gives a PDU to its controller. */
	toPhone(pdu: Uint8Array): void {
		if (this.#open) this.#toPhone.push(pdu);
	}

	/** The phone's host gives a PDU to its controller. */
	toReader(pdu: Uint8Array): void {
		if (this.#open) this.#toReader.push(pdu);
	}

	/** Either host asks for the end: it comes about at the next event that gets through. What is queued goes first. */
	close(): void {
		this.#closing = true;
	}

	/** The phone is switched off, or plays dead: nothing of it is heard any more. */
	vanish(): void {
		this.#vanished = true;
	}

	/** Ends it now. */
	end(): void {
		this.#open = false;
		this.#cancel?.();
		this.#toPhone.length = 0;
		this.#toReader.length = 0;
	}

	/** On the interval's own grid, whatever computes meanwhile. */
	#schedule(): void {
		const { time } = this.#radio;
		this.#due += this.central.interval * 1000;
		this.#cancel = time.after(this.#due - time.micros, () => this.#event());
	}

	#event(): void {
		const { interval, perEvent, supervision = SUPERVISION_MS } = this.central;
		if (this.#vanished || this.#radio.loses()) {
			this.#missed += interval;
			if (this.#missed >= supervision) {
				this.#radio.ended(this);
				return;
			}
		} else {
			this.#missed = 0;
			// What the reader answers to this event's requests goes out in the next one.
			const ready = this.#toPhone.splice(0, perEvent);
			for (const pdu of this.#toReader.splice(0, perEvent)) if (this.#open) this.#radio.received(this, pdu);
			for (const pdu of ready) if (this.#open) this.#radio.sent(this, pdu);
			if (this.#open && this.#closing) {
				this.#radio.ended(this);
				return;
			}
		}
		if (this.#open) this.#schedule();
	}
}
