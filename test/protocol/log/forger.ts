// SPDX-License-Identifier: Apache-2.0

import {
	AT,
	BODY_SIZE,
	CHECKPOINT_SIZE,
	LINK_SIZE,
	RECORD_SIZE,
	SIGNED,
} from "../../../protocol/log/record.js";
import { crypto } from "../../src/log/world.js";

/** What somebody with a programmer can do to a log's flash: everything but sign. */
export class Forger {
	readonly bytes: Uint8Array;
	readonly sectorSize: number;

	constructor(bytes: Uint8Array, sectorSize: number) {
		this.bytes = bytes;
		this.sectorSize = sectorSize;
	}

	/** The sector as it lies there. */
	sector(n: number): Uint8Array {
		return this.bytes.subarray(n * this.sectorSize, (n + 1) * this.sectorSize);
	}

	/** Blank, as after an erase. */
	erase(...sectors: readonly number[]): void {
		for (const n of sectors) this.sector(n).fill(0xff);
	}

	/** Takes the signature away, and what says that there is one. */
	strip(n: number): void {
		const checkpoint = this.sector(n);
		checkpoint[AT.flags + 1]! &= ~SIGNED;
		checkpoint.fill(0, AT.signature, AT.check);
	}

	/** Says that this reader signed it, without the key to do so. */
	claim(n: number, reader: Uint8Array): void {
		const checkpoint = this.sector(n);
		checkpoint[AT.flags + 1]! |= SIGNED;
		checkpoint.set(reader, AT.reader);
		checkpoint.fill(0x5a, AT.signature, AT.check);
	}

	/** Makes the check of the checkpoint, and all links of the sector, fit again. */
	relink(n: number): void {
		const sector = this.sector(n);
		sector.set(crypto.sha256(sector.slice(0, AT.check)).subarray(0, LINK_SIZE), AT.check);
		let link = sector.slice(AT.check, CHECKPOINT_SIZE);
		for (let at = CHECKPOINT_SIZE; at < sector.length; at += RECORD_SIZE) {
			const record = sector.subarray(at, at + RECORD_SIZE);
			if (record.every((byte) => byte === 0xff)) continue;
			const block = new Uint8Array(LINK_SIZE + BODY_SIZE);
			block.set(link);
			block.set(record.subarray(0, BODY_SIZE), LINK_SIZE);
			link = crypto.sha256(block).slice(0, LINK_SIZE);
			record.set(link, BODY_SIZE);
		}
	}

	/** Brings what the sector says of the one before up to date: its digest and its last link. */
	follow(n: number): void {
		const before = this.sector(n - 1);
		let link = before.slice(AT.check, CHECKPOINT_SIZE);
		for (let at = CHECKPOINT_SIZE; at < before.length; at += RECORD_SIZE) {
			const record = before.subarray(at, at + RECORD_SIZE);
			if (!record.every((byte) => byte === 0xff)) link = record.slice(BODY_SIZE);
		}
		this.sector(n).set(link, AT.link);
		this.sector(n).set(crypto.sha256(before.slice()), AT.digest);
	}

	/** `relink` of a sector, then of all up to `last` what follows from it. */
	rewrite(n: number, last: number): void {
		this.relink(n);
		for (let s = n + 1; s <= last; s++) {
			this.follow(s);
			this.relink(s);
		}
	}
}
