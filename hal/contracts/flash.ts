// SPDX-License-Identifier: Apache-2.0

/** A partition of NOR flash: an erase sets a sector to 0xFF, a write only clears bits. */
export interface Flash {
	/** Bytes, a multiple of `sectorSize`. */
	readonly size: number;
	/** Bytes of a sector, which is erased at once: 4096 on every supported chip. */
	readonly sectorSize: number;
	/** Fills `into` from `address`. Throws RangeError outside the partition. */
	read(address: number, into: Uint8Array): void;
	/** Clears bits: the result is old AND data. A power loss can interrupt it at any byte. Throws RangeError outside the partition. */
	write(address: number, data: Uint8Array): void;
	/** Sets sector number `sector` to 0xFF. After a power loss meanwhile its content is undefined. */
	erase(sector: number): void;
}

/**
 * A number that never falls, kept outside the data partitions (on the ESP32 a key in NVS), so that flashing an older plan into them
 * does not make the reader accept it.
 */
export interface RollbackCounter {
	/** 0 when it was never raised; `undefined` where it cannot be read any more, until it is raised again. */
	read(): number | undefined;
	/** Raises it to `to`, atomically and durably on return. Does nothing where `to` is not higher. */
	raise(to: number): void;
}
