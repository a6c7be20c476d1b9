// SPDX-License-Identifier: Apache-2.0

import storage from "embedded:storage/key-value";
import type { TimeStore } from "../contracts/time.js";

const KEY = "time";

/** Four bytes, little-endian, under one key in NVS, which writes a key atomically. */
export class Esp32TimeStore implements TimeStore {
	readonly #domain = storage.open({ path: "lintel", format: "buffer" });

	read(): number {
		const kept: unknown = this.#domain.read(KEY);
		// What is damaged says nothing: the clock is unset then, and can be set.
		if (!(kept instanceof ArrayBuffer) || kept.byteLength !== 4) return 0;
		return new DataView(kept).getUint32(0, true);
	}

	write(seconds: number): void {
		const view = new DataView(new ArrayBuffer(4));
		view.setUint32(0, seconds, true);
		this.#domain.write(KEY, view.buffer);
	}
}
