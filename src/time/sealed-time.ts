// SPDX-License-Identifier: Apache-2.0

import type { StateCell } from "../../hal/contracts/flash.js";
import { readUint32, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { isSealed, putSeal, SEAL } from "../config/sealed-state.js";
import type { TimeStore } from "./timekeeper.js";

/** "LTM1" */
export const MAGIC = 0x4c544d31;
const LENGTH = 8;

/** The last known time in a cell of its own, sealed, since a time that runs ahead would open what has a schedule. */
export class SealedTime implements TimeStore {
	private readonly cell: StateCell;
	private readonly crypto: Crypto;
	private readonly deviceKey: Uint8Array;

	constructor(cell: StateCell, crypto: Crypto, deviceKey: Uint8Array) {
		this.cell = cell;
		this.crypto = crypto;
		this.deviceKey = deviceKey;
	}

	/** What this device did not seal says nothing: the clock is unset then, and can be set. */
	read(): number {
		const bytes = this.cell.read();
		if (bytes?.length !== LENGTH + SEAL || readUint32(bytes, 0) !== MAGIC) return 0;
		return isSealed(this.crypto, this.deviceKey, bytes) ? readUint32(bytes, 4) : 0;
	}

	write(seconds: number): void {
		const bytes = new Uint8Array(LENGTH + SEAL);
		writeUint32(bytes, 0, MAGIC);
		writeUint32(bytes, 4, seconds);
		this.cell.write(putSeal(this.crypto, this.deviceKey, bytes));
	}
}
