// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../../protocol/bytes.js";
import { CborError, CborReader, MAJOR } from "../../../protocol/cbor/reader.js";
import { headLength } from "./ciphertext.js";
import type { Decoder, Field, Fields } from "./fields.js";

/** What an item of CBOR is called, and what is in it. */
export interface Shape {
	readonly name: string;
	readonly clause?: string;
	/** What a value means; `undefined`: its own notation (RFC 8949 8). */
	readonly words?: (value: CborScalar) => string | undefined;
	/** Of a map: by label. */
	readonly keys?: Readonly<Record<string, Shape>>;
	/** Of an array: in order. */
	readonly items?: readonly Shape[];
	/** Of a byte string: what its content is. */
	readonly content?: Decoder;
}

export type CborScalar = number | string | boolean | null | Uint8Array;

/** Longest input of one item, bytes. */
const LIMITS = Object.freeze({ maxLength: 4096, anyKeyOrder: true });
/** Arrays and maps inside each other that are taken apart; what is deeper stays one field. */
const MAX_DEPTH = 6;
/** Bytes of a byte string that are said again, and characters of a text. */
const MAX_HEX = 16;
const MAX_TEXT = 80;

/** The next item, if there is one. Where it is not the deterministic CBOR that the formats ask for, the rest is a field that says why. */
export function readItem(fields: Fields, shape: Shape): void {
	if (fields.left === 0) return;
	try {
		const reader = new CborReader(fields.remaining, LIMITS);
		fields.add(new Items(fields, reader).item(shape, fields.at, 0));
	} catch (error) {
		if (!(error instanceof CborError)) throw error;
		fields.rest(shape.name, shape.clause, `not readable: ${error.message}`);
	}
}

/** A decoder of one item. */
export function itemOf(shape: Shape): Decoder {
	return (fields) => readItem(fields, shape);
}

class Items {
	readonly #fields: Fields;
	readonly #reader: CborReader;
	/** Where the reader's bytes begin in the part. */
	readonly #base: number;

	constructor(fields: Fields, reader: CborReader) {
		this.#fields = fields;
		this.#reader = reader;
		this.#base = fields.at;
	}

	/** The field of the next item, which begins at `from` with its label where it has one. */
	item(shape: Shape, from: number, depth: number): Field {
		const { name, clause } = shape;
		const { value, inside } = this.#content(shape, depth);
		return { from, to: this.#at, name, clause, value, inside };
	}

	get #at(): number {
		return this.#base + this.#reader.position;
	}

	#content(shape: Shape, depth: number): Pick<Field, "value" | "inside"> {
		const reader = this.#reader;
		const major = reader.peek();
		if (depth === MAX_DEPTH) {
			reader.skip();
			return {};
		}
		switch (major) {
			case MAJOR.uint:
			case MAJOR.negative:
				return { value: say(shape, reader.int()) };
			case MAJOR.bytes:
				return this.#bytes(shape);
			case MAJOR.text:
				return { value: say(shape, reader.text()) };
			case MAJOR.array:
				return this.#array(shape, depth);
			case MAJOR.map:
				return this.#map(shape, depth);
			case MAJOR.tag: {
				const tag = reader.tag();
				return { value: `tag ${tag}`, inside: [this.item({ ...shape, name: "item" }, this.#at, depth + 1)] };
			}
			default:
				return { value: say(shape, reader.null() ? null : reader.boolean()) };
		}
	}

	#bytes(shape: Shape): Pick<Field, "value" | "inside"> {
		const content = this.#reader.bytes();
		const to = this.#at;
		const inside = shape.content && this.#fields.within(shape.content, to - content.length, to);
		return { value: inside ? undefined : say(shape, content), inside };
	}

	#array(shape: Shape, depth: number): Pick<Field, "value" | "inside"> {
		const count = this.#reader.array();
		const inside: Field[] = [];
		for (let i = 0; i < count; i++)
			inside.push(this.item(shape.items?.[i] ?? { name: String(i) }, this.#at, depth + 1));
		return { value: `${count} item${count === 1 ? "" : "s"}`, inside };
	}

	#map(shape: Shape, depth: number): Pick<Field, "value" | "inside"> {
		const inside: Field[] = [];
		// A pair begins with its label.
		let from = this.#at + headLength(this.#fields.bytes[this.#at]!);
		this.#reader.labels((label) => {
			inside.push(this.item(shape.keys?.[label] ?? { name: String(label) }, from, depth + 1));
			from = this.#at;
		});
		return { value: inside.length === 0 ? "empty" : undefined, inside };
	}
}

/** Diagnostic notation (RFC 8949 8), short. */
function say(shape: Shape, value: CborScalar): string | undefined {
	const words = shape.words?.(value);
	if (words !== undefined) return words;
	if (value instanceof Uint8Array) {
		if (value.length === 0) return "empty";
		return value.length > MAX_HEX ? `${value.length} bytes` : `h'${toHex(value)}'`;
	}
	if (typeof value === "string")
		return `"${value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value}"`;
	return String(value);
}
