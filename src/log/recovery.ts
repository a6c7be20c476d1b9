// SPDX-License-Identifier: Apache-2.0

import { equal, readUint16 } from "../../protocol/bytes.js";
import { EVENTS } from "../../protocol/events.js";
import { KEPT } from "../../protocol/log/kept.js";
import { AT, RECORD_SIZE, SIGNED } from "../../protocol/log/record.js";
import type { SectorWalk } from "../../protocol/log/sector.js";
import { remember } from "../door/memory.js";
import type { SectorRing } from "./ring.js";

/** Bytes of slots that a start reads at once. */
export const AHEAD = 512;

/** The state of an open log. None of it is stored as such; a restart finds it again. */
export class LogState {
	/** Slots of the newest sector in use, as a record's index in the sector. */
	slot = 0;
	/** Serial of the next record. */
	serial = 1;
	/** Serial of the oldest record still there. */
	oldest = 1;
	/** `oldest` as the newest checkpoint has it. */
	oldestStored = 1;
	/** The site has everything up to here. */
	acknowledged = 0;
	/** `acknowledged` as it is in flash. */
	acknowledgedStored = 0;
	/** The door's memory: `remember` over all events. */
	memory = 0;
	/** Serials that the newest checkpoint names as lost; 0 where none are. */
	lostFrom = 0;
	lostTo = 0;
	/** The `gap` record for them is written. */
	gapWritten = true;
	/** Whether the newest whole checkpoint is signed by the present key of this reader; true where it has none. */
	own = true;
	/** Copies at the begin of the newest sector, and whether it holds nothing else yet. */
	kept = 0;
	keeping = false;
	/** The `restart` of this start is written. */
	running = false;
	/** Torn slots since the last good record, as the restart found them. */
	torn = 0;
}

/**
 * Finds the log's state from the newest whole checkpoint and the records after it; writes nothing. `ring.newest` stays -1
 * where there is no log. `link` gets the newest record's link; `reader` is absent where this reader signs nothing.
 */
export function recoverLog(
	ring: SectorRing,
	walk: SectorWalk,
	state: LogState,
	link: Uint8Array,
	reader: Uint8Array | undefined,
): void {
	const newest = openNewest(ring, walk);
	if (newest < 0) return;
	// A start reads some hundred slots; one read of flash costs more than the bytes of it.
	walk.readAhead(new Uint8Array(AHEAD));
	ring.newest = newest;
	const checkpoint = walk.checkpointView;
	state.acknowledgedStored = checkpoint.getUint32(AT.acknowledged);
	state.memory = checkpoint.getUint16(AT.memory);
	state.oldestStored = checkpoint.getUint32(AT.oldest);
	state.lostFrom = checkpoint.getUint32(AT.lostFrom);
	state.lostTo = checkpoint.getUint32(AT.lostTo);
	state.gapWritten = state.lostFrom === 0;
	state.own = reader === undefined || isSignedBy(reader, walk.checkpoint);
	state.slot = walk.slot;
	state.keeping = true;
	replayAll(walk, state, link, ring.slots);
	state.torn = walk.badSlots;
	// A sector whose checkpoint was damaged: its records are kept, its place counts as full.
	while (walk.adopt(ring.placeOf(ring.newest + 1), state.serial)) {
		ring.newest++;
		replayAll(walk, state, link, ring.slots);
		state.slot = ring.slots;
		state.keeping = false;
	}
	walk.readAhead(undefined);
	state.acknowledgedStored = Math.min(state.acknowledgedStored, state.serial - 1);
	state.acknowledged = state.acknowledgedStored;
	state.oldest = Math.max(state.oldestStored, ring.oldestFrom(ring.oldest) ?? state.serial);
}

/** Opens the newest sector whose checkpoint is whole: its sequence number, or -1. */
function openNewest(ring: SectorRing, walk: SectorWalk): number {
	const likely = ring.newestByHalving();
	if (likely !== undefined && (likely < 0 || walk.open(ring.placeOf(likely)))) return likely;
	let below = Number.POSITIVE_INFINITY;
	for (;;) {
		let newest = -1;
		for (let place = 0; place < ring.sectors; place++) {
			const sequence = ring.sequenceAt(place);
			if (sequence > newest && sequence < below) newest = sequence;
		}
		if (newest < 0 || walk.open(ring.placeOf(newest))) return newest;
		below = newest;
	}
}

function isSignedBy(reader: Uint8Array, checkpoint: Uint8Array): boolean {
	if ((readUint16(checkpoint, AT.flags) & SIGNED) === 0) return false;
	return equal(checkpoint.subarray(AT.reader, AT.reader + reader.length), reader);
}

/** Takes the records of the sector that `walk` has open. */
function replayAll(walk: SectorWalk, state: LogState, link: Uint8Array, slots: number): void {
	while (!walk.atEnd) {
		const slot = walk.next();
		if (slot === "free") continue;
		state.slot = walk.slot === 0 ? slots : walk.slot;
		if (slot === "record") replay(walk.record, state);
	}
	walk.resume();
	state.serial = walk.expected;
	link.set(walk.link);
}

function replay(record: Uint8Array, state: LogState): void {
	const view = new DataView(record.buffer, record.byteOffset, RECORD_SIZE);
	const kind = view.getUint8(8);
	if (kind & KEPT) state.kept++;
	else state.keeping = false;
	if (kind === EVENTS.acknowledged) state.acknowledgedStored = view.getUint32(12);
	else if (kind === EVENTS.gap && view.getUint32(12) === state.lostFrom) state.gapWritten = true;
	state.memory = remember(state.memory, kind, view.getUint16(10), view.getUint32(12));
}
