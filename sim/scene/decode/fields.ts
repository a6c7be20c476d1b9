// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes cut into fields with names. Bytes come from outside, so nothing here throws and nothing reads past the end: what is cut
 * short or not understood is a field that says so, and the fields of a part are always all of it, in order.
 */

/** One field of a part. */
export interface Field {
	/** Offsets in the part's bytes, the end not included. */
	readonly from: number;
	readonly to: number;
	readonly name: string;
	/** What the bytes mean, where hexadecimal does not say it. */
	readonly value?: string | undefined;
	/** Where it is specified. */
	readonly clause?: string | undefined;
	/** What it is made of, in order. */
	readonly inside?: readonly Field[] | undefined;
	/** Of a ciphertext: what was in it. */
	readonly opened?: Decoded | undefined;
}

export interface Decoded {
	readonly bytes: Uint8Array;
	readonly fields: readonly Field[];
}

/** Reads a part, or what is left of it, into fields. */
export type Decoder = (fields: Fields) => void;

export const NOT_UNDERSTOOD = "not understood";
const CUT_SHORT = "cut short";

type Words = string | ((part: Uint8Array) => string | undefined);

/** A cursor over `bytes[at..end)` that names what it passes. */
export class Fields {
	readonly list: Field[] = [];
	readonly bytes: Uint8Array;
	readonly end: number;
	/** What the part's ciphertext carries, where that is known. */
	readonly plain: Uint8Array | undefined;
	at: number;

	constructor(bytes: Uint8Array, plain?: Uint8Array, at = 0, end = bytes.length) {
		this.bytes = bytes;
		this.plain = plain;
		this.at = at;
		this.end = end;
	}

	get left(): number {
		return this.end - this.at;
	}

	/** What is left, as a view. */
	get remaining(): Uint8Array {
		return this.bytes.subarray(this.at, this.end);
	}

	/** The byte `offset` ahead; `undefined` behind the end. */
	peek(offset = 0): number | undefined {
		return this.at + offset < this.end ? this.bytes[this.at + offset] : undefined;
	}

	/** The next `length` bytes as a field; as many as there are, if they are fewer. Its bytes as a view. */
	take(length: number, name: string, clause?: string, words?: Words, inside?: Decoder): Uint8Array {
		const from = this.at;
		const to = Math.min(from + length, this.end);
		const part = this.bytes.subarray(from, to);
		if (to === from) return part;
		const cut = to - from < length;
		const value = cut ? CUT_SHORT : typeof words === "function" ? words(part) : words;
		const fields = inside && this.within(inside, from, to);
		this.add({ from, to, name, value, clause, inside: fields });
		return part;
	}

	/** A big-endian number; `undefined` where it is cut short. */
	number(
		length: number,
		name: string,
		clause?: string,
		words?: (value: number) => string | undefined,
	): number | undefined {
		const read = (part: Uint8Array): number => part.reduce((sum, byte) => sum * 256 + byte, 0);
		const part = this.take(length, name, clause, (bytes) => words?.(read(bytes)) ?? String(read(bytes)));
		return part.length === length ? read(part) : undefined;
	}

	/** Everything that is left as one field, where anything is. */
	rest(name: string, clause?: string, words?: Words, inside?: Decoder): void {
		this.take(this.left, name, clause, words, inside);
	}

	add(field: Field): void {
		this.list.push(field);
		this.at = field.to;
	}

	/** The fields of `bytes[from..to)`, all of it. */
	within(decoder: Decoder, from: number, to: number): readonly Field[] {
		return run(decoder, new Fields(this.bytes, this.plain, from, to));
	}

	/** A ciphertext of `length` bytes, with what was in it read by `decoder` where that is known. */
	sealed(length: number, name: string, clause: string, decoder: Decoder): void {
		const { at: from, plain } = this;
		const to = Math.min(from + length, this.end);
		if (to === from) return;
		const opened = plain && { bytes: plain, fields: run(decoder, new Fields(plain)) };
		const tag = plain === undefined ? 0 : to - from - plain.length;
		const inside: Decoder = (fields) => {
			fields.take(plain!.length, "ciphertext");
			fields.rest("tag");
		};
		this.add({
			...{ from, to, name, clause, opened },
			value: opened ? undefined : "its key is not known here",
			inside: tag > 0 ? this.within(inside, from, to) : undefined,
		});
	}
}

/** All fields of what `fields` has before it. */
function run(decoder: Decoder, fields: Fields): readonly Field[] {
	decoder(fields);
	fields.rest(NOT_UNDERSTOOD);
	return fields.list;
}

/** The fields of `bytes`. `plain`: what its ciphertext carries. */
export function fieldsOf(decoder: Decoder, bytes: Uint8Array, plain?: Uint8Array): readonly Field[] {
	return run(decoder, new Fields(bytes, plain));
}
