// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { compare, concat, crc32, fromHex, toHex, utf8Decode, utf8Encode } from "../../protocol/bytes.js";

describe("bytes", () => {
	it("crc32 gives the check value of the CRC catalogue (CRC-32/ISO-HDLC)", () => {
		assert.equal(crc32(utf8Encode("123456789")), 0xcbf43926);
		const data = utf8Encode("123456789");
		assert.equal(crc32(data, 4, 9, crc32(data, 0, 4)), 0xcbf43926);
	});

	it("crc32 is the same by words as bit by bit, wherever in memory the bytes begin", () => {
		const bitwise = (bytes: Uint8Array): number => {
			let c = ~0;
			for (const byte of bytes) {
				c ^= byte;
				for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
			}
			return ~c >>> 0;
		};
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(7), fc.nat(9), (all, offset, from) => {
				const bytes = new Uint8Array(concat(new Uint8Array(offset), all).buffer, offset);
				const to = Math.max(from, all.length - 3);
				assert.equal(crc32(bytes, from, to), bitwise(bytes.subarray(from, to)));
			}),
		);
	});

	it("hexadecimal is its own inverse and refuses anything else", () => {
		fc.assert(fc.property(fc.uint8Array(), (bytes) => compare(fromHex(toHex(bytes)), bytes) === 0));
		for (const bad of ["0", "0g", "zz", "1 "]) assert.throws(() => fromHex(bad), SyntaxError);
	});

	it("UTF-8 follows the examples of RFC 3629 section 7", () => {
		assert.equal(toHex(utf8Encode("A\u2262\u0391.")), "41e289a2ce912e");
		assert.equal(toHex(utf8Encode("\u{233b4}")), "f0a38eb4");
		assert.equal(utf8Decode(fromHex("e697a5e69cace8aa9e")), "\u65e5\u672c\u8a9e");
	});

	it("UTF-8 refuses what is not well-formed (Unicode 15, table 3-7)", () => {
		for (const bad of [
			"c080",
			"e0809f",
			"eda080",
			"f4908080",
			"f5",
			"80",
			"e28",
			"e289",
			"f0808080",
			"c1bf",
			"ff",
		])
			if (bad.length % 2 === 0) assert.isUndefined(utf8Decode(fromHex(bad)), bad);
	});

	it("order is that of the concatenation's prefix", () => {
		fc.assert(
			fc.property(fc.uint8Array(), fc.uint8Array({ minLength: 1 }), (a, b) => compare(a, concat(a, b)) < 0),
		);
	});
});
