// SPDX-License-Identifier: Apache-2.0

import type { RestartCause } from "../../hal/contracts/chip.js";
import { equal, readUint16, readUint32 } from "../../protocol/bytes.js";
import { EVENTS, RESTARTS } from "../../protocol/events.js";
import { isReserved, KEPT } from "../../protocol/log/kept.js";
import {
	AT,
	BODY_SIZE,
	CHECKPOINT_SIZE,
	LINK_SIZE,
	RECORD_SIZE,
	trustCode,
} from "../../protocol/log/record.js";
import { SectorWalk } from "../../protocol/log/sector.js";
import { remember } from "../door/memory.js";
import { makeCheckpoint } from "./checkpoint.js";
import { LogCursor } from "./cursor.js";
import { LogError } from "./error.js";
import type { AuditLogOptions } from "./options.js";
import { LogState, recoverLog } from "./recovery.js";
import { SectorRing } from "./ring.js";

/** Acknowledged records that RAM alone knows of: a power cut makes the site get at most these again. */
export const ACKNOWLEDGE_EVERY = 64;

/** With this many slots left in a sector `maintain` erases the next one. */
const READY_SLOTS = 16;
/** With fewer slots left than a visit takes `maintain` begins the next sector, so that no visit has to. */
const VISIT_RECORDS = 6;
/** The same for small sectors, as a share of their slots. */
const VISIT_SHARE = 16;

/** The log keeps what has its room reserved for so long, s, where the site does not have it before. */
const KEEP_S = 365 * 86_400;

/** Tries of a write that cannot be read back, each in the next slot. */
const TRIES = 4;

/**
 * The log: append-only in NOR flash, a ring of sectors. Each record is linked to the one before by a hash; each sector
 * begins with a checkpoint that holds the digest of the sector before and is signed by the reader's key.
 *
 * When `append` returns, the event is in flash. A sector is written over when it is the oldest; records in it that the
 * site has not acknowledged by then are named in the next checkpoint and in a `gap` record.
 *
 * No state of its own is stored: `open` finds everything from the newest checkpoint and the records after it.
 */
export class AuditLog {
	private readonly options: AuditLogOptions;
	private readonly ring: SectorRing;
	private readonly state = new LogState();
	/** With fewer slots left than this `maintain` begins the next sector. */
	private readonly room: number;
	/** Copies that a sector begins with, at most. */
	private readonly maxKept: number;
	private readonly walk: SectorWalk;

	/** The link before, the body, the new link. */
	private readonly block = new Uint8Array(LINK_SIZE + RECORD_SIZE);
	private readonly view = new DataView(this.block.buffer);
	private readonly linked = this.block.subarray(0, LINK_SIZE + BODY_SIZE);
	private readonly record = this.block.subarray(LINK_SIZE);
	private readonly subject = this.block.subarray(LINK_SIZE + 16, LINK_SIZE + BODY_SIZE);
	private readonly words = new Int32Array(this.block.buffer, LINK_SIZE);
	private readonly back = new Uint8Array(RECORD_SIZE);
	private readonly backWords = new Int32Array(this.back.buffer);
	private readonly gapSubject = new Uint8Array(8);

	private opened = false;
	/** The next sector has been erased since start. */
	private ready = false;

	constructor(options: AuditLogOptions) {
		const { flash, crypto } = options;
		this.options = options;
		this.ring = new SectorRing(flash, crypto);
		this.room = Math.min(VISIT_RECORDS, Math.floor(this.ring.slots / VISIT_SHARE));
		this.maxKept = Math.floor((this.ring.slots - CHECKPOINT_SIZE / RECORD_SIZE) / 2);
		this.walk = new SectorWalk(flash, crypto);
	}

	/** Serial of the newest record; 0 when there is none. */
	get last(): number {
		return this.state.serial - 1;
	}

	/** Serial of the oldest record still there, which is `last` + 1 when there is none. */
	get oldest(): number {
		return this.state.oldest;
	}

	/** The site has everything up to here. */
	get acknowledged(): number {
		return this.state.acknowledged;
	}

	/** Records that the site does not have yet. */
	get unacknowledged(): number {
		return this.last - Math.max(this.state.acknowledged, this.state.oldest - 1);
	}

	/** The door's memory over a restart: `remember` over all events. */
	get doorMemory(): number {
		return this.state.memory;
	}

	/** Events that fit, at least, before the oldest are erased: of one sector some may be there twice. */
	get capacity(): number {
		const unused = Math.max(0, this.room - 1);
		const records = (this.ring.sectors - 1) * (this.ring.slots - CHECKPOINT_SIZE / RECORD_SIZE - unused);
		return records - this.maxKept;
	}

	/**
	 * Finds the log in flash, or begins one, and appends the restart. One sector's records are hashed, a few words of
	 * some others are read. `failed`: failed starts in a row before this one.
	 *
	 * Where the reader has a key and the newest sector is not of that key (it had none yet, or was commissioned anew), the
	 * next sector is begun, so that from the first start with a key its signature vouches for all that is there.
	 */
	open(cause: RestartCause, failed = 0): void {
		const { reader, sign } = this.options;
		recoverLog(this.ring, this.walk, this.state, this.block, sign && reader);
		if (this.ring.newest >= 0) this.finishErase();
		this.opened = true;
		if (this.ring.newest < 0) this.begin();
		else if (!this.state.own) this.takeOver();
		else if (this.state.keeping) this.keep();
		const detail = (Math.min(failed, 255) << 8) | RESTARTS[cause];
		this.append(EVENTS.restart, detail, this.state.torn, reader);
		this.state.running = true;
	}

	/**
	 * Appends an event and returns its serial. Cheap: one SHA-256 of 32 bytes, one write of 32 bytes, read back. Once in a sector it
	 * makes the next checkpoint as well, unless `maintain` has done that before.
	 */
	append(kind: number, detail: number, value: number, subject?: Uint8Array): number {
		const state = this.state;
		if (!this.opened) throw new LogError("log-closed");
		this.makeRoom();
		// The last slot keeps the cursor where the next sector is about to take what it covers.
		if (
			state.slot === this.ring.slots - 1 &&
			state.acknowledged > state.acknowledgedStored &&
			this.wrapped()
		) {
			this.write(EVENTS.acknowledged, 0, state.acknowledged, undefined);
			state.acknowledgedStored = state.acknowledged;
			this.begin();
			this.makeRoom();
		}
		return this.write(kind, detail, value, subject);
	}

	/**
	 * The site has every record up to `serial`. An older acknowledgement changes nothing; one of what does not exist is
	 * refused, or a site that confuses two readers could free records that it never had.
	 */
	acknowledge(serial: number): void {
		const state = this.state;
		if (!this.opened) throw new LogError("log-closed");
		if (serial > this.last) throw new LogError("acknowledge-ahead");
		if (serial <= state.acknowledged) return;
		// The next sector's checkpoint must have the cursor that is in flash: a power cut would lose a newer one.
		if (state.slot >= this.ring.slots) this.begin();
		state.acknowledged = serial;
		if (serial - state.acknowledgedStored < ACKNOWLEDGE_EVERY) return;
		this.append(EVENTS.acknowledged, 0, serial);
		state.acknowledgedStored = serial;
	}

	/**
	 * Work for idle times: erases the next sector, and begins it with its checkpoint (a hash of the sector before, a
	 * signature) while there is still room for a visit, so that no tap waits for it. Returns false where nothing was due.
	 */
	maintain(): boolean {
		const state = this.state;
		const ring = this.ring;
		if (!this.opened) throw new LogError("log-closed");
		if (state.slot >= ring.slots) {
			this.begin();
			return true;
		}
		const left = ring.slots - state.slot;
		if (this.ready) {
			if (left >= this.room) return false;
			this.begin();
			return true;
		}
		if (left > READY_SLOTS) return false;
		if (state.acknowledged > state.acknowledgedStored && this.wrapped()) {
			this.append(EVENTS.acknowledged, 0, state.acknowledged);
			state.acknowledgedStored = state.acknowledged;
			if (state.slot >= ring.slots || ring.slots - state.slot > READY_SLOTS) return true;
		}
		this.makeReady();
		return true;
	}

	/**
	 * Walks the records from `serial` on, or from the oldest where that is later. Stays valid while more are appended, unless it
	 * reads by `ahead`, as many slots at once as fit.
	 */
	read(serial: number, ahead?: Uint8Array): LogCursor {
		if (!this.opened) throw new LogError("log-closed");
		return new LogCursor(this.ring, this.state, this.options.crypto, serial, ahead);
	}

	/** The link of the newest record. A site keeps it with the serial, to tell this log from any other. */
	link(): Uint8Array {
		return this.block.slice(0, LINK_SIZE);
	}

	/** The newest record, whose bytes are valid until the next one. */
	get newest(): Uint8Array {
		return this.record;
	}

	/** Sequence number of the newest sector. */
	get newestSector(): number {
		return this.ring.newest;
	}

	/**
	 * Ends the sector that is not of this key, and begins one that is. A power cut in it leaves the sector before, and the
	 * next start does this again; once the checkpoint is whole no start does.
	 */
	private takeOver(): void {
		const state = this.state;
		const ring = this.ring;
		if (state.slot < ring.slots) {
			if (!state.gapWritten) this.writeGap();
			// An export carries a checkpoint with its sector's first record: no sector may end without one.
			else if (ring.firstOf(ring.newest) === state.serial)
				this.write(EVENTS.acknowledged, 0, state.acknowledged, undefined);
		}
		this.begin();
	}

	/** Erases the oldest sector again where a power cut interrupted its erase: what is left of it is no log. */
	private finishErase(): void {
		const { oldest } = this.ring;
		if (oldest < 0 || !this.walk.open(this.ring.placeOf(oldest + 1))) return;
		if (!this.follows(oldest)) this.makeReady();
	}

	/** Whether the sector is as the checkpoint of the next one has it, which `walk` has open. */
	private follows(sequence: number): boolean {
		return equal(this.ring.digest(sequence), this.walk.checkpoint.subarray(AT.digest, AT.digest + 32));
	}

	/**
	 * Copies what has its room reserved out of the sector that is erased next, at the begin of the newest: the oldest first, as long
	 * as there is room and the site does not have it. After a power cut it goes on behind the copies that are there: what it
	 * chooses by is in flash. Where a stranger left no slots for them the reader starts without.
	 */
	private keep(): void {
		const ring = this.ring;
		const walk = this.walk;
		const { oldest } = ring;
		if (oldest < 0 || !walk.open(ring.placeOf(ring.newest))) return;
		const acknowledged = walk.checkpointView.getUint32(AT.acknowledged);
		const from = walk.checkpointView.getUint32(AT.time) - KEEP_S;
		if (!walk.open(ring.placeOf(oldest + 1)) || !this.follows(oldest)) return;
		if (!walk.open(ring.placeOf(oldest))) return;
		let copies = 0;
		while (!walk.atEnd && copies < this.maxKept) {
			if (walk.next() !== "record" || walk.serial <= acknowledged) continue;
			const { record } = walk;
			const outdated = record[9] !== 0 && readUint32(record, 4) < from;
			if (outdated || !isReserved(record[8]!, readUint16(record, 10))) continue;
			if (this.state.slot >= ring.slots) break;
			if (copies++ >= this.state.kept) this.copy(record);
		}
		this.state.kept = copies;
	}

	private copy(record: Uint8Array): void {
		this.record.set(record.subarray(0, BODY_SIZE));
		this.record[8]! |= KEPT;
		this.chain();
	}

	private write(kind: number, detail: number, value: number, subject: Uint8Array | undefined): number {
		const { clock, wall } = this.options;
		const view = this.view;
		const trust = wall.trust();
		view.setUint32(LINK_SIZE + 4, trust === "unset" ? Math.floor(clock.now() / 1000) : wall.now());
		view.setUint8(LINK_SIZE + 8, kind);
		view.setUint8(LINK_SIZE + 9, trustCode(trust));
		view.setUint16(LINK_SIZE + 10, detail);
		view.setUint32(LINK_SIZE + 12, value);
		if (subject === undefined) this.subject.fill(0);
		else this.subject.set(subject);
		const serial = this.chain();
		this.state.memory = remember(this.state.memory, kind, detail, value);
		return serial;
	}

	/** Makes what `record` has the next record of the chain. Returns its serial. */
	private chain(): number {
		const state = this.state;
		const { serial } = state;
		this.view.setUint32(LINK_SIZE, serial);
		const digest = this.options.crypto.sha256(this.linked);
		this.block.set(digest.subarray(0, LINK_SIZE), LINK_SIZE + BODY_SIZE);
		this.program();
		this.block.copyWithin(0, LINK_SIZE + BODY_SIZE);
		state.serial = serial + 1;
		return serial;
	}

	/** A slot for a record, behind the gap record that is due: what tore or a stranger wrote may have left one slot for both. */
	private makeRoom(): void {
		const { ring, state } = this;
		while (state.slot >= ring.slots || !state.gapWritten)
			if (state.slot >= ring.slots) this.begin();
			else this.writeGap();
	}

	/** Puts the record into the next slot that takes it. */
	private program(): void {
		const ring = this.ring;
		const state = this.state;
		for (let tries = 0; tries < TRIES; tries++) {
			if (state.slot >= ring.slots) throw new LogError("log-flash");
			const address = ring.addressOf(ring.newest) + state.slot * RECORD_SIZE;
			// Counted before the write, as a slot whose write failed must not be tried again.
			state.slot++;
			ring.flash.write(address, this.record);
			ring.flash.read(address, this.back);
			if (this.readBack()) return;
		}
		throw new LogError("log-flash");
	}

	private readBack(): boolean {
		for (let i = 0; i < RECORD_SIZE / 4; i++) if (this.words[i] !== this.backWords[i]) return false;
		return true;
	}

	private writeGap(): void {
		const state = this.state;
		state.gapWritten = true;
		const view = new DataView(this.gapSubject.buffer);
		view.setUint32(0, state.lostTo);
		this.write(EVENTS.gap, 0, state.lostFrom, this.gapSubject);
	}

	/** Whether the next sector still holds records of the lap before. */
	private wrapped(): boolean {
		return !this.ready && this.ring.firstOf(this.ring.oldest) !== undefined;
	}

	private makeReady(): void {
		const ring = this.ring;
		const state = this.state;
		ring.flash.erase(ring.placeOf(ring.newest + 1));
		this.ready = true;
		state.oldest = Math.max(state.oldest, ring.oldestFrom(ring.oldest + 1) ?? state.serial);
	}

	/** Begins the next sector with its checkpoint. */
	private begin(): void {
		const state = this.state;
		const ring = this.ring;
		const digest = ring.newest < 0 ? new Uint8Array(32) : ring.digest(ring.newest);
		for (let tries = 0; tries < TRIES; tries++) {
			if (!this.ready) this.makeReady();
			this.ready = false;
			ring.newest++;
			this.nameLost();
			const link = this.block.subarray(0, LINK_SIZE);
			const checkpoint = makeCheckpoint(ring.newest, this.state, link, digest, this.options);
			ring.flash.write(ring.addressOf(ring.newest), checkpoint);
			if (!this.walk.open(ring.placeOf(ring.newest))) continue;
			this.block.set(this.walk.link);
			state.slot = CHECKPOINT_SIZE / RECORD_SIZE;
			state.oldestStored = state.oldest;
			state.acknowledgedStored = state.acknowledged;
			state.kept = 0;
			this.keep();
			return;
		}
		throw new LogError("log-flash");
	}

	/** Notes the records that were erased before the site had them. */
	private nameLost(): void {
		const state = this.state;
		const from = Math.max(state.acknowledged + 1, state.oldestStored);
		state.lostFrom = from < state.oldest ? from : 0;
		state.lostTo = from < state.oldest ? state.oldest - 1 : 0;
		state.gapWritten = state.lostFrom === 0;
	}
}
