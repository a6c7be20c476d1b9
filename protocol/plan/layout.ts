// SPDX-License-Identifier: Apache-2.0

import { bodyLength, type PlanState } from "./format.js";

/**
 * The layout of the plan's partition: two slots, each with a header sector, a journal and a body. A slot is valid as a whole:
 * the last write to its header sector makes all of it current.
 */

export const SECTOR = 4096;
/** Sectors of the journal, which holds the deltas since the slot was installed. */
export const JOURNAL_SECTORS = 4;
export const JOURNAL_SIZE = JOURNAL_SECTORS * SECTOR;
/** The commit mark is the last 16 bytes of the header sector; the 16 before are for its second copy. */
export const MARK_AT = SECTOR - 16;
export const MARK = 16;
export const SLOT_OVERHEAD = SECTOR + JOURNAL_SIZE;
/** Bytes of the partition of revocation notices, and of each of its two banks. */
export const NOTICE_BANK = 4 * SECTOR;
export const NOTICES_SIZE = 2 * NOTICE_BANK;

export interface Geometry {
	/** Bytes of one slot, whole sectors. */
	readonly slotSize: number;
	/** Bytes of a body that fits. */
	readonly bodyCapacity: number;
}

/** RangeError when the partition is too small for two slots with one sector of body each, or its sectors are not 4 KB. */
export function geometry(partition: { size: number; sectorSize: number }): Geometry {
	if (partition.sectorSize !== SECTOR) throw new RangeError("the plan needs sectors of 4096 bytes");
	const slotSize = Math.floor(partition.size / 2 / SECTOR) * SECTOR;
	if (slotSize < SLOT_OVERHEAD + SECTOR) throw new RangeError("partition too small for an access plan");
	return { slotSize, bodyCapacity: slotSize - SLOT_OVERHEAD };
}

export function fits(state: PlanState, capacity: number): boolean {
	return bodyLength(state) <= capacity;
}
