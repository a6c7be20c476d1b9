// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal } from "../../protocol/bytes.js";
import { decodeSign1 } from "../../protocol/credential/cose.js";
import type { Crypto } from "../../protocol/crypto.js";
import { openKept, type PlanRefusal } from "../../protocol/plan/envelope.js";
import {
	type Addressed,
	bodyLength,
	type Delta,
	decodeDelta,
	decodeSnapshot,
	MAX_CHANGES,
	orderOf,
	PAGE,
	PAGE_DATA,
	type PlanNumber,
	type PlanState,
} from "../../protocol/plan/format.js";
import type { Geometry } from "../../protocol/plan/layout.js";
import { PlanTables } from "../../protocol/plan/tables.js";
import type { TrustList } from "../../protocol/trust/list.js";
import { FRAME_HEADER } from "./frame.js";
import { Journal } from "./journal.js";
import type { NoticesPlace } from "./notices.js";
import { changes, Overlay } from "./overlay.js";
import type { Slot } from "./slot.js";

/** Why no plan is in force. */
export type Absence =
	/** No plan was ever installed to its end. */
	| "empty"
	/** A plan was in force once, and flash has none: erased, or the slot's header has rotted. */
	| "lost"
	/** What is in flash is older than what once was in force: rolled back, or a delta has rotted. */
	| "older-than-floor"
	/** The header does not verify with the keys of this reader, or is of an epoch that these do not speak for. */
	| "untrusted"
	/** The notices that came are not there as they were: who is revoked is not known. */
	| "notices-lost"
	/** Another site's or door's. */
	| "not-ours"
	/** Time zone or schedules do not pass their check. */
	| "damaged";

/** What the reader knows of its plan for certain, whatever the plan's flash says: a `SealedState`. */
export interface RollbackCounter {
	/** The lowest plan that is taken, as `orderOf`. */
	readonly plan: number;
	/** The revocations that are in force ahead of their base, likewise. */
	readonly ahead: readonly number[];
	/** This plan is in force, and these revocations ahead of it. Does nothing where `plan` is lower than the one here. */
	raisePlan(plan: number, ahead: readonly number[]): void;
}

/** A trust list that waits for the plan which is to replace the one in force: a `TrustLists`. */
export interface HeldList {
	readonly candidate: TrustList | undefined;
	/** Before a plan's mark: from then on the candidate is in force. False where the flash takes it not. */
	prepare(): boolean;
	/** After the mark. */
	settle(): void;
	/** There is no such mark. */
	drop(): void;
}

export interface PlanOptions {
	readonly flash: Flash;
	readonly rollbackCounter: RollbackCounter;
	readonly crypto: Crypto;
	/** The list in force. */
	readonly trust: TrustList;
	readonly held?: HeldList;
	/** Absent: revocation notices are not taken. */
	readonly notices?: NoticesPlace;
	/** As `Platform.deviceKey`. */
	readonly deviceKey: Uint8Array;
	/** Identifier of the door, up to 8 ASCII characters. */
	readonly door: string;
	/** The time by which dates count here, seconds since 1970; absent where it is unset. */
	readonly knownTime: () => number | undefined;
}

/** A slot's plan with the deltas of its journal. */
export interface Loaded {
	readonly slot: Slot;
	readonly sequence: number;
	/** The state of the slot's own body. */
	readonly base: PlanState;
	readonly journal: Journal;
	readonly overlay: Overlay;
	/** The state with the deltas applied. */
	state: PlanState;
	/** The number of entries of the overlay that belong to `state`; later ones are early revocations. */
	applied: number;
	tables: PlanTables;
	tableBytes: Uint8Array;
	/** Place of the delta that `state` came from; -1 where it is the slot's own. */
	last: number;
	/** Revocations that apply although deltas before them are missing, as `orderOf`. */
	readonly earlyRevocations: number[];
}

/** Reads the slot with the given sequence. */
export function load(
	options: PlanOptions,
	geometry: Geometry,
	slot: Slot,
	sequence: number,
): Loaded | Absence {
	const { flash, crypto, rollbackCounter } = options;
	const envelope = slot.readHeader();
	if (envelope === undefined) return "damaged";
	const payload = openInFlash(envelope, options);
	if (typeof payload === "string") return "untrusted";
	const signed = decodeSnapshot(payload) ?? decodeDelta(payload);
	if (signed === undefined) return "damaged";
	if (!isOurs(signed, options)) return "not-ours";
	if (!isOfItsEpoch(signed, options)) return "untrusted";
	if (bodyLength(signed) > geometry.bodyCapacity) return "damaged";
	const base = copyState(signed);
	slot.holdBody(base);
	const journal = new Journal(flash, slot.journalAt, crypto);
	const overlay = new Overlay();
	let state = base;
	let last = -1;
	let newTables: Uint8Array | undefined;
	const earlyRevocations: number[] = [];

	let waiting: readonly number[] = signedPlaces(journal, options);
	for (let progress = true; progress; ) {
		progress = false;
		const later: number[] = [];
		for (const place of waiting) {
			const read = readDelta(journal, place);
			if (read === undefined || orderOf(read.delta) <= orderOf(state)) continue;
			if (appliesTo(read.delta, state) && overlay.count + changes(read.delta) <= MAX_CHANGES) {
				overlay.addAll(read.delta, read.payload, read.payloadAt);
				if (read.delta.tables.length > 0) newTables = read.delta.tables.slice();
				state = copyState(read.delta);
				last = place;
				progress = true;
			} else later.push(place);
		}
		waiting = later;
	}
	const applied = overlay.count;
	const order = orderOf(state);
	for (const place of waiting) {
		const read = readDelta(journal, place);
		if (read === undefined || !read.delta.revokeOnly || orderOf(read.delta) <= order) continue;
		if (overlay.count + changes(read.delta) > MAX_CHANGES) continue;
		overlay.addAll(read.delta, read.payload, read.payloadAt);
		earlyRevocations.push(orderOf(read.delta));
	}
	if (order < rollbackCounter.plan) return "older-than-floor";
	for (const early of rollbackCounter.ahead)
		if (early > order && !earlyRevocations.includes(early)) return "older-than-floor";
	const tableBytes = newTables ?? readTables(slot, base);
	const tables = tableBytes && PlanTables.parse(tableBytes);
	if (tables === undefined || tableBytes === undefined) return "damaged";
	return {
		slot,
		sequence,
		base,
		journal,
		overlay,
		state,
		applied,
		tables,
		tableBytes,
		last,
		earlyRevocations,
	};
}

export interface ReadDelta {
	readonly delta: Delta & Addressed;
	readonly payload: Uint8Array;
	/** Place of the payload in the journal. */
	readonly payloadAt: number;
}

/**
 * Places of the deltas that the site signed for this door. What else is there was written by a stranger, or has rotted: one
 * verification each, so that a start takes at most a second and a half for a journal that is full of either.
 */
function signedPlaces(journal: Journal, options: PlanOptions): number[] {
	const signed: number[] = [];
	for (const place of journal.scan()) {
		const payload = openInFlash(journal.entry(place)!, options);
		const delta = typeof payload === "string" ? undefined : decodeDelta(payload);
		if (delta !== undefined && isOurs(delta, options) && isOfItsEpoch(delta, options)) signed.push(place);
	}
	return signed;
}

/** Reads a delta of the journal whose signature was verified, by `load` or before it was written. */
export function readDelta(journal: Journal, place: number): ReadDelta | undefined {
	const envelope = journal.entry(place);
	if (envelope === undefined) return undefined;
	const payload = decodeSign1(envelope).payload;
	const delta = decodeDelta(payload);
	if (delta === undefined) return undefined;
	return { delta, payload, payloadAt: place + FRAME_HEADER + payload.byteOffset - envelope.byteOffset };
}

/** Copies the deltas after `order` to the journal of a slot that is about to become current. False where they do not fit. */
export function copyDeltas(from: Journal, to: Journal, order: number): boolean {
	for (const place of from.scan()) {
		const read = readDelta(from, place);
		if (read === undefined || orderOf(read.delta) <= order) continue;
		const envelope = from.entry(place)!;
		if (!to.hasRoom(envelope.length, true) || to.append(envelope) === undefined) return false;
	}
	return true;
}

function isOurs(addressed: Addressed, options: PlanOptions): boolean {
	return addressed.site === options.trust.site && addressed.door === options.door;
}

/** Why a plan or delta that comes is not for this reader; `undefined` where it is. */
export function notForUs(
	coming: Addressed & PlanNumber,
	door: string,
	trust: TrustList,
): PlanRefusal | undefined {
	if (coming.site !== trust.site) return "wrong-site";
	if (coming.door !== door) return "wrong-door";
	return coming.epoch === trust.epoch ? undefined : "wrong-epoch";
}

/** The payload of what is in flash, where the list still believes it. */
function openInFlash(envelope: Uint8Array, options: PlanOptions): Uint8Array | PlanRefusal {
	const { crypto, door, knownTime, trust } = options;
	return openKept(envelope, trust, door, knownTime(), crypto, (payload) => {
		const signed = decodeSnapshot(payload) ?? decodeDelta(payload);
		return signed !== undefined && wasCounted(signed, options);
	});
}

/** Whether it was in force, by the count that a stranger cannot write. */
function wasCounted(signed: PlanNumber, { rollbackCounter }: PlanOptions): boolean {
	const order = orderOf(signed);
	return order <= rollbackCounter.plan || rollbackCounter.ahead.includes(order);
}

/**
 * Whether what is in flash may be in force. Of an epoch before the list's only what was counted while that was the list's: its
 * keys may have been stolen since, and sign any version.
 */
function isOfItsEpoch(signed: PlanNumber, options: PlanOptions): boolean {
	const { epoch } = options.trust;
	return signed.epoch >= epoch ? signed.epoch === epoch : wasCounted(signed, options);
}

export function appliesTo(delta: Delta, state: PlanState): boolean {
	if (delta.epoch !== state.epoch) return false;
	return delta.baseVersion === state.version && equal(delta.baseHash, state.bodyHash.subarray(0, 8));
}

/** Copies the numbers of `state`, so that the buffer that it was decoded from can go. */
export function copyState(state: PlanState): PlanState {
	const { epoch, version, issued, expires, count, tablesLength, notice } = state;
	return { epoch, version, issued, expires, count, tablesLength, notice, bodyHash: state.bodyHash.slice() };
}

/** The tables of a slot's body; `undefined` when a page does not pass its check. */
export function readTables(slot: Slot, state: PlanState): Uint8Array | undefined {
	const tables = new Uint8Array(state.tablesLength);
	const page = new Uint8Array(PAGE);
	for (let at = 0, number = 0; at < tables.length; at += PAGE_DATA, number++) {
		if (!slot.readPage(number, page)) return undefined;
		tables.set(page.subarray(0, Math.min(PAGE_DATA, tables.length - at)), at);
	}
	return tables;
}
