// SPDX-License-Identifier: Apache-2.0

/** Where a log is read from: the reader's flash, or an image of it. */
export interface LogSource {
	/** Bytes, a multiple of `sectorSize`. */
	readonly size: number;
	readonly sectorSize: number;
	/** Fills `into` from `address`. Throws RangeError outside. */
	read(address: number, into: Uint8Array): void;
}
