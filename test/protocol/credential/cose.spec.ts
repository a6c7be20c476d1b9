// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, fromHex, toHex, utf8Encode } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import {
	CoseError,
	decodeSign1,
	EDDSA,
	ES256,
	type PublicKey,
	type Signer,
	signer,
	sigStructure,
	verifySign1,
} from "../../../protocol/credential/cose.js";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import { NO_VECTORS, skip, vectors } from "../../support/host.js";
import { providers } from "../../support/providers.js";

/** An example of github.com/cose-wg/Examples. */
interface Example {
	readonly title: string;
	readonly fail?: boolean;
	readonly input: {
		readonly plaintext?: string;
		readonly plaintext_hex?: string;
		readonly sign0?: {
			readonly key: Readonly<Record<string, string>>;
			readonly external?: string;
			readonly unprotected?: { readonly alg?: string };
		};
	};
	readonly intermediates: { readonly ToBeSign_hex?: string };
	readonly output: { readonly cbor: string };
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function fromBase64url(text: string): Uint8Array {
	const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
	let bits = 0;
	let held = 0;
	let at = 0;
	for (const digit of text) {
		bits = ((bits << 6) | BASE64URL.indexOf(digit)) & 0xffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			bytes[at++] = bits >> held;
		}
	}
	return bytes;
}

function keyOf(jwk: Readonly<Record<string, string>>): PublicKey {
	const field = (name: string) =>
		jwk[`${name}_hex`] === undefined ? fromBase64url(jwk[name]!) : fromHex(jwk[`${name}_hex`]!);
	if (jwk.kty === "OKP") return { algorithm: EDDSA, publicKey: field("x") };
	return { algorithm: ES256, publicKey: concat(Uint8Array.of(4), field("x"), field("y")) };
}

function outcome(act: () => void): string {
	try {
		act();
		return "good";
	} catch (error) {
		assert.isTrue(error instanceof CoseError || error instanceof CborError, String(error));
		return (error as CoseError).reason;
	}
}

/** Published name, what becomes of it here. */
const EXAMPLES: readonly (readonly [string, string])[] = [
	["A_3", "good"],
	["eddsa-sig-01", "good"],
	// Valid, but its alg is unprotected, which no format of ours allows.
	["sign-pass-01", "wrong-algorithm"],
	["sign-pass-02", "good"],
	["sign-fail-01", "wrong-tag"],
	["sign-fail-02", "bad-signature"],
	["sign-fail-03", "wrong-algorithm"],
	["sign-fail-04", "wrong-algorithm"],
	// COSE_Mac0: no signature at all.
	["A_4", "wrong-tag"],
];

for (const crypto of providers)
	describe(`COSE_Sign1, ${crypto.name}`, () => {
		for (const [name, expected] of EXAMPLES)
			it(`${name} of cose-wg/Examples is ${expected}`, function () {
				const example = vectors<Example>(`cose/${name}.json`);
				if (example === undefined) skip(this, NO_VECTORS);
				const { input, intermediates, output } = example;
				const valid = example.fail !== true && input.sign0 !== undefined;
				assert.equal(expected === "good", valid && input.sign0?.unprotected?.alg === undefined);
				const external = input.sign0?.external;
				const aad = external === undefined ? undefined : fromHex(external);
				const result = outcome(() => {
					const sign1 = decodeSign1(fromHex(output.cbor));
					const payload = input.plaintext_hex ? fromHex(input.plaintext_hex) : utf8Encode(input.plaintext!);
					const toBeSigned = sigStructure(sign1.protectedHeader, aad, sign1.payload);
					if (expected === "good") {
						assert.equal(toHex(sign1.payload), toHex(payload));
						assert.equal(toHex(toBeSigned), intermediates.ToBeSign_hex!.toLowerCase());
					}
					verifySign1(sign1, keyOf(input.sign0!.key), crypto, aad);
				});
				assert.equal(result, expected);
				if (expected === "good") {
					const sign1 = decodeSign1(fromHex(output.cbor));
					const wrong = concat(aad ?? new Uint8Array(0), Uint8Array.of(0));
					const key = keyOf(input.sign0!.key);
					assert.equal(
						outcome(() => verifySign1(sign1, key, crypto, wrong)),
						"bad-signature",
					);
				}
			});

		it("Ed25519 is deterministic: eddsa-sig-01's signature comes out of its private key", function () {
			const example = vectors<Example>("cose/eddsa-sig-01.json");
			if (example === undefined) skip(this, NO_VECTORS);
			const pair = crypto.ed25519KeyPair(fromHex(example.input.sign0!.key.d_hex!));
			const toBeSigned = fromHex(example.intermediates.ToBeSign_hex!);
			const signature = signer(crypto, EDDSA, pair.secretKey).sign(toBeSigned);
			assert.equal(toHex(signature), toHex(decodeSign1(fromHex(example.output.cbor)).signature));
		});

		it("verifies what it signs: both algorithms, tagged or not, with kid and external data", () => {
			const pairs: readonly (readonly [PublicKey, Signer])[] = [EDDSA, ES256].map((algorithm) => {
				const seed = new Uint8Array(32).fill(7);
				const pair = algorithm === EDDSA ? crypto.ed25519KeyPair(seed) : crypto.p256KeyPair(seed)!;
				const key = { algorithm, publicKey: pair.publicKey } as PublicKey;
				return [key, signer(crypto, key.algorithm, pair.secretKey)] as const;
			});
			const [one, other] = pairs as [(typeof pairs)[0], (typeof pairs)[0]];
			for (const [[key, by], stranger] of [
				[one, other],
				[other, one],
			] as const)
				for (const tagged of [false, true]) {
					const payload = utf8Encode("payload");
					const externalAad = fromHex("aabb");
					const kid = fromHex("01");
					const bytes = encodeSign1(payload, by, { tagged, kid, externalAad });
					assert.equal(bytes[0], tagged ? 0xd2 : 0x84);
					const sign1 = decodeSign1(bytes);
					assert.equal(toHex(sign1.kid!), "01");
					verifySign1(sign1, key, crypto, externalAad);
					assert.equal(
						outcome(() => verifySign1(sign1, key, crypto)),
						"bad-signature",
					);
					const wrong = outcome(() => verifySign1(sign1, stranger[0], crypto, externalAad));
					assert.equal(wrong, "wrong-algorithm");
				}
		});

		it("any changed byte is refused", () => {
			const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(9));
			const good = encodeSign1(utf8Encode("hi"), signer(crypto, EDDSA, pair.secretKey));
			const key: PublicKey = { algorithm: EDDSA, publicKey: pair.publicKey };
			for (let at = 0; at < good.length; at++) {
				const bad = good.slice();
				bad[at]! ^= 1 << (at % 8);
				assert.notEqual(
					outcome(() => verifySign1(decodeSign1(bad), key, crypto)),
					"good",
					`byte ${at}`,
				);
			}
		});
	});

describe("COSE_Sign1 headers", () => {
	const sign1 = (isProtected: string, unprotected: string, rest = "4040") => {
		const length = (isProtected.length / 2 + 0x40).toString(16);
		return outcome(() => decodeSign1(fromHex(`84${length}${isProtected}${unprotected}${rest}`)));
	};

	it("crit: understood or refused, protected, not empty, present (RFC 9052 3.1)", () => {
		assert.equal(sign1("a201270281", "a0", ""), "truncated");
		assert.equal(sign1("a20127028101", "a0"), "good");
		assert.equal(sign1("a301270281040441aa", "a0"), "good");
		// A label that nobody here knows, a known one that is absent, a text label, an empty list.
		assert.equal(sign1("a3012702811907d11907d100", "a0"), "critical-header");
		assert.equal(sign1("a20127028104", "a0"), "critical-header");
		assert.equal(sign1("a30127028163666f6f63666f6f00", "a0"), "critical-header");
		assert.equal(sign1("a201270280", "a0"), "critical-header");
		assert.equal(sign1("a10127", "a1028101"), "critical-header");
		assert.equal(sign1("a201270201", "a0"), "unexpected-type");
	});

	it("a label once: in one bucket, and not in both", () => {
		assert.equal(sign1("a10127", "a10127"), "duplicate-header");
		assert.equal(sign1("a201270127", "a0"), "duplicate-key");
		assert.equal(sign1("a10127", "a2044101044102"), "duplicate-key");
	});

	it("labels in any order; structure and payload as they must be", () => {
		assert.equal(sign1("a20441010127", "a0"), "good");
		assert.equal(sign1("a10127", "a0", "f640"), "detached-payload");
		assert.equal(sign1("a10127", "a0", "404000"), "trailing-bytes");
		assert.equal(sign1("a10127", "a0", "40"), "truncated");
		assert.equal(
			outcome(() => decodeSign1(fromHex("8343a10127a040"))),
			"out-of-range",
		);
		assert.equal(
			outcome(() => decodeSign1(fromHex("8543a10127a0404040"))),
			"out-of-range",
		);
		assert.equal(
			outcome(() => decodeSign1(fromHex("d28443a10127a04040"))),
			"good",
		);
		assert.equal(
			outcome(() => decodeSign1(fromHex("d2d28443a10127a04040"))),
			"unexpected-type",
		);
		assert.equal(
			outcome(() => decodeSign1(fromHex("9f43a10127a04040ff"))),
			"indefinite-length",
		);
		assert.equal(
			outcome(() => decodeSign1(fromHex("845803a10127a04040"))),
			"not-shortest",
		);
	});

	it("random and mutated bytes end in a typed refusal", () => {
		const seed = fromHex("d28443a10127a10442313154546869732069732074686520636f6e74656e742e4101");
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
				outcome(() => decodeSign1(bytes));
			}),
			{ numRuns: 500 },
		);
		fc.assert(
			fc.property(fc.nat(seed.length - 1), fc.nat(255), fc.nat(seed.length), (at, byte, cut) => {
				const bad = seed.slice();
				bad[at] = byte;
				outcome(() => decodeSign1(bad.subarray(0, cut)));
				outcome(() => decodeSign1(bad));
			}),
			{ numRuns: 1000 },
		);
	});
});
