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
 * A few bytes kept outside the data partitions (on the ESP32 a key in NVS), so that flashing those changes nothing of it. The
 * firmware seals what it keeps here by the device key.
 */
export interface StateCell {
	/** `undefined` where nothing was ever written. */
	read(): Uint8Array | undefined;
	/** Replaces all of it, at most 256 bytes: durably on return, and after a power loss wholly or not at all. */
	write(bytes: Uint8Array): void;
}
