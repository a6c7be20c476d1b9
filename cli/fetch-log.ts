import { createHash } from "node:crypto";
import type { CborMap } from "../protocol/cbor/value.js";
import { AT, MAGIC } from "../protocol/log/record.js";
import { Failure } from "../site/lib/files/failure.js";
import { SECTOR_SIZE } from "../site/lib/log/image.js";
import type { ReaderClient } from "./client.js";
import { progress } from "./output.js";

/** More than any reader's flash, bytes. */
const MAX_LOG = 64 * 1024 * 1024;
/** More often than this nobody erases one sector while it is read twice. */
const TRIES = 8;

/**
 * The reader's log partition, whole. Authority has been proven. What the reader says is blank is not sent.
 *
 * The log goes on meanwhile: the image is that of one moment, so that it verifies. Records are only added, each behind the
 * one before; so the sectors that can have changed are read once more, from their end to their beginning, and whatever is
 * there then has all that comes before it.
 */
export async function fetchLog(reader: ReaderClient): Promise<Uint8Array> {
	const copy = new Copy(reader);
	await copy.all();
	await copy.settle();
	progress("log", copy.image.length, copy.image.length);
	return copy.image;
}

class Copy {
	readonly #reader: ReaderClient;
	image: Buffer = Buffer.alloc(0);
	/** How much the reader sends at once. */
	#step = 0;

	constructor(reader: ReaderClient) {
		this.#reader = reader;
	}

	async all(): Promise<void> {
		let at = 0;
		do {
			const { blank, length } = await this.#part(at);
			this.#step ||= length;
			at += length;
			// Readers before this field say nothing of it, and send all.
			if (typeof blank === "number" && blank > 0) at = Math.min(at + blank, this.image.length);
			if (at < this.image.length) progress("log", at, this.image.length);
		} while (at < this.image.length);
	}

	/** Makes the image that of one moment. Throws `Failure` where the log never stands still for so long. */
	async settle(): Promise<void> {
		for (let tries = 0; tries < TRIES; tries++) if (await this.#settled()) return;
		throw new Failure(
			"refused",
			"log-moves",
			"the log is written to faster than it can be copied",
			"Give the same command again when the door is quieter.",
		);
	}

	/** False where a whole sector came between two readings of it. */
	async #settled(): Promise<boolean> {
		const sectors = Math.floor(this.image.length / SECTOR_SIZE);
		const before = this.#newest(sectors);
		if (before === undefined) return true;
		let newest = before;
		// The sector behind the newest is erased at some time and then begun.
		for (let tries = 0; ; ) {
			if (tries === TRIES || newest === before + sectors) return false;
			const next = (newest + 1) % sectors;
			const old = Buffer.from(this.#sector(next));
			await this.#backwards(next);
			if (this.#sequence(next) === newest + 1) newest++;
			else if (this.#sector(next).equals(old)) break;
			else tries++;
		}
		// Sectors before may have been copied before their last records came.
		for (let sequence = newest; sequence >= Math.max(0, newest - sectors + 2); sequence--)
			if (sequence >= before || !this.#sealed(sequence, sectors)) {
				const had = this.#sequence(sequence % sectors);
				await this.#backwards(sequence % sectors);
				if (this.#sequence(sequence % sectors) !== had) return false;
			}
		return true;
	}

	/** Whether a sector is what the next one says that it was. */
	#sealed(sequence: number, sectors: number): boolean {
		const next = (sequence + 1) % sectors;
		if (this.#sequence(next) !== sequence + 1) return true;
		const digest = createHash("sha256")
			.update(this.#sector(sequence % sectors))
			.digest();
		return digest.equals(this.#sector(next).subarray(AT.digest, AT.digest + digest.length));
	}

	/** Reads a sector again, its end first. */
	async #backwards(sector: number): Promise<void> {
		const start = sector * SECTOR_SIZE;
		const end = start + SECTOR_SIZE;
		for (let to = end; to > start; ) {
			const at = Math.max(start, to - this.#step);
			await this.#part(at, to - at);
			to = at;
		}
	}

	/** Asks for a part and puts it into the image; `exactly` so much of it, where that is given. */
	async #part(at: number, exactly?: number): Promise<{ length: number; blank: unknown }> {
		const { bytes, size, blank } = (await this.#reader.request("log", { at })) as CborMap;
		const known = this.image.length;
		if (
			!(bytes instanceof Uint8Array) ||
			!isSize(size) ||
			bytes.length === 0 ||
			at + bytes.length > size ||
			(known > 0 && size !== known) ||
			bytes.length < (exactly ?? 0)
		)
			throw new Failure(
				"refused",
				"bad-reply",
				"what the reader says of its log makes no sense",
				"Give the command again; if it stays so, reader and lintel do not fit: compare their versions.",
			);
		if (known === 0) this.image = Buffer.alloc(size, 0xff);
		this.image.set(bytes.subarray(0, exactly), at);
		return { length: bytes.length, blank };
	}

	#sector(sector: number): Buffer {
		return this.image.subarray(sector * SECTOR_SIZE, (sector + 1) * SECTOR_SIZE);
	}

	/** How many sectors were begun before this one, as it says; `undefined` where it was not begun or lies elsewhere. */
	#sequence(sector: number): number | undefined {
		const head = this.#sector(sector);
		return head.readUInt32BE(0) === MAGIC ? head.readUInt32BE(AT.sequence) : undefined;
	}

	#newest(sectors: number): number | undefined {
		let newest: number | undefined;
		for (let sector = 0; sector < sectors; sector++) {
			const sequence = this.#sequence(sector);
			if (sequence === undefined || sequence % sectors !== sector) continue;
			if (newest === undefined || sequence > newest) newest = sequence;
		}
		return newest;
	}
}

function isSize(size: unknown): size is number {
	return typeof size === "number" && size > 0 && size <= MAX_LOG;
}
