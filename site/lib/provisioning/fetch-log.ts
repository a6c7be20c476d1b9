// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32 } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { AT, MAGIC, SECTOR_SIZE } from "../../../protocol/log/record.js";
import type { LogPart } from "../../../protocol/provisioning/messages.js";
import type { Requester } from "./client.js";
import { ClientError } from "./errors.js";

/** A log that is written to in earnest erases no sector more often than this while it is read twice. */
const TRIES = 8;

/**
 * The reader's log partition, whole. Authority has been proven. What the reader says is blank is not sent.
 *
 * The log goes on meanwhile: the image is that of one moment, so that it verifies. Records are only added, each behind the
 * one before; so the sectors that can have changed are read once more, from their end to their beginning, and whatever is
 * there then has all that comes before it.
 */
export async function fetchLog(
	client: Requester,
	crypto: Pick<Crypto, "sha256">,
	onProgress: (done: number, of: number) => void = () => {},
): Promise<Uint8Array> {
	const copy = new Copy(client, crypto, onProgress);
	await copy.all();
	await copy.settle();
	onProgress(copy.image.length, copy.image.length);
	return copy.image;
}

class Copy {
	image = new Uint8Array(0);
	readonly #client: Requester;
	readonly #crypto: Pick<Crypto, "sha256">;
	readonly #onProgress: (done: number, of: number) => void;
	/** How much the reader sends at once. */
	#step = 0;

	constructor(
		client: Requester,
		crypto: Pick<Crypto, "sha256">,
		onProgress: (done: number, of: number) => void,
	) {
		this.#client = client;
		this.#crypto = crypto;
		this.#onProgress = onProgress;
	}

	async all(): Promise<void> {
		let at = 0;
		do {
			// Readers before this field say nothing of it, and send all.
			const { bytes, blank = 0 } = await this.#part(at);
			this.#step ||= bytes.length;
			at = Math.min(at + bytes.length + blank, this.image.length);
			if (at < this.image.length) this.#onProgress(at, this.image.length);
		} while (at < this.image.length);
	}

	/** Makes the image that of one moment. Throws `ClientError` where the log never stands still for so long. */
	async settle(): Promise<void> {
		for (let tries = 0; tries < TRIES; tries++) if (await this.#settled()) return;
		throw new ClientError("log-moves", "the log is written to faster than it can be copied");
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
			const old = this.#sector(next).slice();
			await this.#backwards(next);
			if (this.#sequence(next) === newest + 1) newest++;
			else if (equal(this.#sector(next), old)) break;
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
		const digest = this.#crypto.sha256(this.#sector(sequence % sectors));
		return equal(digest, this.#sector(next).subarray(AT.digest, AT.digest + digest.length));
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
	async #part(at: number, exactly?: number): Promise<LogPart> {
		const part = await this.#client.request("log", { at });
		const { bytes, size } = part;
		const known = this.image.length;
		if (
			bytes.length === 0 ||
			at + bytes.length > size ||
			(known > 0 && size !== known) ||
			bytes.length < (exactly ?? 0)
		)
			throw new ClientError("bad-reply", "what the reader says of its log makes no sense");
		if (known === 0) this.image = new Uint8Array(size).fill(0xff);
		this.image.set(bytes.subarray(0, exactly), at);
		return part;
	}

	#sector(sector: number): Uint8Array {
		return this.image.subarray(sector * SECTOR_SIZE, (sector + 1) * SECTOR_SIZE);
	}

	/** How many sectors were begun before this one, as it says; `undefined` where it was not begun or lies elsewhere. */
	#sequence(sector: number): number | undefined {
		const head = this.#sector(sector);
		return readUint32(head, 0) === MAGIC ? readUint32(head, AT.sequence) : undefined;
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
