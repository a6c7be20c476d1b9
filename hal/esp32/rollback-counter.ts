// SPDX-License-Identifier: Apache-2.0

import storage from "embedded:storage/key-value";
import type { RollbackCounter } from "../contracts/flash.js";

const KEY = "plan";

/**
 * Eight bytes, little-endian, under one key in NVS, which writes a key atomically. A value of another length is damaged: reading it
 * throws, so that damage cannot bring an older plan back.
 */
export class Esp32RollbackCounter implements RollbackCounter {
	readonly #domain = storage.open({ path: "lintel", format: "buffer" });
	#value: number;

	constructor() {
		const kept: unknown = this.#domain.read(KEY);
		if (kept === undefined) {
			this.#value = 0;
			return;
		}
		if (!(kept instanceof ArrayBuffer) || kept.byteLength !== 8)
			throw new Error("the plan's rollbackCounter in NVS is damaged");
		const view = new DataView(kept);
		this.#value = view.getUint32(0, true) + view.getUint32(4, true) * 0x1_0000_0000;
	}

	read(): number {
		return this.#value;
	}

	raise(to: number): void {
		if (to <= this.#value) return;
		const view = new DataView(new ArrayBuffer(8));
		view.setUint32(0, to % 0x1_0000_0000, true);
		view.setUint32(4, Math.floor(to / 0x1_0000_0000), true);
		this.#domain.write(KEY, view.buffer);
		this.#value = to;
	}
}
