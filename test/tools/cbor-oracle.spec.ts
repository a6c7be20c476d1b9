// SPDX-License-Identifier: Apache-2.0

import * as cborg from "cborg";
import { assert } from "chai";
import fc from "fast-check";
import { toHex } from "../../protocol/bytes.js";
import { CborError, CborReader } from "../../protocol/cbor/reader.js";
import { CborWriter } from "../../protocol/cbor/writer.js";

/** What this CBOR can say, as cborg's values. */
type Value = number | string | boolean | null | Uint8Array | Value[] | Map<number | string, Value>;

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 3, withCrossShrink: true },
		fc.maxSafeInteger(),
		fc.integer({ min: -30, max: 300 }),
		fc.string({ unit: "binary", maxLength: 30 }),
		fc.uint8Array({ maxLength: 300 }),
		fc.boolean(),
		fc.constant(null),
		fc.array(tie("value"), { maxLength: 30 }),
		fc
			.array(
				fc.tuple(fc.oneof(fc.integer({ min: -300, max: 70000 }), fc.string({ maxLength: 30 })), tie("value")),
				{
					maxLength: 30,
				},
			)
			.map((pairs) => new Map(pairs)),
	),
})).value;

/** cborg in the order of RFC 8949 4.2.1 (its own default is that of RFC 7049: by length first). */
function encode(v: Value): Uint8Array {
	return cborg.encode(v, cborg.rfc8949EncodeOptions);
}

function write(writer: CborWriter, v: Value): void {
	if (typeof v === "number") writer.int(v);
	else if (typeof v === "string") writer.text(v);
	else if (typeof v === "boolean") writer.boolean(v);
	else if (v === null) writer.null();
	else if (v instanceof Uint8Array) writer.bytes(v);
	else if (Array.isArray(v)) {
		writer.array(v.length);
		for (const item of v) write(writer, item);
	} else {
		const pairs = [...v].map(([key, item]) => ({ key: encode(key), item }));
		pairs.sort((a, b) => (toHex(a.key) < toHex(b.key) ? -1 : 1));
		writer.map(pairs.length);
		for (const { key, item } of pairs) write(writer.raw(key), item);
	}
}

function read(reader: CborReader): Value {
	switch (reader.peek()) {
		case 0:
		case 1:
			return reader.int();
		case 2:
			return reader.bytes();
		case 3:
			return reader.text();
		case 4: {
			const items: Value[] = [];
			for (let left = reader.array(); left > 0; left--) items.push(read(reader));
			return items;
		}
		case 5: {
			const map = new Map<number | string, Value>();
			reader.labels((label) => map.set(label, read(reader)));
			return map;
		}
		default:
			return reader.null() ? null : reader.boolean();
	}
}

/** Our CBOR against another implementation, which needs Node: so it is here and not among the specs of `src`. */
describe("CBOR against cborg", () => {
	it("writes what cborg writes", () => {
		fc.assert(
			fc.property(value, (v) => {
				const writer = new CborWriter(1);
				write(writer, v);
				assert.equal(toHex(writer.view()), toHex(encode(v)));
			}),
		);
	});

	it("reads what cborg writes, and steps over it as one item", () => {
		const limits = { maxLength: 1 << 20 };
		fc.assert(
			fc.property(value, (v) => {
				const bytes = encode(v);
				const reader = new CborReader(bytes, limits);
				assert.equal(toHex(encode(read(reader))), toHex(bytes));
				reader.end();
				const again = new CborReader(bytes, limits);
				assert.equal(again.item().length, bytes.length);
				again.end();
			}),
		);
	});

	it("takes nothing that strict cborg refuses, and reads the same from the rest", () => {
		const options = { strict: true, useMaps: true, rejectDuplicateMapKeys: true } as const;
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 1, maxLength: 24 }), (bytes) => {
				let mine: Value;
				try {
					const reader = new CborReader(bytes);
					mine = read(reader);
					reader.end();
				} catch (error) {
					assert.instanceOf(error, CborError);
					return;
				}
				assert.equal(toHex(encode(mine)), toHex(encode(cborg.decode(bytes, options) as Value)));
			}),
			{ numRuns: 3000 },
		);
	});

	it("never takes a second encoding of the same value (mutations of good ones)", () => {
		fc.assert(
			fc.property(value, fc.nat(), fc.nat(255), (v, at, byte) => {
				const bytes = encode(v).slice();
				bytes[at % bytes.length] = byte;
				let mine: Value;
				try {
					const reader = new CborReader(bytes, { maxLength: 1 << 20 });
					mine = read(reader);
					reader.end();
				} catch (error) {
					assert.instanceOf(error, CborError);
					return;
				}
				assert.equal(toHex(encode(mine)), toHex(bytes));
			}),
			{ numRuns: 300 },
		);
	});
});
