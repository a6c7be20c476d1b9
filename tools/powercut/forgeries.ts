// SPDX-License-Identifier: Apache-2.0

import { writeUint16, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import {
	AT,
	BODY_SIZE,
	CHECKPOINT_SIZE,
	LINK_SIZE,
	RECORD_SIZE,
	SIGNED,
	signedPart,
} from "../../protocol/log/record.js";
import { SectorWalk } from "../../protocol/log/sector.js";
import { ID, PAGE } from "../../protocol/plan/format.js";
import { JOURNAL_SIZE, MARK_AT, SECTOR } from "../../protocol/plan/layout.js";
import { SimFlash } from "../../sim/flash.js";
import type { SeededRandom } from "../../sim/random.js";
import { SEAL } from "../../src/config/sealed-state.js";
import { REMEMBERED } from "../../src/door/memory.js";
import { writeFrame } from "../../src/plan/frame.js";
import { Journal, MAGIC_ENTRY } from "../../src/plan/journal.js";
import { NOTICE_RECORD } from "../../src/plan/notices.js";
import { MAGIC_HEADER, MAGIC_MARK } from "../../src/plan/slot.js";

/** What a stranger who knows this firmware writes into its partitions: everything that needs no device key. */

export type Partition = "plan" | "log" | "config" | "notices";
export const PARTITIONS: readonly Partition[] = ["plan", "log", "config", "notices"];

/** All that is in the flash of a reader. */
export type Image = Readonly<Record<Partition, Uint8Array>> & { state: Uint8Array | undefined };

/** What a stranger has. */
export interface Loot {
	readonly crypto: Crypto;
	/** The flash as it was at moments of the past. */
	readonly moments: readonly Image[];
	/** Signed headers and deltas: the site's of every version, another door's, a key's that has ended, and the stranger's own. */
	readonly envelopes: readonly Uint8Array[];
	/** Bodies of pages, each with the check that needs no key. */
	readonly bodies: readonly Uint8Array[];
	/** Configuration records that were sealed by another device. */
	readonly records: readonly Uint8Array[];
	/** The Ed25519 key of the reader, which lies in `config`. */
	readonly readerKey: Uint8Array;
}

const { command } = EVENTS;
/** Bytes of the sealed state without a revocation ahead. */
const STATE_SIZE = 84;
/** Kind, detail and value of records that would change what the door does, if they were believed. */
const EVENTS_OF_USE: readonly (readonly [number, number, number])[] = [
	[command, 2, 0],
	[command, 4, 0],
	[command, 6, 0],
	[EVENTS["lockdown-ended"], 3, 0],
	[EVENTS.unlocked, 3, 0],
	[EVENTS.fire, 0, 0],
	[EVENTS.decision, 0, 1],
	[EVENTS.acknowledged, 0, 1],
	[EVENTS.gap, 0, 1],
];

type Forgery = (image: Image, loot: Loot, random: SeededRandom) => void;

function anyPartition(random: SeededRandom): Partition {
	return PARTITIONS[random.below(PARTITIONS.length)]!;
}

/** Appends records with their links, as the reader itself would. */
function appendRecords(image: Image, { crypto }: Loot, random: SeededRandom): void {
	const flash = new SimFlash({ size: image.log.length });
	flash.restore(image.log);
	const walk = new SectorWalk(flash, crypto);
	let newest = -1;
	let place = 0;
	for (let sector = 0; sector < image.log.length / SECTOR; sector++)
		if (walk.open(sector) && walk.sequence > newest) {
			newest = walk.sequence;
			place = sector;
		}
	if (newest < 0 || !walk.open(place)) return;
	let end = walk.slot;
	while (!walk.atEnd) if (walk.next() !== "free") end = walk.slot || SECTOR / RECORD_SIZE;
	let link: Uint8Array = walk.link.slice();
	let serial = walk.expected;
	for (let n = 1 + random.below(3); n > 0 && end < SECTOR / RECORD_SIZE; n--, end++) {
		const [kind, detail, value] = EVENTS_OF_USE[random.below(EVENTS_OF_USE.length)]!;
		const record = new Uint8Array(RECORD_SIZE);
		writeUint32(record, 0, serial++);
		record[8] = kind;
		writeUint16(record, 10, detail);
		writeUint32(record, 12, value);
		link = linkOf(crypto, link, record);
		record.set(link, BODY_SIZE);
		image.log.set(record, place * SECTOR + end * RECORD_SIZE);
	}
}

function linkOf(crypto: Crypto, link: Uint8Array, record: Uint8Array): Uint8Array {
	const block = new Uint8Array(LINK_SIZE + BODY_SIZE);
	block.set(link);
	block.set(record.subarray(0, BODY_SIZE), LINK_SIZE);
	return crypto.sha256(block).slice(0, LINK_SIZE);
}

/** Changes a checkpoint's memory of the door; signs it again, or says that it is not signed. */
function changeCheckpoint(image: Image, { crypto, readerKey }: Loot, random: SeededRandom): void {
	const at = random.below(image.log.length / SECTOR) * SECTOR;
	const sector = image.log.subarray(at, at + SECTOR);
	writeUint16(sector, AT.memory, random.below(0x10000));
	if (random.below(2) === 0) sector.set(crypto.ed25519Sign(signedPart(sector), readerKey), AT.signature);
	else sector[AT.flags + 1]! &= ~SIGNED;
	sector.set(crypto.sha256(sector.subarray(0, AT.check)).subarray(0, LINK_SIZE), AT.check);
	let link: Uint8Array = sector.slice(AT.check, CHECKPOINT_SIZE);
	for (let record = CHECKPOINT_SIZE; record < SECTOR; record += RECORD_SIZE) {
		const bytes = sector.subarray(record, record + RECORD_SIZE);
		if (bytes.every((byte) => byte === 0xff)) break;
		link = linkOf(crypto, link, bytes);
		bytes.set(link, BODY_SIZE);
	}
}

function slotOf(image: Image, random: SeededRandom): number {
	return random.below(2) * (image.plan.length / 2);
}

/** `change` on the plan's flash as if it were the reader. */
function onPlan(image: Image, change: (flash: SimFlash) => void): void {
	const flash = new SimFlash({ size: image.plan.length });
	flash.restore(image.plan);
	change(flash);
	image.plan.set(flash.bytes);
}

const journalEntry: Forgery = (image, { crypto, envelopes }, random) => {
	const envelope = envelopes[random.below(envelopes.length)]!;
	const at = slotOf(image, random) + SECTOR;
	// Behind what is there, or over it.
	let place = 16 * random.below(64);
	onPlan(image, (flash) => {
		const journal = new Journal(flash, at, crypto);
		journal.scan();
		if (random.below(4) > 0) place = journal.used;
	});
	if (place + envelope.length + 32 > JOURNAL_SIZE) return;
	image.plan.fill(0xff, at + place, at + place + envelope.length + 32);
	onPlan(image, (flash) => writeFrame(flash, at + place, MAGIC_ENTRY, envelope, crypto));
};

/** A slot with its mark, in front of every other. */
const wholeSlot: Forgery = (image, { bodies, crypto, envelopes }, random) => {
	const base = slotOf(image, random);
	const body = bodies[random.below(bodies.length)]!;
	const envelope = envelopes[random.below(envelopes.length)]!;
	image.plan.fill(0xff, base, base + SECTOR + JOURNAL_SIZE);
	onPlan(image, (flash) => writeFrame(flash, base, MAGIC_HEADER, envelope, crypto));
	if (random.below(2) === 0) image.plan.set(body, base + SECTOR + JOURNAL_SIZE);
	const mark = new Uint8Array(16);
	writeUint32(mark, 0, MAGIC_MARK);
	writeUint32(mark, 4, 90 + random.below(9));
	const header = image.plan.subarray(base, base + 16);
	mark.set(crypto.hash().update(mark.subarray(0, 8)).update(header).digest().subarray(0, 8), 8);
	image.plan.set(mark, base + MARK_AT);
};

const bodyPage: Forgery = (image, { bodies }, random) => {
	const body = bodies[random.below(bodies.length)]!;
	const page = random.below(body.length / PAGE) * PAGE;
	image.plan.set(body.subarray(page, page + PAGE), slotOf(image, random) + SECTOR + JOURNAL_SIZE + page);
};

const configuration: Forgery = (image, { records }, random) => {
	const record = records[random.below(records.length)]!;
	const half = image.config.length / 2;
	const which = random.below(3);
	for (const at of which === 2 ? [0, half] : [which * half]) image.config.set(record, at);
};

/** A record of a notice about another id, one twice, or those of one bank in the other. */
const notices: Forgery = (image, _, random) => {
	const cells = image.notices;
	const bank = cells.subarray(0, cells.length / 2);
	const at = NOTICE_RECORD * random.below(4);
	const which = random.below(3);
	if (which === 0) bank.set(random.bytes(ID), at + NOTICE_RECORD - ID);
	else if (which === 1) bank.copyWithin(at, NOTICE_RECORD * random.below(4), NOTICE_RECORD * 5);
	else cells.copyWithin(bank.length, 0, bank.length);
};

/** A stretch of a partition as it once was, in its place or another. */
const fromBefore: Forgery = (image, { moments }, random) => {
	const partition = anyPartition(random);
	const source = moments[random.below(moments.length)]![partition];
	const cells = image[partition];
	const size = [32, PAGE, SECTOR, cells.length / 2, cells.length][random.below(5)]!;
	const from = random.below(cells.length / size) * size;
	const to = random.below(3) === 0 ? random.below(cells.length / size) * size : from;
	cells.set(source.subarray(from, from + size), to);
};

const anyBytes: Forgery = (image, _, random) => {
	const cells = image[anyPartition(random)];
	const size = 1 + random.below(64);
	const at = random.below(cells.length - size);
	cells.set(random.bytes(size), at);
};

/** Where something is: a bit of it. */
const oneBit: Forgery = (image, _, random) => {
	const cells = image[anyPartition(random)];
	for (let tries = 0; tries < 200; tries++) {
		const at = random.below(cells.length);
		if (cells[at] === 0xff) continue;
		cells[at]! ^= 1 << random.below(8);
		return;
	}
};

const erased: Forgery = (image, _, random) => {
	const cells = image[anyPartition(random)];
	const size = random.below(4) === 0 ? cells.length : SECTOR;
	const at = random.below(cells.length / size) * size;
	cells.fill(random.below(4) === 0 ? 0 : 0xff, at, at + size);
};

/** The slots of a sector of the log behind its checkpoint, all but a few. */
const slots: Forgery = (image, _, random) => {
	const at = random.below(image.log.length / SECTOR) * SECTOR;
	const end = at + SECTOR - RECORD_SIZE * random.below(3);
	image.log.fill(0xff, at + CHECKPOINT_SIZE, at + SECTOR);
	image.log.fill(random.below(4) === 0 ? random.below(0x100) : 0, at + CHECKPOINT_SIZE, end);
};

const noState: Forgery = (image, _, random) => {
	image.state = undefined;
	if (random.below(2) === 0) image.config.fill(0xff);
};

const anyState: Forgery = (image, _, random) => {
	const bytes =
		image.state === undefined || random.below(4) === 0 ? random.bytes(random.below(64)) : image.state.slice();
	if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
	image.state = bytes;
};

/** The numbers that would help: unlocked by command, the first plan, no revocation ahead, no notice, with the log and the plan to match. */
const wantedState: Forgery = (image, loot, random) => {
	const bytes = image.state?.slice(-STATE_SIZE) ?? random.bytes(STATE_SIZE);
	if (image.state !== undefined && bytes.length === STATE_SIZE)
		bytes.set(image.state.subarray(0, STATE_SIZE - SEAL));
	writeUint16(bytes, 4, REMEMBERED.unlock);
	writeUint16(bytes, 6, 0);
	writeUint32(bytes, 20, 1);
	writeUint32(bytes, 24, 1);
	writeUint16(bytes, 28, 0);
	image.state = bytes;
	appendRecords(image, loot, random);
	if (random.below(2) === 0) image.plan.set(loot.moments[random.below(loot.moments.length)]!.plan);
};

const FORGERIES: readonly Forgery[] = [
	appendRecords,
	changeCheckpoint,
	journalEntry,
	wholeSlot,
	bodyPage,
	configuration,
	notices,
	fromBefore,
	fromBefore,
	anyBytes,
	oneBit,
	erased,
	slots,
	noState,
	anyState,
	wantedState,
];

/** Writes into `image` what the seed says. */
export function forge(image: Image, loot: Loot, random: SeededRandom): void {
	if (random.below(20) === 0) {
		// The sealed state alone as it once was. With more than that it is an older image with its counters.
		image.state = loot.moments[random.below(loot.moments.length)]!.state;
		return;
	}
	for (let n = 1 + random.below(5); n > 0; n--)
		FORGERIES[random.below(FORGERIES.length)]!(image, loot, random);
}
