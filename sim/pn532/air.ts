// SPDX-License-Identifier: Apache-2.0

import { withCrcA, withoutCrcA } from "../nfc/crc.js";
import { type AirFrame, type AirResult, bit, type Field, wholeBytes } from "../nfc/field.js";
import { FRAME_SIZES, FWT_UNIT } from "../nfc/isodep.js";

/** A step of the chip's firmware that takes time: something on the air, or a wait in µs. */
export type Step = { readonly frame: AirFrame; readonly timeout: number } | { readonly wait: number };
/** The chip's firmware as a coroutine: dropped where it stands when the host aborts. */
export type Task<T> = Generator<Step, T, AirResult | undefined>;

/** A card the chip has activated. */
export interface AirTarget {
	readonly number: number;
	/** SENS_RES as InListPassiveTarget gives it: the byte that came last first. */
	readonly sensRes: Uint8Array;
	readonly selRes: number;
	readonly uid: Uint8Array;
	/** With its length byte; `undefined` without ISO-DEP. */
	ats: Uint8Array | undefined;
	fwt: number;
	frameSize: number;
	block: number;
	selected: boolean;
}

/** The chip's own status codes (UM0701-02, 7.1). */
export const STATUS = Object.freeze({
	ok: 0x00,
	timeout: 0x01,
	crc: 0x02,
	collision: 0x06,
	rfProtocol: 0x0b,
	context: 0x27,
	released: 0x29,
} as const);

const SEL: readonly number[] = Object.freeze([0x93, 0x95, 0x97]);
/** How long the chip listens for an answer to REQA, SELECT and the like, µs. */
const SHORT_TIMEOUT = 1000;
/** Activation frame waiting time: 65536 / fc (ISO/IEC 14443-4, 5.5). */
const ACTIVATION_TIMEOUT = 65536 / 13.56;
/** FWT is stretched by 49152 / fc for tolerance. */
const FWT_MARGIN = 49152 / 13.56;
/** Repetitions inside an ISO-DEP block exchange before the chip gives up. */
const BLOCK_RETRIES = 2;
/** The chip takes frames of 64 bytes from a card: FSDI 5. */
const FSDI = 5;

function* send(bytes: Uint8Array, timeout: number): Task<Uint8Array | number> {
	const result = (yield { frame: wholeBytes(withCrcA(bytes)), timeout })!;
	if (result.kind === "silence") return STATUS.timeout;
	if (result.kind === "collision") return STATUS.collision;
	return (result.bits % 8 === 0 ? withoutCrcA(result.bytes)?.slice() : undefined) ?? STATUS.crc;
}

/** REQA or WUPA; SENS_RES as it came, or `undefined`. Cards that differ collide here already: that is presence too. */
export function* request(command: 0x26 | 0x52): Task<Uint8Array | undefined> {
	const result = (yield { frame: { bytes: Uint8Array.of(command), bits: 7 }, timeout: SHORT_TIMEOUT })!;
	return result.kind === "silence" || result.bits !== 16 ? undefined : result.bytes.slice();
}

/** Anticollision and selection through all cascade levels; where bits collide the 1 is taken. */
export function* select(wanted?: Uint8Array): Task<{ uid: Uint8Array; sak: number } | undefined> {
	const uid: number[] = [];
	for (let level = 0; level < 3; level++) {
		const known = wanted ? cascade(wanted, level) : yield* anticollide(level);
		if (known === undefined) return undefined;
		const sak = yield* send(Uint8Array.of(SEL[level]!, 0x70, ...known), SHORT_TIMEOUT);
		if (typeof sak === "number" || sak.length !== 1) return undefined;
		if (known[0] === 0x88) uid.push(...known.subarray(1, 4));
		else uid.push(...known.subarray(0, 4));
		if ((sak[0]! & 0x04) === 0) return { uid: Uint8Array.from(uid), sak: sak[0]! };
	}
	return undefined;
}

/** UID CLn and BCC of a level, from a known UID. */
function cascade(uid: Uint8Array, level: number): Uint8Array | undefined {
	const last = uid.length === 4 + 3 * level;
	const part = last
		? uid.subarray(3 * level)
		: Uint8Array.of(0x88, ...uid.subarray(3 * level, 3 * level + 3));
	if (part.length !== 4) return undefined;
	return Uint8Array.of(...part, part[0]! ^ part[1]! ^ part[2]! ^ part[3]!);
}

function* anticollide(level: number): Task<Uint8Array | undefined> {
	const known = new Uint8Array(5);
	let count = 0;
	while (count < 40) {
		const nvb = ((2 + (count >> 3)) << 4) | (count & 7);
		const bytes = Uint8Array.of(SEL[level]!, nvb, ...known.subarray(0, Math.ceil(count / 8)));
		const result = (yield { frame: { bytes, bits: 16 + count }, timeout: SHORT_TIMEOUT })!;
		if (result.kind === "silence" || result.bits !== 40 - count) return undefined;
		const good = result.kind === "collision" ? result.collision : result.bits;
		for (let i = 0; i < good; i++) known[(count + i) >> 3]! |= bit(result.bytes, i) << ((count + i) & 7);
		count += good;
		if (result.kind === "collision") {
			known[count >> 3]! |= 1 << (count & 7);
			count++;
		}
	}
	return known[4] === (known[0]! ^ known[1]! ^ known[2]! ^ known[3]!) ? known : undefined;
}

/** RATS: fills in what the ATS says. False when the card did not answer. */
export function* activate(target: AirTarget): Task<boolean> {
	const ats = yield* send(Uint8Array.of(0xe0, FSDI << 4), ACTIVATION_TIMEOUT);
	if (typeof ats === "number" || ats.length < 1 || ats[0] !== ats.length) return false;
	target.ats = ats;
	target.block = 0;
	const t0 = ats.length > 1 ? ats[1]! : 0x02;
	target.frameSize = FRAME_SIZES[Math.min(t0 & 15, 8)]!;
	const tb = t0 & 0x20 ? ats[2 + (t0 & 0x10 ? 1 : 0)] : undefined;
	const fwi = tb === undefined ? 4 : Math.min(tb >> 4, 14);
	const sfgi = tb === undefined ? 0 : tb & 15;
	target.fwt = FWT_UNIT * 2 ** fwi;
	if (sfgi > 0 && sfgi < 15) yield { wait: FWT_UNIT * 2 ** sfgi };
	return true;
}

/** One block and the card's block in return, with repetition and WTX (ISO/IEC 14443-4, 7.5). */
function* block(target: AirTarget, first: Uint8Array): Task<Uint8Array | number> {
	let bytes = first;
	let timeout = target.fwt;
	let failures = 0;
	for (;;) {
		const result = yield* send(bytes, timeout + FWT_MARGIN);
		timeout = target.fwt;
		if (typeof result === "number") {
			if (++failures > BLOCK_RETRIES) return result;
			// Rules 4 and 5: not acknowledged, or, while the card chains, the same acknowledgement again.
			const chaining = (first[0]! & 0xf6) === 0xa2;
			bytes = chaining ? first : Uint8Array.of(0xb2 | target.block);
		} else if (result[0] === 0xf2 && result.length === 2) {
			const multiplier = result[1]! & 0x3f;
			bytes = Uint8Array.of(0xf2, multiplier);
			timeout = target.fwt * Math.max(1, multiplier);
		} else if (
			(result[0]! & 0xf6) === 0xa2 &&
			(result[0]! & 1) !== target.block &&
			(first[0]! & 0xe2) === 0x02
		) {
			// Rule 6: the card is still at the block before this one.
			if (++failures > BLOCK_RETRIES) return STATUS.rfProtocol;
			bytes = first;
		} else return result;
	}
}

/** What one InDataExchange gave. */
export interface AirExchange {
	readonly status: number;
	readonly data: Uint8Array;
	/** Set when there is more than fitted; give it back to `fetch`. */
	readonly rest: Rest | undefined;
}

/** A response that the host has not fetched wholly: bytes in the chip's buffer, and whether the card has more. */
export interface Rest {
	readonly target: AirTarget;
	readonly bytes: Uint8Array;
	readonly chained: boolean;
}

const NOTHING = new Uint8Array(0);

function failed(status: number): AirExchange {
	return { status, data: NOTHING, rest: undefined };
}

/**
 * ISO-DEP between chip and card. `more`: the host has more of this command (its MI), so every block is chained and
 * there is no response yet. A response longer than `room` bytes leaves a rest.
 */
export function* exchange(
	target: AirTarget,
	data: Uint8Array,
	more: boolean,
	room: number,
): Task<AirExchange> {
	let reply: Uint8Array | number = 0;
	const size = target.frameSize - 3;
	let at = 0;
	do {
		const part = data.subarray(at, at + size);
		at += part.length;
		const chained = more || at < data.length;
		reply = yield* block(target, Uint8Array.of(0x02 | target.block | (chained ? 0x10 : 0), ...part));
		if (typeof reply === "number") return failed(reply);
		if (chained) {
			if ((reply[0]! & 0xf6) !== 0xa2) return failed(STATUS.rfProtocol);
			target.block ^= 1;
		}
	} while (at < data.length);
	if (more) return failed(STATUS.ok);
	return yield* gather(target, [], reply, room);
}

/** Goes on with a response that was too long. */
export function* fetchRest({ target, bytes, chained }: Rest, room: number): Task<AirExchange> {
	return yield* gather(target, [...bytes], chained ? undefined : NOTHING, room);
}

/** Takes the card's blocks until the chain ends or the buffer is full; `undefined`: asks for one first. */
function* gather(
	target: AirTarget,
	received: number[],
	first: Uint8Array | number | undefined,
	room: number,
): Task<AirExchange> {
	let reply = first ?? (yield* block(target, Uint8Array.of(0xa2 | target.block)));
	let chained = false;
	while (reply !== NOTHING) {
		if (typeof reply === "number") return failed(reply);
		if ((reply[0]! & 0xe6) !== 0x02 || (reply[0]! & 1) !== target.block) return failed(STATUS.rfProtocol);
		received.push(...reply.subarray(1));
		target.block ^= 1;
		chained = (reply[0]! & 0x10) !== 0;
		if (!chained || received.length > room) break;
		reply = yield* block(target, Uint8Array.of(0xa2 | target.block));
	}
	const left = received.length > room || chained;
	return {
		status: STATUS.ok,
		data: Uint8Array.from(received.slice(0, room)),
		rest: left ? { target, bytes: Uint8Array.from(received.slice(room)), chained } : undefined,
	};
}

/** S(DESELECT), or HLTA for a card without ISO-DEP. */
export function* deselect(target: AirTarget): Task<number> {
	if (target.ats === undefined) {
		yield { frame: wholeBytes(withCrcA(Uint8Array.of(0x50, 0x00))), timeout: SHORT_TIMEOUT };
		return STATUS.ok;
	}
	const result = yield* send(Uint8Array.of(0xc2), ACTIVATION_TIMEOUT);
	return typeof result === "number" ? result : STATUS.ok;
}

/** Is an ISO-DEP card still there: R(NAK), which it answers by R(ACK) (7.5.6, method 2). */
export function* attend(target: AirTarget): Task<boolean> {
	const result = yield* send(Uint8Array.of(0xb2 | target.block), target.fwt + FWT_MARGIN);
	return typeof result !== "number" && (result[0]! & 0xe6) === 0xa2;
}

/** Runs a task in `field`'s time; the function that is given back drops it. */
export function run<T>(
	task: Task<T>,
	field: Field,
	after: (micros: number, action: () => void) => () => void,
	done: (value: T) => void,
): () => void {
	let cancel: () => void = () => {};
	let dropped = false;
	const resume = (input: AirResult | undefined): void => {
		if (dropped) return;
		const step = task.next(input);
		if (step.done) done(step.value);
		else if ("wait" in step.value) cancel = after(step.value.wait, () => resume(undefined));
		else cancel = field.transceive(step.value.frame, step.value.timeout, resume);
	};
	// Never inside the call: a task that needs no time would otherwise finish before its caller has the handle.
	cancel = after(0, () => resume(undefined));
	return () => {
		dropped = true;
		cancel();
	};
}
