// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import type { Crypto } from "../crypto.js";
import { Findings, type LogReport, type VerifyOptions } from "./findings.js";
import { AT } from "./record.js";
import { SectorWalk } from "./sector.js";
import type { LogSource } from "./source.js";

/**
 * Called with each good record (32 bytes, valid during the call) and its serial; for the first record of a sector also with
 * the sector's `checkpoint` (160 bytes, valid during the call) where that is whole.
 */
export type RecordSink = (record: Uint8Array, serial: number, checkpoint?: Uint8Array) => void;

/**
 * Checks a whole log: positions, links, digests, signatures, serials, and the site's cursor. `sink` gets every record
 * whose link holds, in order.
 */
export function verifyLog(
	flash: LogSource,
	crypto: Crypto,
	options: VerifyOptions = {},
	sink?: RecordSink,
): LogReport {
	return new Verification(flash, crypto, options, sink).run();
}

class Verification {
	private readonly flash: LogSource;
	private readonly crypto: Crypto;
	private readonly sink: RecordSink | undefined;
	private readonly walk: SectorWalk;
	private readonly sectors: number;
	private readonly findings: Findings;
	private first = 0;
	private torn = 0;
	private read = 0;
	private oldest = 0;
	private sectorFirst = 0;
	/** The serial that has to come next; 0 before the first sector. */
	private expected = 0;
	private digest: Uint8Array | undefined;
	/** The next record is the first of a sector whose checkpoint is whole. */
	private fresh = false;

	constructor(flash: LogSource, crypto: Crypto, options: VerifyOptions, sink: RecordSink | undefined) {
		this.flash = flash;
		this.crypto = crypto;
		this.sink = sink;
		this.findings = new Findings(crypto, options);
		this.walk = new SectorWalk(flash, crypto);
		this.sectors = flash.size / flash.sectorSize;
	}

	run(): LogReport {
		const sequences = this.order();
		const newest = sequences.at(-1) ?? -1;
		let sequence = sequences[0] ?? 0;
		for (; sequence <= newest || this.adopt(sequence); sequence++) this.sector(sequence);
		this.beginning(sequences[0] ?? 0, newest);
		return this.findings.report({ first: this.first, sectors: this.read, torn: this.torn });
	}

	/** Sequence numbers of the sectors whose checkpoint is whole, in order; those in a wrong place are problems. */
	private order(): number[] {
		const found: number[] = [];
		for (let i = 0; i < this.sectors; i++) {
			if (!this.walk.open(i)) continue;
			const { sequence, expected } = this.walk;
			if (sequence % this.sectors === i) found.push(sequence);
			else this.findings.problem("misplaced", expected, expected, i);
		}
		found.sort((a, b) => a - b);
		// The ring holds one lap: a sector that is older was copied there.
		return found.filter((sequence) => {
			const stale = sequence <= found.at(-1)! - this.sectors;
			if (stale) this.findings.problem("misplaced", 0, 0, sequence % this.sectors);
			return !stale;
		});
	}

	private sector(sequence: number): void {
		const sector = sequence % this.sectors;
		const whole = this.walk.open(sector) && this.walk.sequence === sequence;
		this.fresh = whole;
		if (whole) this.checkpoint(sector);
		else if (this.expected > 0 && this.walk.adopt(sector, this.expected)) {
			this.findings.problem("bad-checkpoint", this.expected, this.expected, sector);
			this.sectorFirst = this.expected;
		} else {
			this.findings.problem("bad-checkpoint", this.expected, this.expected, sector);
			this.digest = undefined;
			return;
		}
		if (this.first === 0) this.first = this.walk.expected;
		this.slots(sector);
		this.digest = this.hash(sector);
		this.read++;
	}

	/** Whether the sector after the newest belongs to the log too, its checkpoint destroyed. */
	private adopt(sequence: number): boolean {
		return this.expected > 0 && this.walk.adopt(sequence % this.sectors, this.expected);
	}

	private checkpoint(sector: number): void {
		const { checkpoint, checkpointView: view } = this.walk;
		const first = view.getUint32(AT.first);
		if (this.expected > 0 && first > this.expected) {
			this.findings.problem("missing", this.expected, first - 1, sector);
		} else if (first < this.expected) this.findings.problem("bad-checkpoint", first, first, sector);
		if (this.digest && !equal(this.digest, checkpoint.slice(AT.digest, AT.digest + 32))) {
			this.findings.problem("changed-sector", this.sectorFirst, first - 1, sector);
		}
		this.sectorFirst = first;
		this.oldest = view.getUint32(AT.oldest);
		this.findings.checkpoint(checkpoint, first, sector);
	}

	private slots(sector: number): void {
		const walk = this.walk;
		let bad = 0;
		while (!walk.atEnd) {
			const expected = walk.expected;
			const slot = walk.next();
			if (slot === "free") continue;
			if (slot === "bad") {
				bad++;
				continue;
			}
			if (walk.missed > 0) {
				this.findings.problem("bad-record", expected, expected + walk.missed - 1, sector);
				bad -= walk.missed;
			}
			this.take();
		}
		const damaged = walk.resume();
		if (damaged > 0) this.findings.problem("bad-record", walk.expected - damaged, walk.expected - 1, sector);
		// A bad slot that took no serial is a torn write. A change of the very last record of the log looks the same.
		this.torn += bad - damaged;
		this.expected = walk.expected;
	}

	private take(): void {
		const { serial, record } = this.walk;
		this.findings.record(record, serial);
		this.sink?.(record, serial, this.fresh ? this.walk.checkpoint : undefined);
		this.fresh = false;
	}

	/** Checks that the log begins where its newest checkpoint says; only the sector that is next to be written may be blank. */
	private beginning(oldest: number, newest: number): void {
		if (this.first <= this.oldest || this.oldest === 0) return;
		const from = this.oldest;
		const to = this.first - 1;
		const next = (newest + 1) % this.sectors;
		if (oldest > newest - this.sectors + 2) {
			this.findings.problemBefore("missing", from, to, oldest % this.sectors);
		} else if (!this.blank(next)) {
			this.findings.problemBefore("bad-checkpoint", from, to, next);
		}
	}

	private blank(sector: number): boolean {
		const page = new Uint8Array(this.flash.sectorSize);
		this.flash.read(sector * this.flash.sectorSize, page);
		return page.every((byte) => byte === 0xff);
	}

	private hash(sector: number): Uint8Array {
		const page = new Uint8Array(this.flash.sectorSize);
		this.flash.read(sector * this.flash.sectorSize, page);
		return this.crypto.sha256(page);
	}
}
