import type { RestartCause } from "../../hal/contracts/chip.js";
import type { Flash } from "../../hal/contracts/flash.js";
import type { Clock, WallClock } from "../../hal/contracts/time.js";
import { equal, readUint16 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { EVENTS, RESTARTS } from "../../protocol/events.js";
import {
	AT,
	BODY_SIZE,
	CHECKPOINT_SIZE,
	LINK_SIZE,
	MAGIC,
	RECORD_SIZE,
	SIGNED,
	signedPart,
	trustCode,
} from "../../protocol/log/record.js";
import { SectorWalk } from "../../protocol/log/sector.js";
import { remember } from "../door/memory.js";

export type LogErrorReason =
	/** The partition has fewer than 3 sectors, or a sector holds no record. */
	| "log-partition"
	/** What was written several times over could not be read back. */
	| "log-flash"
	/** The site acknowledges what does not exist yet. */
	| "acknowledge-ahead"
	/** Not opened, or used from one of its own callbacks. */
	| "log-closed";

export class LogError extends Error {
	override readonly name = "LogError";
	readonly reason: LogErrorReason;

	constructor(reason: LogErrorReason) {
		super(reason);
		this.reason = reason;
	}
}

export interface AuditLogOptions {
	flash: Flash;
	crypto: Crypto;
	clock: Clock;
	wall: WallClock;
	/** First 8 bytes of the SHA-256 of the reader's public key; zeros before it has one. */
	reader: Uint8Array;
	/** Signs by the reader's Ed25519 key, 64 bytes; absent before it has one. */
	sign?: ((message: Uint8Array) => Uint8Array) | undefined;
}

/** Acknowledgements that are kept in RAM: after a power cut the site is sent this many records again at most. */
export const ACKNOWLEDGE_EVERY = 64;

/** Slots left in a sector when `maintain` begins to make room for the next. */
const READY_SLOTS = 16;
/** Slots that `maintain` leaves unused rather than let a sector end, and the next begin, in the middle of a visit. */
const VISIT_RECORDS = 6;
/** Of a small sector, at most one slot in so many. */
const VISIT_SHARE = 16;

/** How often a write is tried in the next slots when it cannot be read back. */
const TRIES = 4;

/** Bytes hashed at once for a sector's digest. */
const PAGE = 512;

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
	readonly #flash: Flash;
	readonly #options: AuditLogOptions;
	readonly #sectors: number;
	readonly #slots: number;
	/** With fewer slots left than this `maintain` begins the next sector. */
	readonly #room: number;
	readonly #walk: SectorWalk;

	/** The link before, the body, the new link. */
	readonly #block = new Uint8Array(LINK_SIZE + RECORD_SIZE);
	readonly #view = new DataView(this.#block.buffer);
	readonly #linked = this.#block.subarray(0, LINK_SIZE + BODY_SIZE);
	readonly #record = this.#block.subarray(LINK_SIZE);
	readonly #subject = this.#block.subarray(LINK_SIZE + 16, LINK_SIZE + BODY_SIZE);
	readonly #words = new Int32Array(this.#block.buffer, LINK_SIZE);
	readonly #back = new Uint8Array(RECORD_SIZE);
	readonly #backWords = new Int32Array(this.#back.buffer);
	readonly #gapSubject = new Uint8Array(8);

	#opened = false;
	#sequence = -1;
	/** Slots of the newest sector in use, as a record's index in the sector. */
	#slot = 0;
	#serial = 1;
	#oldest = 1;
	/** `oldest` as the newest checkpoint has it. */
	#oldestStored = 1;
	#acknowledged = 0;
	#acknowledgedStored = 0;
	#memory = 0;
	#lostFrom = 0;
	#lostTo = 0;
	#gapWritten = true;
	/** The newest checkpoint that is whole is signed by the key that this reader has now, or it has none. */
	#own = true;
	/** The next sector has been erased since start. */
	#ready = false;
	#torn = 0;

	constructor(options: AuditLogOptions) {
		const { flash } = options;
		this.#flash = flash;
		this.#options = options;
		this.#sectors = flash.size / flash.sectorSize;
		this.#slots = flash.sectorSize / RECORD_SIZE;
		this.#room = Math.min(VISIT_RECORDS, Math.floor(this.#slots / VISIT_SHARE));
		if (this.#sectors < 3 || this.#slots <= CHECKPOINT_SIZE / RECORD_SIZE + 1) {
			throw new LogError("log-partition");
		}
		this.#walk = new SectorWalk(flash, options.crypto);
	}

	/** Serial of the newest record; 0 when there is none. */
	get last(): number {
		return this.#serial - 1;
	}

	/** Serial of the oldest record still there, which is `last` + 1 when there is none. */
	get oldest(): number {
		return this.#oldest;
	}

	/** The site has everything up to here. */
	get acknowledged(): number {
		return this.#acknowledged;
	}

	/** Records that the site does not have yet. */
	get unacknowledged(): number {
		return this.last - Math.max(this.#acknowledged, this.#oldest - 1);
	}

	/** What the door has to know again after a restart: `remember` over all events. */
	get doorMemory(): number {
		return this.#memory;
	}

	/** Slots that `open` found torn since the last good record. */
	get torn(): number {
		return this.#torn;
	}

	/** Records that fit before the oldest have to go, at least. */
	get capacity(): number {
		const unused = Math.max(0, this.#room - 1);
		return (this.#sectors - 1) * (this.#slots - CHECKPOINT_SIZE / RECORD_SIZE - unused);
	}

	/**
	 * Finds the log in flash, or begins one, and appends the restart. One sector's records are hashed, a few words of
	 * each other sector are read. `failed`: starts in a row before this one that came to nothing.
	 *
	 * Where the reader has a key and the newest sector is not of that key (it had none yet, or was commissioned anew), the
	 * next sector is begun, so that from the first start with a key its signature vouches for all that is there.
	 */
	open(cause: RestartCause, failed = 0): void {
		this.#find();
		this.#opened = true;
		if (this.#sequence < 0) this.#begin();
		else if (!this.#own) this.#takeOver();
		const detail = (Math.min(failed, 255) << 8) | RESTARTS[cause];
		this.append(EVENTS.restart, detail, this.#torn, this.#options.reader);
	}

	/**
	 * Appends an event; its serial. Cheap: one SHA-256 of 32 bytes, one write of 32 bytes, read back. Once in a sector it
	 * makes the next checkpoint as well, unless `maintain` has done that before.
	 */
	append(kind: number, detail: number, value: number, subject?: Uint8Array): number {
		if (!this.#opened) throw new LogError("log-closed");
		if (this.#slot >= this.#slots) this.#begin();
		if (!this.#gapWritten) this.#writeGap();
		// The last slot keeps the cursor where the next sector is about to take what it covers.
		if (this.#slot === this.#slots - 1 && this.#acknowledged > this.#acknowledgedStored && this.#wrapped()) {
			this.#write(EVENTS.acknowledged, 0, this.#acknowledged, undefined);
			this.#acknowledgedStored = this.#acknowledged;
			this.#begin();
			if (!this.#gapWritten) this.#writeGap();
		}
		return this.#write(kind, detail, value, subject);
	}

	/**
	 * The site has every record up to `serial`. An older acknowledgement changes nothing; one of what does not exist is
	 * refused, or a site that mixes up its readers could free what it never had.
	 */
	acknowledge(serial: number): void {
		if (!this.#opened) throw new LogError("log-closed");
		if (serial > this.last) throw new LogError("acknowledge-ahead");
		if (serial <= this.#acknowledged) return;
		// A full sector's successor is made with the cursor that it had, which is in flash; or a cut would lose it.
		if (this.#slot >= this.#slots) this.#begin();
		this.#acknowledged = serial;
		if (serial - this.#acknowledgedStored < ACKNOWLEDGE_EVERY) return;
		this.append(EVENTS.acknowledged, 0, serial);
		this.#acknowledgedStored = serial;
	}

	/**
	 * Work for idle times: erases the next sector, and begins it with its checkpoint (a hash of the sector before, a
	 * signature) while there is still room for a visit, so that no tap has to wait for it. False when there was nothing to
	 * do.
	 */
	maintain(): boolean {
		if (!this.#opened) throw new LogError("log-closed");
		if (this.#slot >= this.#slots) {
			this.#begin();
			return true;
		}
		const left = this.#slots - this.#slot;
		if (this.#ready) {
			if (left >= this.#room) return false;
			this.#begin();
			return true;
		}
		if (left > READY_SLOTS) return false;
		if (this.#acknowledged > this.#acknowledgedStored && this.#wrapped()) {
			this.append(EVENTS.acknowledged, 0, this.#acknowledged);
			this.#acknowledgedStored = this.#acknowledged;
			if (this.#slot >= this.#slots || this.#slots - this.#slot > READY_SLOTS) return true;
		}
		this.#makeReady();
		return true;
	}

	/** Walks the records from `serial` on, or from the oldest where that is later. Stays valid while more are appended. */
	read(serial: number): LogCursor {
		if (!this.#opened) throw new LogError("log-closed");
		return new LogCursor(this, this.#flash, this.#options.crypto, serial);
	}

	/** The link of the newest record: with its serial, what a site keeps to tell this log from any other. */
	link(): Uint8Array {
		return this.#block.slice(0, LINK_SIZE);
	}

	/** Number of the sector that holds `serial` (for cursors), the newest where it is still to come. */
	sectorOf(serial: number): number {
		let low = Math.max(0, this.#sequence - this.#sectors + 1);
		let high = this.#sequence;
		while (low < high) {
			let middle = (low + high + 1) >> 1;
			let first = this.#firstOf(middle);
			// A damaged checkpoint: the nearest whole one before it decides.
			while (first === undefined && middle > low) first = this.#firstOf(--middle);
			if (first === undefined || first <= serial) {
				if (middle === low) break;
				low = middle;
			} else high = middle - 1;
		}
		return low;
	}

	/** Sequence number of the newest sector. */
	get newestSector(): number {
		return this.#sequence;
	}

	#find(): void {
		const head = new Uint8Array(AT.first);
		const view = new DataView(head.buffer);
		let below = Number.POSITIVE_INFINITY;
		for (;;) {
			let newest = -1;
			for (let i = 0; i < this.#sectors; i++) {
				this.#flash.read(i * this.#flash.sectorSize, head);
				const sequence = view.getUint32(AT.sequence);
				if (view.getUint32(0) !== MAGIC || sequence % this.#sectors !== i) continue;
				if (sequence > newest && sequence < below) newest = sequence;
			}
			if (newest < 0) return;
			if (this.#walk.open(newest % this.#sectors)) {
				this.#sequence = newest;
				this.#recover();
				return;
			}
			below = newest;
		}
	}

	#recover(): void {
		const walk = this.#walk;
		const checkpoint = walk.checkpointView;
		this.#acknowledgedStored = checkpoint.getUint32(AT.acknowledged);
		this.#memory = checkpoint.getUint16(AT.memory);
		this.#oldestStored = checkpoint.getUint32(AT.oldest);
		this.#lostFrom = checkpoint.getUint32(AT.lostFrom);
		this.#lostTo = checkpoint.getUint32(AT.lostTo);
		this.#gapWritten = this.#lostFrom === 0;
		this.#own = this.#isOwn(walk.checkpoint);
		this.#slot = walk.slot;
		this.#replayAll();
		this.#torn = walk.badSlots;
		// A sector whose checkpoint was damaged: its records are kept, its place counts as full.
		while (walk.adopt((this.#sequence + 1) % this.#sectors, this.#serial)) {
			this.#sequence++;
			this.#replayAll();
			this.#slot = this.#slots;
		}
		this.#acknowledgedStored = Math.min(this.#acknowledgedStored, this.last);
		this.#acknowledged = this.#acknowledgedStored;
		this.#oldest = Math.max(this.#oldestStored, this.#oldestFrom(this.#sequence - this.#sectors + 1));
		this.#finishErase();
	}

	#isOwn(checkpoint: Uint8Array): boolean {
		const { reader, sign } = this.#options;
		if (sign === undefined) return true;
		if ((readUint16(checkpoint, AT.flags) & SIGNED) === 0) return false;
		return equal(checkpoint.subarray(AT.reader, AT.reader + reader.length), reader);
	}

	/**
	 * Ends the sector that is not of this key, and begins one that is. A power cut in it leaves the sector before, and the
	 * next start does this again; once the checkpoint is whole no start does.
	 */
	#takeOver(): void {
		if (this.#slot < this.#slots) {
			if (!this.#gapWritten) this.#writeGap();
			// An export carries a checkpoint with its sector's first record: no sector may end without one.
			else if (this.#firstOf(this.#sequence) === this.#serial)
				this.#write(EVENTS.acknowledged, 0, this.#acknowledged, undefined);
		}
		this.#begin();
	}

	#replayAll(): void {
		const walk = this.#walk;
		while (!walk.atEnd) {
			const slot = walk.next();
			if (slot === "free") continue;
			this.#slot = walk.slot === 0 ? this.#slots : walk.slot;
			if (slot === "record") this.#replay(walk.record);
		}
		walk.resume();
		this.#serial = walk.expected;
		this.#block.set(walk.link);
	}

	/** Where a power cut interrupted the erase of the oldest sector, what is left of it is no log: erases it again. */
	#finishErase(): void {
		const oldest = this.#sequence - this.#sectors + 1;
		if (oldest < 0 || !this.#walk.open((oldest + 1) % this.#sectors)) return;
		const expected = this.#walk.checkpoint.subarray(AT.digest, AT.digest + 32);
		if (!equal(this.#digest(oldest % this.#sectors), expected)) this.#makeReady();
	}

	#replay(record: Uint8Array): void {
		const view = new DataView(record.buffer, record.byteOffset, RECORD_SIZE);
		const kind = view.getUint8(8);
		if (kind === EVENTS.acknowledged) this.#acknowledgedStored = view.getUint32(12);
		else if (kind === EVENTS.gap && view.getUint32(12) === this.#lostFrom) this.#gapWritten = true;
		this.#memory = remember(this.#memory, kind, view.getUint16(10));
	}

	#write(kind: number, detail: number, value: number, subject: Uint8Array | undefined): number {
		const { clock, crypto, wall } = this.#options;
		const view = this.#view;
		const trust = wall.trust();
		const serial = this.#serial;
		view.setUint32(LINK_SIZE, serial);
		view.setUint32(LINK_SIZE + 4, trust === "unset" ? Math.floor(clock.now() / 1000) : wall.now());
		view.setUint8(LINK_SIZE + 8, kind);
		view.setUint8(LINK_SIZE + 9, trustCode(trust));
		view.setUint16(LINK_SIZE + 10, detail);
		view.setUint32(LINK_SIZE + 12, value);
		if (subject === undefined) this.#subject.fill(0);
		else this.#subject.set(subject);
		const digest = crypto.sha256(this.#linked);
		this.#block.set(digest.subarray(0, LINK_SIZE), LINK_SIZE + BODY_SIZE);
		this.#program();
		this.#block.copyWithin(0, LINK_SIZE + BODY_SIZE);
		this.#serial = serial + 1;
		this.#memory = remember(this.#memory, kind, detail);
		return serial;
	}

	/** Puts the record into the next slot that takes it. */
	#program(): void {
		for (let tries = 0; tries < TRIES; tries++) {
			if (this.#slot >= this.#slots) throw new LogError("log-flash");
			const address = (this.#sequence % this.#sectors) * this.#flash.sectorSize + this.#slot * RECORD_SIZE;
			// Counted before the write: whatever happens in it, this slot is not tried again.
			this.#slot++;
			this.#flash.write(address, this.#record);
			this.#flash.read(address, this.#back);
			if (this.#readBack()) return;
		}
		throw new LogError("log-flash");
	}

	#readBack(): boolean {
		for (let i = 0; i < RECORD_SIZE / 4; i++) if (this.#words[i] !== this.#backWords[i]) return false;
		return true;
	}

	#writeGap(): void {
		this.#gapWritten = true;
		const view = new DataView(this.#gapSubject.buffer);
		view.setUint32(0, this.#lostTo);
		this.#write(EVENTS.gap, 0, this.#lostFrom, this.#gapSubject);
	}

	/** Whether the next sector still holds records of the lap before. */
	#wrapped(): boolean {
		return !this.#ready && this.#firstOf(this.#sequence + 1 - this.#sectors) !== undefined;
	}

	#makeReady(): void {
		this.#flash.erase((this.#sequence + 1) % this.#sectors);
		this.#ready = true;
		this.#oldest = Math.max(this.#oldest, this.#oldestFrom(this.#sequence - this.#sectors + 2));
	}

	/** Serial of the first record in the sectors from `sequence` on. */
	#oldestFrom(sequence: number): number {
		for (let s = Math.max(0, sequence); s <= this.#sequence; s++) {
			const first = this.#firstOf(s);
			if (first !== undefined) return first;
		}
		return this.#serial;
	}

	/** First serial of the sector with this sequence number; `undefined` when it is not there. */
	#firstOf(sequence: number): number | undefined {
		if (sequence < 0) return undefined;
		const head = this.#head;
		this.#flash.read((sequence % this.#sectors) * this.#flash.sectorSize, head);
		const view = this.#headView;
		if (view.getUint32(0) !== MAGIC || view.getUint32(AT.sequence) !== sequence) return undefined;
		return view.getUint32(AT.first);
	}

	readonly #head = new Uint8Array(AT.oldest);
	readonly #headView = new DataView(this.#head.buffer);

	/** Begins the next sector with its checkpoint. */
	#begin(): void {
		const digest = this.#sequence < 0 ? new Uint8Array(32) : this.#digest(this.#sequence % this.#sectors);
		for (let tries = 0; tries < TRIES; tries++) {
			if (!this.#ready) this.#makeReady();
			this.#ready = false;
			this.#sequence++;
			const checkpoint = this.#checkpoint(digest);
			this.#flash.write((this.#sequence % this.#sectors) * this.#flash.sectorSize, checkpoint);
			if (!this.#walk.open(this.#sequence % this.#sectors)) continue;
			this.#block.set(this.#walk.link);
			this.#slot = CHECKPOINT_SIZE / RECORD_SIZE;
			this.#oldestStored = this.#oldest;
			this.#acknowledgedStored = this.#acknowledged;
			return;
		}
		throw new LogError("log-flash");
	}

	#checkpoint(digest: Uint8Array): Uint8Array {
		const { crypto, reader, sign, wall } = this.#options;
		const from = Math.max(this.#acknowledged + 1, this.#oldestStored);
		this.#lostFrom = from < this.#oldest ? from : 0;
		this.#lostTo = from < this.#oldest ? this.#oldest - 1 : 0;
		this.#gapWritten = this.#lostFrom === 0;
		const checkpoint = new Uint8Array(CHECKPOINT_SIZE);
		const view = new DataView(checkpoint.buffer);
		view.setUint32(0, MAGIC);
		view.setUint32(AT.sequence, this.#sequence);
		view.setUint32(AT.first, this.#serial);
		view.setUint32(AT.oldest, this.#oldest);
		view.setUint32(AT.lostFrom, this.#lostFrom);
		view.setUint32(AT.lostTo, this.#lostTo);
		view.setUint32(AT.acknowledged, this.#acknowledged);
		view.setUint16(AT.memory, this.#memory);
		view.setUint16(AT.flags, sign === undefined ? 0 : SIGNED);
		checkpoint.set(reader, AT.reader);
		checkpoint.set(this.#block.subarray(0, LINK_SIZE), AT.link);
		checkpoint.set(digest, AT.digest);
		view.setUint32(AT.time, wall.trust() === "unset" ? 0 : wall.now());
		if (sign !== undefined) checkpoint.set(sign(signedPart(checkpoint)), AT.signature);
		checkpoint.set(crypto.sha256(checkpoint.subarray(0, AT.check)).subarray(0, LINK_SIZE), AT.check);
		return checkpoint;
	}

	/** SHA-256 of a sector as it lies in flash. */
	#digest(sector: number): Uint8Array {
		const hash = this.#options.crypto.hash();
		const page = new Uint8Array(Math.min(PAGE, this.#flash.sectorSize));
		const start = sector * this.#flash.sectorSize;
		for (let at = 0; at < this.#flash.sectorSize; at += page.length) {
			this.#flash.read(start + at, page);
			hash.update(page);
		}
		return hash.digest();
	}
}

/** Reads records in their order, across sectors, past torn slots. */
export class LogCursor {
	readonly #log: AuditLog;
	readonly #walk: SectorWalk;
	readonly #sectors: number;
	/** Sequence number of the sector being read; -1 before the first. */
	#sequence = -1;
	#from: number;

	constructor(log: AuditLog, flash: Flash, crypto: Crypto, from: number) {
		this.#log = log;
		this.#walk = new SectorWalk(flash, crypto);
		this.#sectors = flash.size / flash.sectorSize;
		this.#from = from;
	}

	/** Serial that the next record has at least. */
	get position(): number {
		return this.#from;
	}

	/** The next record, 32 bytes that are valid until the next call; `undefined` at the end, where more may come later. */
	next(): Uint8Array | undefined {
		const log = this.#log;
		if (this.#from < log.oldest) {
			this.#from = log.oldest;
			this.#sequence = -1;
		}
		if (this.#from > log.last) return undefined;
		if (this.#sequence < 0) this.#seek();
		for (;;) {
			if (this.#walk.atEnd && !this.#enter(this.#sequence + 1)) return undefined;
			if (this.#walk.next() !== "record" || this.#walk.serial < this.#from) continue;
			this.#from = this.#walk.serial + 1;
			return this.#walk.record;
		}
	}

	#seek(): void {
		this.#enter(this.#log.sectorOf(this.#from));
	}

	/** Goes to the sector `sequence`, or to the next whole one after it. */
	#enter(sequence: number): boolean {
		for (let s = sequence; s <= this.#log.newestSector; s++) {
			if (!this.#walk.open(s % this.#sectors) || this.#walk.sequence !== s) continue;
			this.#sequence = s;
			return true;
		}
		return false;
	}
}
