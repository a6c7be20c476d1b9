// SPDX-License-Identifier: Apache-2.0

import { encode, rfc8949EncodeOptions } from "cborg";
import { assert } from "chai";
import fc from "fast-check";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { runTap } from "../../../sim/scenario.js";
import { ciphertextOf } from "../../../sim/scene/decode/ciphertext.js";
import { decode, FORMATS, type Format } from "../../../sim/scene/decode/decode.js";
import { type Field, NOT_UNDERSTOOD } from "../../../sim/scene/decode/fields.js";
import { pn532Frame, pn532Name } from "../../../sim/scene/decode/pn532.js";
import { NO_VECTORS, skip, vectors } from "../../support/host.js";

/** Throws unless the fields are all of `bytes[from..to)`, in order, and so are those inside. */
function assertTiles(fields: readonly Field[], from: number, to: number): void {
	let at = from;
	for (const field of fields) {
		assert.equal(field.from, at, `${field.name} begins where the field before it ends`);
		assert.isAbove(field.to, field.from, `${field.name} has bytes`);
		at = field.to;
		const { inside, opened } = field;
		if (inside !== undefined && inside.length > 0) {
			assert.isAtLeast(inside[0]!.from, field.from);
			assertTiles(inside, inside[0]!.from, field.to);
		}
		if (opened !== undefined) assertTiles(opened.fields, 0, opened.bytes.length);
	}
	assert.equal(at, to, "nothing is left out");
}

/** All fields, those inside and those that were encrypted too. */
function all(fields: readonly Field[]): Field[] {
	return fields.flatMap((field) => [field, ...all(field.inside ?? []), ...all(field.opened?.fields ?? [])]);
}

/** Its bytes and words, by name. */
function found(fields: readonly Field[], bytes: Uint8Array): Record<string, string> {
	const named: Record<string, string> = {};
	for (const { from, name, opened, to, value, inside } of fields) {
		named[name] = value ?? toHex(bytes.subarray(from, to));
		Object.assign(named, found(inside ?? [], bytes), opened && found(opened.fields, opened.bytes));
	}
	return named;
}

describe("decoding of bytes into fields", () => {
	for (const format of FORMATS)
		it(`${format}: any bytes are fields from the first byte to the last, and none throw`, () => {
			fc.assert(
				fc.property(
					fc.uint8Array({ maxLength: 300 }),
					fc.option(fc.uint8Array({ maxLength: 80 })),
					(bytes, plain) => {
						assertTiles(decode(format, bytes, plain ?? undefined), 0, bytes.length);
						ciphertextOf(format, bytes);
					},
				),
				{ numRuns: 300 },
			);
		});

	it("reads CBOR as another library writes it", () => {
		const leaf = fc.oneof(
			fc.integer(),
			fc.string(),
			fc.uint8Array({ maxLength: 20 }),
			fc.boolean(),
			fc.constant(null),
		);
		const { value } = fc.letrec((tie) => ({
			value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie("value"), { maxLength: 4 }), tie("map")),
			map: fc.array(fc.tuple(fc.integer(), tie("value")), { maxLength: 4 }).map((pairs) => new Map(pairs)),
		}));
		const leaves = (item: unknown): string[] => {
			if (item instanceof Uint8Array)
				return [
					item.length === 0 ? "empty" : item.length > 16 ? `${item.length} bytes` : `h'${toHex(item)}'`,
				];
			if (Array.isArray(item)) return item.flatMap(leaves);
			if (item instanceof Map) return [...item.values()].flatMap(leaves);
			return [typeof item === "string" ? `"${item}"` : String(item)];
		};
		const told = (fields: readonly Field[]): string[] =>
			fields.flatMap(({ inside, value: said }) => (inside !== undefined ? told(inside) : [said!]));
		fc.assert(
			fc.property(value, (item) => {
				const bytes = encode(item, rfc8949EncodeOptions);
				const fields = decode("cbor", bytes);
				assertTiles(fields, 0, bytes.length);
				assert.sameMembers(told(fields), leaves(item));
			}),
		);
	});

	it("names the PN532's frames as their publishers do", function () {
		const published = vectors<{ frames: { name: string; dir: string; hex: string }[] }>("pn532-frames.json");
		if (published === undefined) skip(this, NO_VECTORS);
		for (const { name, dir, hex } of published.frames) {
			const bytes = fromHex(hex);
			const fields = decode("pn532", bytes);
			assertTiles(fields, 0, bytes.length);
			const named = found(fields, bytes);
			const { code, kind } = pn532Frame(bytes);
			const expected = name.startsWith("ACK") ? "ack" : name.startsWith("NACK") ? "nack" : undefined;
			if (expected !== undefined) assert.equal(kind, expected);
			else if (name.startsWith("syntax")) assert.equal(kind, "error");
			else {
				assert.equal(kind, dir === ">" ? "command" : "reply", name);
				assert.isTrue(name.startsWith(pn532Name(code!)), name);
				assert.include(named, { LCS: "right", DCS: "right" }, name);
			}
			if (name.includes("version 1.6")) assert.include(named, { IC: "50", Ver: "1", Rev: "6", Support: "7" });
			if (name.includes("MIFARE"))
				assert.include(named, { NbTg: "1", SENS_RES: "0004", SEL_RES: "8", NFCID1: "9d44a346" });
		}
	});

	it("says where a frame's checksum is wrong", () => {
		const bytes = fromHex("0000ff02fed4022b00");
		assert.equal(found(decode("pn532", bytes), bytes).DCS, "wrong");
	});

	describe("EDHOC, by RFC 9529 2", () => {
		interface Trace {
			readonly values: Readonly<Record<string, string>>;
		}
		const trace = vectors<Trace>("rfc9529-trace-1.json");
		before(function () {
			if (trace === undefined) skip(this, NO_VECTORS);
		});
		const v = (name: string): string => {
			const value = trace!.values[name];
			if (value === undefined) throw new Error(`the trace has no "${name}"`);
			return value;
		};
		const read = (format: Format, message: string, plain?: string): Record<string, string> => {
			const bytes = fromHex(v(message));
			const fields = decode(format, bytes, plain === undefined ? undefined : fromHex(v(plain)));
			assertTiles(fields, 0, bytes.length);
			assert.notInclude(
				all(fields).map(({ name }) => name),
				NOT_UNDERSTOOD,
			);
			return found(fields, bytes);
		};
		const text = (name: string): string => `h'${v(name)}'`;

		it("message_1", () => {
			const named = read("edhoc-1", "message_1 | message_1 (CBOR Sequence)");
			assert.include(named, { METHOD: "0: both sign", G_X: "32 bytes", C_I: "-14" });
			assert.equal(named.SUITES_I, "0: aes-ccm, x25519, SHA-256");
		});

		it("message_2, and what was in it", () => {
			const named = read(
				"edhoc-2",
				"message_2 | message_2 (CBOR Sequence)",
				"message_2 | PLAINTEXT_2 (CBOR Sequence)",
			);
			assert.equal(named.G_Y, v("message_2 | G_Y (Raw Value)"));
			assert.equal(named.C_R, text("message_2 | C_R (Raw Value)"));
			assert.equal(named["hash algorithm"], "-15: SHA-256/64");
			assert.include(v("message_2 | ID_CRED_R (CBOR Data Item)"), named.hash!.slice(2, -1));
			assert.equal(named.Signature_or_MAC_2, "64 bytes");
		});

		it("message_3, and what was in it", () => {
			const named = read(
				"edhoc-3",
				"message_3 | message_3 (CBOR Sequence)",
				"message_3 | PLAINTEXT_3 (CBOR Sequence)",
			);
			assert.equal(named.Signature_or_MAC_3, "64 bytes");
			// AES-CCM with a tag of 8 bytes (RFC 9528 10.2).
			assert.equal(named.tag!.length, 16);
		});

		it("finds the ciphertexts", () => {
			for (const number of [2, 3] as const) {
				const message = fromHex(v(`message_${number} | message_${number} (CBOR Sequence)`));
				assert.equal(
					toHex(ciphertextOf(`edhoc-${number}`, message)!),
					v(`message_${number} | CIPHERTEXT_${number} (Raw Value)`),
				);
			}
		});
	});

	it("understands every byte on the bus of a tap, and what the phone says", () => {
		const { timeline } = runTap({
			...{ crypto: new NodeCrypto(), link: "nfc", phone: "valid", suite: 4, seed: 3 },
		});
		let frames = 0;
		for (const { actor, bytes, text } of timeline) {
			if (bytes === undefined || (actor !== "chip" && actor !== "apdu")) continue;
			const format = actor === "chip" ? "pn532" : text === "command" ? "command" : "answer";
			const fields = decode(format, bytes);
			assertTiles(fields, 0, bytes.length);
			const names = all(fields).map(({ name }) => name);
			assert.notInclude(names, NOT_UNDERSTOOD, toHex(bytes));
			if (format === "pn532" && names.includes("DCS"))
				assert.include(found(fields, bytes), { LCS: "right", DCS: "right" });
			frames++;
		}
		assert.isAbove(frames, 15);
	});
});
