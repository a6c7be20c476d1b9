// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { equal, fromHex, toHex } from "../../../protocol/bytes.js";
import { CborError, CborReader } from "../../../protocol/cbor/reader.js";
import { CborWriter } from "../../../protocol/cbor/writer.js";
import { CredentialError } from "../../../protocol/credential/credential.js";
import { CwtError } from "../../../protocol/credential/cwt.js";
import { type EadItem, readEad, writeEad } from "../../../protocol/edhoc/ead.js";
import { decodeErrorMessage, EdhocError, errorMessage } from "../../../protocol/edhoc/errors.js";
import { byKid } from "../../../protocol/edhoc/id-cred.js";
import { decodeIdCred } from "../../../protocol/edhoc/id-cred-forms.js";
import { readIdentifier, writeIdentifier } from "../../../protocol/edhoc/identifier.js";
import { kdf } from "../../../protocol/edhoc/kdf.js";
import { decodeMessage1, type Message1, writeMessage1 } from "../../../protocol/edhoc/message-1.js";
import { decodePlaintext2, decodePlaintext3, writePlaintext } from "../../../protocol/edhoc/plaintext.js";
import { SUITES } from "../../../protocol/edhoc/suites.js";
import { isAcceptable, readSuites, selectSuite, writeSuites } from "../../../protocol/edhoc/suites-list.js";
import { providers } from "../../support/providers.js";

const anySuite = () => {};

/** The reason of the typed error that `act` ends with; any other error fails. */
function reasonOf(act: () => unknown): string {
	try {
		act();
		return "none";
	} catch (error) {
		assert.isTrue(
			error instanceof CborError || error instanceof EdhocError || error instanceof CwtError,
			String(error),
		);
		return (error as EdhocError).reason;
	}
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

const ead: fc.Arbitrary<EadItem> = fc
	.tuple(fc.integer({ min: 1, max: 65535 }), fc.boolean(), fc.option(bytes(40)))
	.map(([label, critical, value]) => (value === null ? { label, critical } : { label, critical, value }));

const identifier = fc.oneof(
	fc.nat(255).map((byte) => Uint8Array.of(byte)),
	bytes(16),
);

describe("EDHOC identifiers (RFC 9528 3.3.2)", () => {
	it("follow the examples", () => {
		for (const [identifier, encoded] of [
			["21", "21"],
			["0d", "0d"],
			["18", "4118"],
			["38", "4138"],
			["37", "37"],
			["00", "00"],
			["17", "17"],
			["abcd", "42abcd"],
			["ff", "41ff"],
			["", "40"],
		] as const) {
			const writer = new CborWriter();
			writeIdentifier(writer, fromHex(identifier));
			assert.equal(toHex(writer.view()), encoded);
			assert.equal(toHex(readIdentifier(new CborReader(fromHex(encoded)))), identifier);
		}
	});

	it("have one encoding each, and it is read back", () => {
		fc.assert(
			fc.property(identifier, (id) => {
				const writer = new CborWriter();
				writeIdentifier(writer, id);
				const reader = new CborReader(writer.view());
				assert.equal(toHex(readIdentifier(reader)), toHex(id));
				reader.end();
			}),
		);
	});

	it("refuse a byte string that is an integer, an integer of two bytes, and too long a string", () => {
		for (const [encoded, reason] of [
			["4121", "out-of-range"],
			["410e", "out-of-range"],
			["1818", "out-of-range"],
			["3818", "out-of-range"],
			[`51${"aa".repeat(17)}`, "out-of-range"],
			["6161", "unexpected-type"],
		] as const)
			assert.equal(
				reasonOf(() => readIdentifier(new CborReader(fromHex(encoded)))),
				reason,
				encoded,
			);
	});
});

describe("EDHOC message_1", () => {
	const message1: fc.Arbitrary<Message1> = fc.record({
		method: fc.constant(0),
		suites: fc.array(fc.integer({ min: -24, max: 300 }), { minLength: 1, maxLength: 16 }),
		gX: fc.uint8Array({ minLength: 32, maxLength: 32 }),
		connectionId: identifier,
		ead: fc.array(ead, { maxLength: 4 }),
	});

	it("is read back as it was written", () => {
		fc.assert(
			fc.property(message1, (message) => {
				const writer = new CborWriter();
				writeMessage1(writer, message);
				const known = message.ead.map(({ label }) => label);
				assert.deepEqual(decodeMessage1(writer.view(), anySuite, known), message);
			}),
		);
	});

	// RFC 9529 section 4, with METHOD 0 in place of 3, which is refused before anything else.
	const gX = "741a13d7ba048fbb615e94386aa3b61bea5b3d8f65f32620b749bee8d278efa9";
	for (const [what, hex, reason] of [
		["4.1.1 surplus array encoding of the message", `8400025820${gX}0e`, "unexpected-type"],
		["4.1.2 surplus bstr encoding of C_I", `00025820${gX}410e`, "out-of-range"],
		["4.1.3 surplus array encoding of the suite", `0081025820${gX}0e`, "out-of-range"],
		[
			"4.1.4 text string for G_X",
			"0002782020616972207370656564206f66206120756e6c6164656e207377616c6c6f77200e",
			"unexpected-type",
		],
		["4.2.1 length of G_X", `00025830${gX}${"00".repeat(16)}0e`, "out-of-range"],
		[
			"4.2.6 G_X without its leading zero",
			"0002581fd9697725d23a688b12d1c7e0108a08c9f71a85a09c20814976ab21122248fc0e",
			"out-of-range",
		],
		["4.3.1 unnecessarily long encoding", `190000025820${gX}0e`, "not-shortest"],
		["4.3.2 indefinite-length array", `009f0602ff5820${gX}0e`, "indefinite-length"],
		["a suite in two bytes", `0018025820${gX}0e`, "not-shortest"],
		["no C_I", `00025820${gX}`, "truncated"],
		["EAD that is no label", `00025820${gX}0e40`, "unexpected-type"],
		["17 suites", `0091${"06".repeat(17)}5820${gX}0e`, "out-of-range"],
	] as const)
		it(`refuses ${what}`, () => {
			assert.equal(
				reasonOf(() => decodeMessage1(fromHex(hex), anySuite, [])),
				reason,
			);
		});

	it("refuses the invalid messages of RFC 9529 4 as published (METHOD 3)", () => {
		for (const hex of [`8403025820${gX}0e`, `03025820${gX}410e`, `0381025820${gX}0e`, `190003025820${gX}0e`])
			assert.notEqual(
				reasonOf(() => decodeMessage1(fromHex(hex), anySuite, [])),
				"none",
			);
	});
});

describe("EDHOC suites", () => {
	it("are those of the IANA registry (algorithm, key, nonce and tag lengths of RFC 9053)", () => {
		const registered = SUITES.map((s) => [s.id, s.aead, s.tagLength, s.curve, s.signature]);
		assert.deepEqual(registered, [
			[4, "chacha20-poly1305", 16, "x25519", -8],
			[5, "chacha20-poly1305", 16, "p256", -7],
			[2, "aes-ccm", 8, "p256", -7],
			[0, "aes-ccm", 8, "x25519", -8],
		]);
	});

	it("SUITES_I is an integer or an array (RFC 9529 3.2, 3.4)", () => {
		for (const [suites, hex] of [
			[[6], "06"],
			[[6, 2], "820602"],
			[[-21, 24], "82341818"],
		] as const) {
			const writer = new CborWriter();
			writeSuites(writer, suites);
			assert.equal(toHex(writer.view()), hex);
			assert.deepEqual(readSuites(new CborReader(fromHex(hex))), [...suites]);
		}
		for (const hex of ["80", "8106", "a0", "8206f6"])
			assert.notEqual(
				reasonOf(() => readSuites(new CborReader(fromHex(hex)))),
				"none",
			);
	});

	it("negotiate as in the examples of RFC 9528 6.3.2", () => {
		const preferred = [5, 6, 7, 8, 9];
		assert.isFalse(isAcceptable([5], [6]));
		assert.deepEqual(selectSuite(preferred, [6]), [5, 6]);
		assert.isTrue(isAcceptable([5, 6], [6]));
		assert.isFalse(isAcceptable([5, 6], [9, 8]));
		assert.deepEqual(selectSuite(preferred, [9, 8]), [5, 6, 7, 8]);
		assert.isTrue(isAcceptable([5, 6, 7, 8], [9, 8]));
		// Note 1: had the responder supported suite 5, the message with [5, 6] would be refused.
		assert.isFalse(isAcceptable([5, 6], [5, 6]));
		assert.isUndefined(selectSuite(preferred, [0, 1]));
	});

	it("agree on the initiator's first that the responder supports, whatever they are", () => {
		const suites = fc.uniqueArray(fc.nat(12), { minLength: 1, maxLength: 8 });
		fc.assert(
			fc.property(suites, suites, (preferred, supported) => {
				const common = preferred.find((suite) => supported.includes(suite));
				const selected = selectSuite(preferred, supported);
				assert.equal(selected?.[selected.length - 1], common);
				if (selected !== undefined) assert.isTrue(isAcceptable(selected, supported));
			}),
		);
	});
});

describe("EDHOC plaintexts", () => {
	const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });
	const idCred = identifier.map((kid) => byKid(kid, Uint8Array.of(0xa0)).idCred);

	it("are read back as they were written", () => {
		fc.assert(
			fc.property(identifier, idCred, signature, fc.array(ead, { maxLength: 4 }), (id, cred, sign, items) => {
				const eadWriter = new CborWriter();
				writeEad(eadWriter, items);
				const known = items.map(({ label }) => label);
				for (const connectionId of [id, undefined]) {
					const writer = new CborWriter();
					writePlaintext(writer, connectionId, cred, sign, eadWriter.view());
					const plaintext =
						connectionId === undefined
							? decodePlaintext3(writer.view(), known)
							: decodePlaintext2(writer.view(), known);
					assert.equal(toHex(plaintext.idCred), toHex(cred));
					assert.equal(toHex(plaintext.signature), toHex(sign));
					assert.deepEqual(plaintext.ead, items);
					assert.equal(toHex(plaintext.eadBytes), toHex(eadWriter.view()));
				}
			}),
		);
	});

	it("refuse the ID_CRED encodings and lengths of RFC 9529 4.1.6, 4.1.7 and 4.2.5", () => {
		const sign = `5840${"5e".repeat(64)}`;
		const refusal = (hex: string) => reasonOf(() => decodePlaintext2(fromHex(hex), []));
		assert.equal(refusal(`27423210${sign}`), "none");
		assert.equal(refusal(`27a104423210${sign}`), "out-of-range");
		assert.equal(refusal(`2732${sign}`), "none");
		assert.equal(refusal(`274132${sign}`), "out-of-range");
		assert.equal(refusal("273244fa5efa2e"), "out-of-range");
		assert.equal(refusal("27a10442321048fa5efa2ebf920bf3"), "out-of-range");
		assert.equal(refusal("27413248fa5efa2ebf920bf3"), "out-of-range");
		assert.equal(refusal(`2732${sign}20`), "critical-ead");
		assert.equal(refusal(`2732${sign}00`), "none");
		assert.equal(refusal(`2732${sign}004000`), "none");
	});
});

describe("EDHOC ID_CRED", () => {
	it("is one known header parameter", () => {
		for (const [hex, kind] of [
			["a1044132", "kid"],
			["a11822822e4879f2a41b510c1f9b", "x5t"],
			["a1182282616140", "x5t"],
			["a1182141aa", "x5chain"],
			["a118218241aa41bb", "x5chain"],
			["a10ea108a101a0", "kccs"],
			["a10d8440a04040", "kcwt"],
			["a10dd28440a04040", "kcwt"],
			["a10dd83dd28440a04040", "kcwt"],
		] as const)
			assert.equal(decodeIdCred(fromHex(hex)).kind, kind, hex);
		for (const [hex, reason] of [
			["a0", "unsupported"],
			["a1182040", "unsupported"],
			["a161786178", "unsupported"],
			["a2044132182141aa", "unsupported"],
			["a118218141aa", "out-of-range"],
			["a118218541aa41aa41aa41aa41aa", "out-of-range"],
			["a10e80", "unexpected-type"],
			["a10dd18440a04040", "wrong-tag"],
			["a1044132ff", "trailing-bytes"],
			["a20441320441ff", "duplicate-key"],
			["a118220102", "unexpected-type"],
		] as const)
			assert.equal(
				reasonOf(() => decodeIdCred(fromHex(hex))),
				reason,
				hex,
			);
	});
});

describe("EDHOC error messages (RFC 9528 6)", () => {
	it("SUITES_R of RFC 9529 3.3", () => {
		assert.equal(toHex(errorMessage(new EdhocError("wrong-suite", { suites: [2] }))!), "0202");
		assert.deepEqual(decodeErrorMessage(fromHex("0202")), { code: 2, suites: [2] });
	});

	it("say what they must and no more", () => {
		const text = (error: unknown) => decodeErrorMessage(errorMessage(error)!);
		assert.deepEqual(text(new EdhocError("malformed")), { code: 1, text: "malformed" });
		for (const error of [
			new TypeError("secret"),
			new CredentialError("wrong-site"),
			new EdhocError("bad-signature"),
			new EdhocError("wrong-algorithm"),
		])
			assert.deepEqual(text(error), { code: 1, text: "refused" });
		assert.equal(toHex(errorMessage(new EdhocError("unknown-credential"))!), "03f5");
		assert.isUndefined(errorMessage(new EdhocError("peer-error", { peer: { code: 1 } })));
	});

	it("are checked when they come in", () => {
		assert.deepEqual(decodeErrorMessage(fromHex("03f5")), { code: 3 });
		assert.deepEqual(decodeErrorMessage(fromHex("0782f5f4")), { code: 7 });
		assert.deepEqual(decodeErrorMessage(fromHex("20f6")), { code: -1 });
		for (const [hex, reason] of [
			["00", "out-of-range"],
			["00f5", "out-of-range"],
			["03f4", "out-of-range"],
			["0102", "unexpected-type"],
			["02a0", "unexpected-type"],
			["01", "truncated"],
			["0161ff", "bad-utf8"],
			["020200", "trailing-bytes"],
			[`0179012c${"61".repeat(300)}`, "too-long"],
		] as const)
			assert.equal(
				reasonOf(() => decodeErrorMessage(fromHex(hex))),
				reason,
				hex,
			);
	});
});

describe("EDHOC EAD (RFC 9528 3.8)", () => {
	const read = (hex: string, known: readonly number[] = []) => readEad(new CborReader(fromHex(hex)), known);

	it("drops padding of any length", () => {
		for (const hex of ["", "00", "0040", "0041e9", "000000", "0040004300000000"])
			assert.deepEqual(read(hex), [], hex);
	});

	it("bounds labels and their number", () => {
		assert.equal(
			reasonOf(() => read("1a00010000")),
			"out-of-range",
		);
		assert.equal(
			reasonOf(() => read("39ffff", [65536])),
			"out-of-range",
		);
		assert.equal(
			reasonOf(() => read("00".repeat(17))),
			"too-long",
		);
		assert.equal(read("01".repeat(16)).length, 16);
		for (const item of [
			{ label: 65536, critical: false },
			{ label: -1, critical: false },
			{ label: 0, critical: true },
		])
			assert.throws(() => writeEad(new CborWriter(), [item]), RangeError);
	});

	it("gives known critical items and refuses others", () => {
		assert.equal(
			reasonOf(() => read("3818")),
			"critical-ead",
		);
		assert.deepEqual(read("381841aa", [25]), [{ label: 25, critical: true, value: fromHex("aa") }]);
	});
});

describe("EDHOC parsers", () => {
	it("end in a typed refusal on random and mutated bytes", () => {
		const runs = [
			(b: Uint8Array) => decodeMessage1(b, anySuite, [1]),
			(b: Uint8Array) => decodePlaintext2(b, [1]),
			(b: Uint8Array) => decodePlaintext3(b, [1]),
			(b: Uint8Array) => decodeIdCred(b),
			(b: Uint8Array) => decodeErrorMessage(b),
			(b: Uint8Array) => readEad(new CborReader(b), [1]),
		];
		const gX = "11".repeat(32);
		const seeds = [
			`00830405025820${gX}2d0141aa`,
			`27a11822822e4879f2a41b510c1f9b5840${"22".repeat(64)}2041ff`,
			`a11822822e4879f2a41b510c1f9b5840${"22".repeat(64)}2041ff`,
			"a118218241aa41bb",
			"016568656c6c6f",
			"0141aa200043000000",
		].map(fromHex);
		fc.assert(
			fc.property(bytes(60), (b) => {
				for (const parse of runs) reasonOf(() => parse(b));
			}),
			{ numRuns: 500 },
		);
		fc.assert(
			fc.property(fc.nat(), fc.nat(255), fc.nat(), (at, byte, cut) => {
				runs.forEach((parse, n) => {
					const bad = seeds[n]!.slice();
					assert.equal(
						reasonOf(() => parse(bad)),
						"none",
					);
					bad[at % bad.length] = byte;
					reasonOf(() => parse(bad));
					reasonOf(() => parse(bad.subarray(0, cut % bad.length)));
				});
			}),
			{ numRuns: 500 },
		);
	});
});

for (const crypto of providers)
	describe(`EDHOC_KDF, ${crypto.name}`, () => {
		it("is HKDF-Expand of RFC 5869 2.3 for any length", () => {
			const prk = crypto.sha256(Uint8Array.of(1));
			fc.assert(
				fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(70), bytes(60), (length, label, context) => {
					const writer = new CborWriter();
					const output = kdf(crypto, writer, prk, label, context, length);
					const info = new CborWriter().int(label).bytes(context).int(length).take();
					// T(n) = HMAC(PRK, T(n-1) | info | n), written out.
					const blocks: number[] = [];
					let last: number[] = [];
					for (let n = 1; blocks.length < length; n++) {
						last = [...crypto.hmacSha256(prk, Uint8Array.from([...last, ...info, n]))];
						blocks.push(...last);
					}
					assert.isTrue(equal(output, Uint8Array.from(blocks.slice(0, length))));
				}),
				{ numRuns: 50 },
			);
			assert.throws(() => kdf(crypto, new CborWriter(), prk, 0, prk, 8161), RangeError);
			assert.equal(kdf(crypto, new CborWriter(), prk, 0, prk, 8160).length, 8160);
		});
	});
