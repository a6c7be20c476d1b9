// SPDX-License-Identifier: Apache-2.0

import { compare, utf8Encode } from "../bytes.js";
import { CborError, type CborLimits, CborReader, MAJOR } from "./reader.js";
import { CborWriter } from "./writer.js";

/** A value in requests and replies: what JSON has, without fractions, and byte strings. */
export type CborValue = null | boolean | number | string | Uint8Array | readonly CborValue[] | CborMap;

export interface CborMap {
	readonly [name: string]: CborValue | undefined;
}

const LIMITS = Object.freeze({ maxLength: 4096, maxDepth: 6 });

/** Encodes deterministic CBOR (RFC 8949 4.2.1): keys in bytewise order of their encodings. Drops fields that are `undefined`. */
export function encodeValue(value: CborValue): Uint8Array {
	const writer = new CborWriter(128);
	writeValue(writer, value);
	return writer.take();
}

/** Decodes one value; throws `CborError`. Its maps have no prototype, so that no key can hit an inherited property. */
export function decodeValue(bytes: Uint8Array, limits: CborLimits = LIMITS): CborValue {
	const reader = new CborReader(bytes, limits);
	const value = read(reader);
	reader.end();
	return value;
}

export function isFields(value: CborValue | undefined): value is CborMap {
	return (
		typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
	);
}

/** The same into a writer. */
export function writeValue(writer: CborWriter, value: CborValue): void {
	if (value === null) writer.null();
	else if (typeof value === "boolean") writer.boolean(value);
	else if (typeof value === "number") writer.int(value);
	else if (typeof value === "string") writer.text(value);
	else if (value instanceof Uint8Array) writer.bytes(value);
	else if (Array.isArray(value)) {
		writer.array(value.length);
		for (const item of value) writeValue(writer, item as CborValue);
	} else {
		const fields = value as CborMap;
		const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
		const encoded = names.map((name) => ({ name, bytes: utf8Encode(name) }));
		// A shorter text has a smaller head, so it sorts first.
		encoded.sort((a, b) => a.bytes.length - b.bytes.length || compare(a.bytes, b.bytes));
		writer.map(encoded.length);
		for (const { name } of encoded) {
			writer.text(name);
			writeValue(writer, fields[name]!);
		}
	}
}

function read(reader: CborReader): CborValue {
	switch (reader.peek()) {
		case MAJOR.uint:
		case MAJOR.negative:
			return reader.int();
		case MAJOR.bytes:
			return reader.bytes().slice();
		case MAJOR.text:
			return reader.text();
		case MAJOR.array: {
			const items: CborValue[] = [];
			for (let left = reader.array(); left > 0; left--) items.push(read(reader));
			return items;
		}
		case MAJOR.map: {
			const fields = Object.create(null) as Record<string, CborValue>;
			reader.labels((label) => {
				if (typeof label !== "string") throw new CborError("unexpected-type");
				fields[label] = read(reader);
			});
			return fields;
		}
		case MAJOR.simple:
			return reader.null() ? null : reader.boolean();
		default:
			throw new CborError("unexpected-type");
	}
}
