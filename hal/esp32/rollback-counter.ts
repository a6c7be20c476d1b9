// SPDX-License-Identifier: Apache-2.0

import storage from "embedded:storage/key-value";
import type { RollbackCounter } from "../contracts/flash.js";

const KEY = "plan";

/**
 * Eight bytes, little-endian, under one key in NVS, which writes a key atomically. A value of another length is damaged, and so is
 * an NVS that cannot be read: no plan holds then, so that damage cannot bring an older one back, and all else goes on.
 */
export class Esp32RollbackCounter implements RollbackCounter {
	#value: number | undefined;

	constructor(trace: (text: string) => void) {
		try {
			this.#value = counterOf(domain().read(KEY));
		} catch (error) {
			trace(`NVS cannot be read: ${String(error)}`);
		}
		if (this.#value === undefined) trace("the plan's rollback counter in NVS is damaged");
	}

	read(): number | undefined {
		return this.#value;
	}

	raise(to: number): void {
		if (this.#value !== undefined && to <= this.#value) return;
		const view = new DataView(new ArrayBuffer(8));
		view.setUint32(0, to % 0x1_0000_0000, true);
		view.setUint32(4, Math.floor(to / 0x1_0000_0000), true);
		domain().write(KEY, view.buffer);
		this.#value = to;
	}
}

function domain() {
	return storage.open({ path: "lintel", format: "buffer" });
}

function counterOf(kept: unknown): number | undefined {
	if (kept === undefined) return 0;
	if (!(kept instanceof ArrayBuffer) || kept.byteLength !== 8) return undefined;
	const view = new DataView(kept);
	return view.getUint32(0, true) + view.getUint32(4, true) * 0x1_0000_0000;
}
