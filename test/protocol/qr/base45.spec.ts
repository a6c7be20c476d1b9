// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { utf8Encode } from "../../../protocol/bytes.js";
import { decodeBase45 } from "../../../protocol/qr/base45.js";
import { encodeBase45 } from "../../../protocol/qr/encode.js";
import { SeededRandom } from "../../../sim/random.js";

/** RFC 9285 4.3 and 4.4. */
const VECTORS = [
	["AB", "BB8"],
	["Hello!!", "%69 VD92EX0"],
	["base-45", "UJCLQE7W581"],
	["ietf!", "QED8WEX0"],
] as const;

function decoded(text: string): Uint8Array | undefined {
	const buffer = utf8Encode(text);
	const length = decodeBase45(buffer, buffer.length);
	return length < 0 ? undefined : buffer.slice(0, length);
}

describe("Base45", () => {
	it("has the vectors of RFC 9285", () => {
		for (const [plain, text] of VECTORS) {
			assert.equal(encodeBase45(utf8Encode(plain)), text);
			assert.deepEqual(decoded(text), utf8Encode(plain));
		}
		assert.deepEqual(decoded("FGW"), Uint8Array.of(255, 255));
	});

	it("gives back what it was given, of any length, and nothing of what lies behind", () => {
		const random = new SeededRandom(45);
		for (let length = 0; length < 80; length++) {
			const bytes = random.bytes(length);
			const text = utf8Encode(encodeBase45(bytes));
			const buffer = new Uint8Array(text.length + 3).fill(0x3a);
			buffer.set(text);
			assert.equal(decodeBase45(buffer, text.length), length);
			assert.deepEqual(buffer.slice(0, length), bytes);
			assert.deepEqual([...buffer.subarray(text.length)], [0x3a, 0x3a, 0x3a]);
		}
	});

	it("knows each of its 45 characters, and no other byte", () => {
		const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
		for (let c = 0; c < 256; c++) {
			const buffer = Uint8Array.of(c, 0x30);
			const value = alphabet.indexOf(String.fromCharCode(c));
			assert.equal(decodeBase45(buffer, 2), value < 0 ? -1 : 1, `byte ${c}`);
			if (value >= 0) assert.equal(buffer[0], value);
		}
	});

	it("refuses groups beyond two bytes or one, and a character left over", () => {
		for (const text of ["GGW", ":::", "V5", "::", "A", "BB8A", "bb8", "BB8\r"])
			assert.isUndefined(decoded(text), text);
		assert.deepEqual(decoded(""), new Uint8Array(0));
	});
});
