/** NOR flash as it is: erase sets a sector to 0xFF, a write only clears bits. One instance a partition. */
export interface Flash {
	/** Bytes, a multiple of `sectorSize`. */
	readonly size: number;
	/** Bytes erased at once: 4096 on every chip we know. */
	readonly sectorSize: number;
	/** Fills `into` from `address`. Throws RangeError outside the partition. */
	read(address: number, into: Uint8Array): void;
	/** Clears bits: the result is old AND data. May be cut by a power loss at any byte. Throws RangeError outside. */
	write(address: number, data: Uint8Array): void;
	/** Sets sector number `sector` to 0xFF; a power loss in between leaves anything there. */
	erase(sector: number): void;
}

/**
 * A number that never falls, kept where a re-flash of the data partitions does not reach (on the ESP32 a key in NVS):
 * what makes an older plan, put back by whoever holds a programmer, no longer acceptable.
 */
export interface RollbackCounter {
	/** 0 when it was never raised. */
	read(): number;
	/** Durable on return, wholly or not at all. Does nothing where `to` is not higher. */
	raise(to: number): void;
}
