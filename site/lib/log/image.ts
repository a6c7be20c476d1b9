// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { SECTOR_SIZE } from "../../../protocol/log/record.js";
import type { LogSource } from "../../../protocol/log/source.js";

/** A log partition read out of a reader, as a file: read only. */
export class LogImage implements LogSource {
	readonly size: number;
	readonly sectorSize: number;
	readonly #bytes: Uint8Array;

	/** Throws RangeError where the bytes are not a whole number of sectors, or fewer than 3. */
	constructor(bytes: Uint8Array, sectorSize = SECTOR_SIZE) {
		if (bytes.length < 3 * sectorSize || bytes.length % sectorSize !== 0) {
			throw new RangeError(`a log partition is 3 or more sectors of ${sectorSize} bytes`);
		}
		this.#bytes = bytes;
		this.size = bytes.length;
		this.sectorSize = sectorSize;
	}

	static fromFile(path: string): LogImage {
		return new LogImage(readFileSync(path));
	}

	read(address: number, into: Uint8Array): void {
		if (address < 0 || address + into.length > this.size) throw new RangeError("outside the partition");
		into.set(this.#bytes.subarray(address, address + into.length));
	}
}
