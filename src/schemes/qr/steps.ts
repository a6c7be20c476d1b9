// SPDX-License-Identifier: Apache-2.0

import { readUint32 } from "../../../protocol/bytes.js";
import { ID_LENGTH } from "../../../protocol/credential/credential.js";
import { STEPS_AROUND } from "../../../protocol/qr/code.js";

/** Credentials whose codes are remembered. More within the life of a code than pass one door in that time. */
export const MAX_HOLDERS = 48;

/**
 * The step of the last code of each credential, so that no code counts twice. In RAM: codes from before a start are dead when the
 * first is taken. Where it is full, one whose code is dead gives way, and while there is none, nobody new is taken.
 */
export class Steps {
	private readonly ids = new Uint8Array(MAX_HOLDERS * ID_LENGTH);
	/** The first four bytes of each id: most differ in them. */
	private readonly heads = new Uint32Array(MAX_HOLDERS);
	private readonly steps = new Uint32Array(MAX_HOLDERS);
	private count = 0;
	/** The newest step of those that gave way: were the clock set back, no older one would count again. */
	private floor = -1;

	/** Takes a code that is of this moment, by its credential's id. `present`: the step of now. */
	take(id: Uint8Array, step: number, present: number): "taken" | "used" | "full" {
		const at = this.find(id);
		if (at >= 0) {
			if (step <= this.steps[at]!) return "used";
			this.steps[at] = step;
			return "taken";
		}
		if (step <= this.floor) return "used";
		const free = this.free(present - STEPS_AROUND);
		if (free < 0) return "full";
		this.ids.set(id, free * ID_LENGTH);
		this.heads[free] = readUint32(id, 0);
		this.steps[free] = step;
		return "taken";
	}

	private find(id: Uint8Array): number {
		const { count, heads } = this;
		const head = readUint32(id, 0);
		for (let i = 0; i < count; i++) if (heads[i] === head && this.is(i, id)) return i;
		return -1;
	}

	private is(at: number, id: Uint8Array): boolean {
		const from = at * ID_LENGTH;
		for (let i = 4; i < ID_LENGTH; i++) if (this.ids[from + i] !== id[i]) return false;
		return true;
	}

	/** A free place, or that of a code older than `oldest`; -1: there is none. */
	private free(oldest: number): number {
		if (this.count < MAX_HOLDERS) return this.count++;
		const { steps } = this;
		for (let i = 0; i < MAX_HOLDERS; i++) {
			const step = steps[i]!;
			if (step >= oldest) continue;
			if (step > this.floor) this.floor = step;
			return i;
		}
		return -1;
	}
}
