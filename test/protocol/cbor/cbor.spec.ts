// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { CborError, type CborLimits, CborReader, type CborReason } from "../../../protocol/cbor/reader.js";
import { validate } from "../../../protocol/cbor/validate.js";
import { CborWriter } from "../../../protocol/cbor/writer.js";

function refusal(hex: string, limits?: CborLimits): CborReason | undefined {
	try {
		validate(fromHex(hex), limits);
		return undefined;
	} catch (error) {
		assert.instanceOf(error, CborError);
		return (error as CborError).reason;
	}
}

describe("CBOR", () => {
	// RFC 8949 appendix F and 4.2.1, and the bounds that are our own.
	const refused: readonly (readonly [CborReason, readonly string[]])[] = [
		[
			"truncated",
			["", "18", "19ff", "41", "6261", "82", "8201", "a1", "a101", "c0", "5b0000000100000000", "9a7fffffff"],
		],
		["trailing-bytes", ["0000", "4000", "8000", "a0ff"]],
		["indefinite-length", ["5f4100ff", "7f6161ff", "9fff", "bfff", "9f0602ff"]],
		[
			"not-shortest",
			["1800", "1817", "190001", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "5800", "780161"],
		],
		["not-shortest", ["9800", "b800", "d80018", "a1180101"]],
		["duplicate-key", ["a201000100", "a2616100616100", "a3010020002000"]],
		["unsorted-keys", ["a220000100", "a202000100", "a2616100186400", "a262616100616200"]],
		["too-deep", ["818181818181818181", "a100a100a100a100a100a100a100a100a10000", "c1c1c1c1c1c1c1c1c100"]],
		["bad-utf8", ["61ff", "62c080", "63eda080", "81617f".replace("617f", "61ff")]],
		["not-well-formed", ["1c", "1d", "1e", "1f", "3c", "3f", "5c", "dc", "df", "ff", "f800", "f81f", "fc"]],
		["unsupported", ["f7", "e0", "f0", "f820", "f8ff", "f90000", "fa00000000", "fb0000000000000000"]],
		["unsupported", ["1b0020000000000000", "1bffffffffffffffff", "3b001fffffffffffff", "3bffffffffffffffff"]],
	];
	for (const [reason, examples] of refused)
		it(`refuses "${reason}": ${examples[0] || "nothing at all"} and ${examples.length - 1} more`, () => {
			for (const hex of examples) assert.equal(refusal(hex), reason, hex);
		});

	it("keeps within its bound of length and of depth, and no closer", () => {
		const bytes = new CborWriter().bytes(new Uint8Array(4093)).take();
		assert.equal(bytes.length, 4096);
		validate(bytes);
		assert.throws(() => validate(new Uint8Array(4097)), CborError, "too-long");
		assert.isUndefined(refusal("8181818181818180"));
		assert.equal(refusal("818180", { maxDepth: 2 }), "too-deep");
	});

	it("takes any order of keys where that is asked for, and never a duplicate", () => {
		const lenient = { anyKeyOrder: true };
		assert.isUndefined(refusal("a3200001001818f6", lenient));
		assert.equal(refusal("a320000100200f", lenient), "duplicate-key");
		assert.equal(refusal("a42000010018180001f5", lenient), "duplicate-key");
	});

	it("visits a map of labels where it is valid, and nowhere else", () => {
		const label = fc.oneof(
			fc.integer({ min: -3, max: 3 }),
			fc.integer({ min: -27, max: 27 }),
			fc.integer({ min: -70_000, max: 70_000 }),
			fc.constantFrom("", "a", "aa", "b"),
		);
		fc.assert(
			fc.property(
				fc.array(label, { maxLength: 6 }),
				fc.boolean(),
				fc.boolean(),
				(labels, sorts, anyKeyOrder) => {
					const encoded = labels.map((one) => {
						const writer = new CborWriter(8);
						return { one, hex: toHex((typeof one === "string" ? writer.text(one) : writer.int(one)).take()) };
					});
					if (sorts) encoded.sort((a, b) => (a.hex < b.hex ? -1 : 1));
					const hex = `a${labels.length}${encoded.map((key) => `${key.hex}00`).join("")}`;
					const visited: (number | string)[] = [];
					let reason: CborReason | undefined;
					try {
						const reader = new CborReader(fromHex(hex), { anyKeyOrder });
						reader.labels((one) => {
							visited.push(one);
							reader.skip();
						});
					} catch (error) {
						reason = (error as CborError).reason;
					}
					assert.equal(reason, refusal(hex, { anyKeyOrder }), hex);
					if (reason === undefined)
						assert.deepEqual(
							visited,
							encoded.map(({ one }) => one),
						);
				},
			),
			{ numRuns: 2000 },
		);
	});

	it("compares unordered keys in bounded time", () => {
		const writer = new CborWriter().map(1000);
		for (let key = 1023; key > 23; key--) writer.int(key).int(0);
		assert.equal(refusal(toHex(writer.view()), { anyKeyOrder: true }), "unsorted-keys");
	});

	it("says of a value of another type that it is that", () => {
		const wrong: readonly [string, (reader: CborReader) => unknown][] = [
			["6161", (reader) => reader.int()],
			["20", (reader) => reader.uint()],
			["00", (reader) => reader.bytes()],
			["41ff", (reader) => reader.text()],
			["a0", (reader) => reader.array()],
			["80", (reader) => reader.labels(() => reader.skip())],
			["00", (reader) => reader.tag()],
			["f6", (reader) => reader.boolean()],
			["a1400000", (reader) => reader.labels(() => reader.skip())],
		];
		for (const [hex, call] of wrong)
			assert.throws(() => call(new CborReader(fromHex(hex))), CborError, "unexpected-type");
	});

	it("writes heads in the fewest bytes at every boundary (RFC 8949 appendix A)", () => {
		const known: readonly [number, string][] = [
			[0, "00"],
			[23, "17"],
			[24, "1818"],
			[255, "18ff"],
			[256, "190100"],
			[65535, "19ffff"],
			[65536, "1a00010000"],
			[4294967295, "1affffffff"],
			[4294967296, "1b0000000100000000"],
			[1000000000000, "1b000000e8d4a51000"],
			[-1, "20"],
			[-24, "37"],
			[-25, "3818"],
			[-1000, "3903e7"],
			[-4294967297, "3b0000000100000000"],
		];
		for (const [number, hex] of known) {
			assert.equal(toHex(new CborWriter().int(number).view()), hex);
			assert.equal(new CborReader(fromHex(hex)).int(), number);
		}
		assert.throws(() => new CborWriter().int(0.5), RangeError);
		assert.throws(() => new CborWriter().int(2 ** 53), RangeError);
	});
});
