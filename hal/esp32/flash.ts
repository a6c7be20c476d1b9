// SPDX-License-Identifier: Apache-2.0

import partitions from "embedded:storage/flash";
import type { Flash } from "../contracts/flash.js";

/** A data partition by its name in partitions/*.csv. Bounds are checked here, since the SDK passes them on unchecked. */
export class Esp32Flash implements Flash {
	readonly size: number;
	readonly sectorSize: number;
	private readonly partition: ReturnType<typeof partitions.open>;

	constructor(name: string) {
		this.partition = partitions.open({ path: name });
		const { size, blockLength } = this.partition.status();
		this.size = size;
		this.sectorSize = blockLength;
	}

	read(address: number, into: Uint8Array): void {
		this.check(address, into.length);
		if (into.length > 0) this.partition.read(into, address);
	}

	write(address: number, data: Uint8Array): void {
		this.check(address, data.length);
		if (data.length > 0) this.partition.write(data, address);
	}

	erase(sector: number): void {
		this.check(sector * this.sectorSize, this.sectorSize);
		this.partition.eraseBlock(sector);
	}

	private check(address: number, length: number): void {
		if (!Number.isInteger(address) || address < 0 || length > this.size - address)
			throw new RangeError(`${length} bytes at ${address} are outside ${this.size}`);
	}
}
