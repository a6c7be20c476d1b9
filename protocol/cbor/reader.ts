// SPDX-License-Identifier: Apache-2.0

import { utf8Decode } from "../bytes.js";

/**
 * A strict reader for the deterministic subset of CBOR that COSE, CWT and EDHOC need (RFC 8949 4.2.1): definite
 * lengths, shortest arguments, sorted keys that differ. A cursor over the caller's bytes: strings come back as views,
 * nothing is copied, and no input makes it allocate more than its own length.
 */

/** Why bytes were refused; stable. */
export type CborReason =
	/** The input ends inside an item, or promises more than it has. */
	| "truncated"
	/** Something follows the last item. */
	| "trailing-bytes"
	| "indefinite-length"
	/** An integer, length or tag in more bytes than it needs. */
	| "not-shortest"
	| "duplicate-key"
	/** Keys not in bytewise order of their encodings. */
	| "unsorted-keys"
	| "too-deep"
	/** The input is longer than the reader's bound. */
	| "too-long"
	| "bad-utf8"
	/** Reserved or unassigned: not CBOR at all. */
	| "not-well-formed"
	/** Valid CBOR that no format here uses: floats, simple values beyond null, integers beyond 2^53-1. */
	| "unsupported"
	/** Another type than the structure calls for. */
	| "unexpected-type"
	/** The right type, but a value that the structure does not allow. */
	| "out-of-range";

export class CborError extends Error {
	override readonly name = "CborError";
	readonly reason: CborReason;

	constructor(reason: CborReason) {
		super(`CBOR: ${reason}`);
		this.reason = reason;
	}
}

/** Major types, RFC 8949 3.1. */
export const MAJOR = Object.freeze({
	uint: 0,
	negative: 1,
	bytes: 2,
	text: 3,
	array: 4,
	map: 5,
	tag: 6,
	simple: 7,
} as const);

export interface CborLimits {
	/** Bytes of input; 4096 by default. */
	readonly maxLength?: number;
	/** Containers and tags inside each other; 8 by default. */
	readonly maxDepth?: number;
	/** Takes maps in any key order (RFC 9052 asks no order of headers); duplicates are refused all the same. */
	readonly anyKeyOrder?: boolean;
}

const MAX_LENGTH = 4096;
const MAX_DEPTH = 8;
/** Pairs of a map whose keys may come in any order: each one is compared with all before it. */
const MAX_UNSORTED = 16;

/*
 * Helpers are TypeScript's `private`, not `#private`: XS puts private methods on each instance, which made a reader of
 * eleven cost 12,000 instructions before it read a byte.
 */
export class CborReader {
	private readonly data: Uint8Array;
	/** Of the bytes: on XS a typed array's own costs as much as reading an element. */
	private readonly length: number;
	private readonly maxDepth: number;
	private readonly anyKeyOrder: boolean;
	private at = 0;
	/** What the last head carried: a value, a length, a count or a tag. */
	private argument = 0;

	/** Throws `CborError` "too-long". */
	constructor(bytes: Uint8Array, limits?: CborLimits) {
		const length = bytes.length;
		if (length > (limits?.maxLength ?? MAX_LENGTH)) throw new CborError("too-long");
		this.data = bytes;
		this.length = length;
		this.maxDepth = limits?.maxDepth ?? MAX_DEPTH;
		this.anyKeyOrder = limits?.anyKeyOrder ?? false;
	}

	/** Number of bytes read so far. */
	get position(): number {
		return this.at;
	}

	/** Bytes not read yet. */
	get left(): number {
		return this.length - this.at;
	}

	/** The major type of the next item, -1 at the end. */
	peek(): number {
		const at = this.at;
		return at < this.length ? this.data[at]! >> 5 : -1;
	}

	/** Throws "trailing-bytes" unless all was read. */
	end(): void {
		if (this.at !== this.length) throw new CborError("trailing-bytes");
	}

	/** What was read since `from` (an earlier `position`), as a view. */
	since(from: number): Uint8Array {
		return this.data.subarray(from, this.at);
	}

	/** An integer, -2^53+1 to 2^53-1. */
	int(): number {
		const at = this.at;
		const initial = this.data[at]!;
		// A small one is its own head; at the end there is none.
		if (initial < 24) {
			this.at = at + 1;
			return initial;
		}
		const major = this.head();
		if (major === 0) return this.argument;
		if (major === 1) return this.negative();
		throw new CborError("unexpected-type");
	}

	/** 0 to 2^53-1. */
	uint(): number {
		if (this.head() !== 0) throw new CborError("unexpected-type");
		return this.argument;
	}

	/** A byte string, as a view. */
	bytes(): Uint8Array {
		if (this.head() !== 2) throw new CborError("unexpected-type");
		const from = this.at;
		const to = from + this.argument;
		if (to > this.length) throw new CborError("truncated");
		this.at = to;
		return this.data.subarray(from, to);
	}

	/** A byte string of `length` bytes exactly, else "out-of-range". */
	bytesOf(length: number): Uint8Array {
		const bytes = this.bytes();
		if (this.argument !== length) throw new CborError("out-of-range");
		return bytes;
	}

	text(): string {
		if (this.head() !== 3) throw new CborError("unexpected-type");
		return this.utf8();
	}

	private utf8(): string {
		const text = utf8Decode(this.string());
		if (text === undefined) throw new CborError("bad-utf8");
		return text;
	}

	/** The head of an array: how many items follow. */
	array(): number {
		if (this.head() !== 4) throw new CborError("unexpected-type");
		return this.count(1);
	}

	/** The head of an array of `count` items exactly, else "out-of-range". */
	arrayOf(count: number): void {
		if (this.array() !== count) throw new CborError("out-of-range");
	}

	tag(): number {
		if (this.head() !== 6) throw new CborError("unexpected-type");
		return this.argument;
	}

	boolean(): boolean {
		if (this.head() !== 7 || this.argument < 20 || this.argument > 21) throw new CborError("unexpected-type");
		return this.argument === 21;
	}

	/** Reads a null when one is next; whether it did. */
	null(): boolean {
		if (this.data[this.at] !== 0xf6) return false;
		this.at++;
		return true;
	}

	/**
	 * Visits a map whose keys are integers or text (COSE labels, CWT claims). `visit` must read or `skip` exactly the value. `into` is
	 * passed on to it, so that it can be a function of the module, in flash, and not a closure.
	 */
	labels(visit: (label: number | string) => void): void;
	labels<T>(visit: (label: number | string, into: T, reader: CborReader) => void, into: T): void;
	labels<T>(visit: (label: number | string, into: T, reader: CborReader) => void, into?: T): void {
		if (this.head() !== 5) throw new CborError("unexpected-type");
		const count = this.count(2);
		const first = this.at;
		let previous = -1;
		let before = -1;
		let sorted = true;
		for (let i = 0; i < count; i++) {
			const key = this.at;
			const label = this.readLabel();
			const initial = initialOf(label);
			if (i > 0 && !(sorted && initial > before)) sorted = this.checkKey(first, previous, key, sorted, count);
			// What is not one byte is compared by its bytes, and so is what comes behind it.
			before = initial < 0 ? MAX_INITIAL : initial;
			previous = key;
			visit(label, into!, this);
		}
	}

	private readLabel(): number | string {
		const at = this.at;
		const initial = this.data[at]!;
		if (initial < 24) {
			this.at = at + 1;
			return initial;
		}
		const major = this.head();
		if (major === 0) return this.argument;
		if (major === 1) return this.negative();
		if (major === 3) return this.utf8();
		throw new CborError("unexpected-type");
	}

	/** Checks one item of any supported type and steps over it. */
	skip(): void {
		this.skipItem(this.maxDepth);
	}

	/** `skip`, then the item's encoding as a view. */
	item(): Uint8Array {
		const from = this.at;
		this.skipItem(this.maxDepth);
		return this.data.subarray(from, this.at);
	}

	private skipItem(depth: number): void {
		const major = this.head();
		if (major === 1) this.negative();
		else if (major === 2) this.stepOver();
		else if (major === 3) {
			if (utf8Decode(this.string()) === undefined) throw new CborError("bad-utf8");
		} else if (major >= 4 && major <= 6) {
			if (depth === 0) throw new CborError("too-deep");
			if (major === 6) this.skipItem(depth - 1);
			else if (major === 4) {
				for (let left = this.count(1); left > 0; left--) this.skipItem(depth - 1);
			} else this.skipMap(depth - 1);
		}
	}

	private skipMap(depth: number): void {
		const count = this.count(2);
		const first = this.at;
		let previous = -1;
		let sorted = true;
		for (let i = 0; i < count; i++) {
			const key = this.at;
			this.skipItem(depth);
			if (i > 0) sorted = this.checkKey(first, previous, key, sorted, count);
			previous = key;
			this.skipItem(depth);
		}
	}

	/**
	 * The key at `key` was just read; `previous` is the one before, `first` the first of `count`; `sorted` whether they
	 * were in order up to here. Returns whether they still are. No encoding is the beginning of another, so bytes are
	 * compared up to the end of this one.
	 */
	private checkKey(first: number, previous: number, key: number, sorted: boolean, count: number): boolean {
		const order = this.compareKeys(previous, key, this.at);
		if (order < 0 && sorted) return true;
		if (order === 0) throw new CborError("duplicate-key");
		if (!this.anyKeyOrder || count > MAX_UNSORTED) throw new CborError("unsorted-keys");
		const end = this.at;
		this.at = first;
		while (this.at < key) {
			if (this.compareKeys(this.at, key, end) === 0) throw new CborError("duplicate-key");
			this.skip();
			this.skip();
		}
		this.at = end;
		return false;
	}

	private compareKeys(a: number, b: number, end: number): number {
		const bytes = this.data;
		for (let i = b; i < end; i++) {
			const difference = bytes[a + i - b]! - bytes[i]!;
			if (difference !== 0) return difference;
		}
		return 0;
	}

	private negative(): number {
		if (this.argument === Number.MAX_SAFE_INTEGER) throw new CborError("unsupported");
		return -1 - this.argument;
	}

	private string(): Uint8Array {
		this.stepOver();
		return this.data.subarray(this.at - this.argument, this.at);
	}

	/** Past the bytes of a string, without a view of them. */
	private stepOver(): void {
		const to = this.at + this.argument;
		if (to > this.length) throw new CborError("truncated");
		this.at = to;
	}

	/** A count of items of at least `least` bytes each. A count that cannot fit the rest of the input is refused. */
	private count(least: number): number {
		if (this.argument * least > this.length - this.at) throw new CborError("truncated");
		return this.argument;
	}

	/** Reads a head (RFC 8949 3): returns the major type, leaves the argument. */
	private head(): number {
		const at = this.at;
		if (at >= this.length) throw new CborError("truncated");
		const initial = this.data[at]!;
		const info = initial & 31;
		if (info >= 24) return this.longHead(at, initial >> 5, info);
		this.at = at + 1;
		this.argument = info;
		if (initial >= 0xe0 && (info < 20 || info === 23)) throw new CborError("unsupported");
		return initial >> 5;
	}

	private longHead(at: number, major: number, info: number): number {
		const bytes = this.data;
		if (info === 24 && major !== 7) {
			// The usual case without a loop: strings of 24 bytes and more.
			const short = bytes[at + 1];
			if (short === undefined) throw new CborError("truncated");
			if (short < 24) throw new CborError("not-shortest");
			this.at = at + 2;
			this.argument = short;
			return major;
		}
		if (info > 27) throw new CborError(indefinite(major, info));
		const size = 1 << (info - 24);
		if (at + size >= this.length) throw new CborError("truncated");
		let value = bytes[at + 1]!;
		if (major === 7) throw new CborError(info === 24 && value < 32 ? "not-well-formed" : "unsupported");
		for (let i = 2; i <= size; i++) value = value * 256 + bytes[at + i]!;
		if (value < least(size)) throw new CborError("not-shortest");
		if (value > Number.MAX_SAFE_INTEGER) throw new CborError("unsupported");
		this.at = at + 1 + size;
		this.argument = value;
		return major;
	}
}

/** Above every `initialOf`. */
const MAX_INITIAL = 0x38;

/** The encoding of a label of one byte, by which such labels are in order; -1 for others. */
function initialOf(label: number | string): number {
	if (typeof label !== "number" || label > 23 || label < -24) return -1;
	return label < 0 ? 31 - label : label;
}

/** The smallest value that needs an argument of `size` bytes. */
function least(size: number): number {
	if (size === 1) return 24;
	return size === 2 ? 0x100 : size === 4 ? 0x10000 : 0x1_0000_0000;
}

function indefinite(major: number, info: number): CborReason {
	return info === 31 && major >= 2 && major <= 5 ? "indefinite-length" : "not-well-formed";
}
