// SPDX-License-Identifier: Apache-2.0

import {
	type DoorInput,
	EVENTS,
	type EventSink,
	INPUT_FAULTS,
	INPUTS,
	type InputFault,
} from "../../protocol/events.js";

/** What is wrong with the wiring: the tamper contact, and inputs that are faulty. */
export class Trouble {
	tamper = false;
	private readonly emit: EventSink;
	/** Bits 1 << INPUTS[…] of faulty inputs. */
	private faults = 0;

	constructor(emit: EventSink) {
		this.emit = emit;
	}

	get any(): boolean {
		return this.tamper || this.faults !== 0;
	}

	isFaulty(input: DoorInput): boolean {
		return (this.faults & (1 << INPUTS[input])) !== 0;
	}

	setTamper(active: boolean): void {
		if (active === this.tamper) return;
		this.tamper = active;
		this.emit(active ? EVENTS.tamper : EVENTS["tamper-ended"], 0, 0);
	}

	/** `none`: the input works again. */
	setFault(input: DoorInput, fault: InputFault): void {
		const bit = 1 << INPUTS[input];
		if (fault === "none") {
			if (!(this.faults & bit)) return;
			this.faults &= ~bit;
			this.emit(EVENTS["input-restored"], INPUTS[input] << 8, 0);
			return;
		}
		this.faults |= bit;
		this.emit(EVENTS["input-fault"], (INPUTS[input] << 8) | INPUT_FAULTS[fault], 0);
	}
}
