// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, fromHex, toHex, utf8Encode } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { SeededRandom } from "../../sim/random.js";
import {
	DISPUTED,
	NOT_CANONICAL,
	OFF_CURVE,
	STRICT,
	X25519_SMALL_ORDER,
} from "../support/ed25519-vectors.js";
import { NO_VECTORS, skip, vectors } from "../support/host.js";
import { side } from "../support/native.js";

interface Wycheproof<G, T> {
	readonly testGroups: readonly (G & { readonly tests: readonly (T & Case)[] })[];
}

interface Case {
	readonly tcId: number;
	readonly comment: string;
	readonly result: "valid" | "invalid" | "acceptable";
}

/** Each case of a Wycheproof file; the spec skips itself where the file is absent. */
function each<G, T>(context: Mocha.Context, name: string, check: (group: G, test: T & Case) => void): void {
	const file = vectors<Wycheproof<G, T>>(name);
	if (file === undefined) skip(context, NO_VECTORS);
	let count = 0;
	for (const group of file.testGroups)
		for (const test of group.tests) {
			check(group, test);
			count++;
		}
	assert.isAbove(count, 50);
}

/** `false` stands for "refused with a RangeError" too: a key of a wrong length is an invalid case as well. */
function refused<T>(run: () => T): T | false {
	try {
		return run();
	} catch (error) {
		if (error instanceof RangeError) return false;
		throw error;
	}
}

const hex = fromHex;

/** x and the sign of y of a whole point. */
function half(point: Uint8Array): Uint8Array {
	const result = point.slice(0, 33);
	result[0] = 2 + (point[64]! & 1);
	return result;
}

/** The specs of the contract, which every provider keeps. */
export function keepsContract(crypto: Crypto): void {
	describe(`crypto provider ${crypto.name}`, () => {
		it("Ed25519: every Wycheproof verdict", function () {
			each<{ publicKey: { pk: string } }, { msg: string; sig: string }>(
				this,
				"ed25519_test.json",
				(group, test) => {
					const ok = crypto.ed25519Verify(hex(test.sig), hex(test.msg), hex(group.publicKey.pk));
					assert.equal(ok, test.result === "valid", `case ${test.tcId}: ${test.comment}`);
				},
			);
		});

		it("Ed25519 is strict: no key and no R of small order, no y above p, no cofactor", () => {
			for (const [name, key, message, signature] of DISPUTED)
				assert.equal(crypto.ed25519Verify(hex(signature), hex(message), hex(key)), name === STRICT, name);
			const [, , message, signature] = DISPUTED[0]!;
			for (const key of [...NOT_CANONICAL, ...OFF_CURVE])
				assert.isFalse(crypto.ed25519Verify(hex(signature), hex(message), hex(key)), key);
		});

		it("X25519: a point of small order gives no secret, however it is encoded", () => {
			for (const u of X25519_SMALL_ORDER)
				for (const secret of ["01", "77", "ff"])
					assert.isUndefined(crypto.x25519(hex(secret.repeat(32)), hex(u)), u);
		});

		it("X25519: every Wycheproof verdict; of the acceptable ones only an all-zero result is refused", function () {
			each<object, { public: string; private: string; shared: string }>(
				this,
				"x25519_test.json",
				(_, test) => {
					const shared = crypto.x25519(hex(test.private), hex(test.public));
					if (/^0*$/.test(test.shared)) assert.isUndefined(shared, `case ${test.tcId}`);
					else assert.equal(toHex(shared!), test.shared, `case ${test.tcId}: ${test.comment}`);
				},
			);
		});

		it("ECDSA P-256 with SHA-256, r ‖ s: every Wycheproof verdict", function () {
			each<{ publicKey: { uncompressed: string } }, { msg: string; sig: string }>(
				this,
				"ecdsa_secp256r1_sha256_p1363_test.json",
				(group, test) => {
					const ok = crypto.p256Verify(hex(test.sig), hex(test.msg), hex(group.publicKey.uncompressed));
					assert.equal(ok, test.result === "valid", `case ${test.tcId}: ${test.comment}`);
				},
			);
		});

		it("ECDSA P-256 as a chip's ECC peripheral is asked, x with the sign of y: every Wycheproof verdict", function () {
			const verify = side?.host.peripheralP256Verify;
			if (crypto.name !== "native" || verify === undefined)
				skip(this, "the native provider's: npm run test:xs has it");
			each<{ publicKey: { uncompressed: string } }, { msg: string; sig: string }>(
				this,
				"ecdsa_secp256r1_sha256_p1363_test.json",
				(group, test) => {
					const key = half(hex(group.publicKey.uncompressed));
					const ok = refused(() => verify(hex(test.sig), hex(test.msg), key));
					assert.equal(ok, test.result === "valid", `case ${test.tcId}: ${test.comment}`);
				},
			);
		});

		it("ChaCha20-Poly1305: every Wycheproof verdict, both ways", function () {
			each<object, { key: string; iv: string; aad: string; msg: string; ct: string; tag: string }>(
				this,
				"chacha20_poly1305_test.json",
				(_, test) => {
					const [key, iv, aad, sealed] = [
						hex(test.key),
						hex(test.iv),
						hex(test.aad),
						hex(test.ct + test.tag),
					];
					const opened = refused(() => crypto.chacha20Poly1305Open(key, iv, aad, sealed));
					const valid = test.result === "valid";
					assert.equal(opened ? toHex(opened) : undefined, valid ? test.msg : undefined, `case ${test.tcId}`);
					if (valid) {
						const again = crypto.chacha20Poly1305Seal(key, iv, aad, hex(test.msg));
						assert.equal(toHex(again), test.ct + test.tag, `case ${test.tcId}`);
					}
					if (iv.length !== 12) return;
					// The same in place, with bytes around it that nothing touches.
					const within = concat(hex("5a5a5a"), sealed, hex("a5a5"));
					const good = crypto.chacha20Poly1305OpenIn(key, iv, aad, within, 3, sealed.length);
					assert.equal(good, valid, `case ${test.tcId}`);
					if (valid) {
						assert.equal(toHex(within.subarray(3, 3 + sealed.length - 16)), test.msg, `case ${test.tcId}`);
						crypto.chacha20Poly1305SealIn(key, iv, aad, within, 3, sealed.length);
						assert.equal(toHex(within.subarray(3, -2)), test.ct + test.tag, `case ${test.tcId}`);
					}
					assert.equal(toHex(within.subarray(0, 3)) + toHex(within.subarray(-2)), "5a5a5aa5a5");
				},
			);
		});

		it("SHA-256: FIPS 180-4 examples, at once and in pieces", () => {
			const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
			assert.equal(toHex(crypto.sha256(utf8Encode("abc"))), abc);
			const pieces = crypto.hash().update(utf8Encode("a")).update(new Uint8Array(0)).update(utf8Encode("bc"));
			assert.equal(toHex(pieces.digest()), abc);
			const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
			assert.equal(toHex(crypto.sha256(new Uint8Array(0))), empty);
			const long = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
			const text = utf8Encode("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
			assert.equal(toHex(crypto.sha256(text)), long);
		});

		it("HKDF-Expand: RFC 5869 A.1 to A.3, and any length as its definition says", () => {
			const a1 = "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5";
			const a2 = "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244";
			const a3 = "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04";
			const counting = hex(Array.from({ length: 80 }, (_, i) => (0xb0 + i).toString(16)).join(""));
			const okm1 = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
			const okm2 =
				"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09" +
				"da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87";
			const okm3 = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
			assert.equal(toHex(crypto.hkdfExpand(hex(a1), hex("f0f1f2f3f4f5f6f7f8f9"), 42)), okm1);
			assert.equal(toHex(crypto.hkdfExpand(hex(a2), counting, 82)), okm2);
			assert.equal(toHex(crypto.hkdfExpand(hex(a3), new Uint8Array(0), 42)), okm3);
			fc.assert(
				fc.property(
					fc.uint8Array({ maxLength: 70 }),
					fc.uint8Array({ maxLength: 70 }),
					fc.nat(200),
					(prk, info, n) => {
						const blocks: number[] = [];
						let last: number[] = [];
						for (let i = 1; blocks.length < n; i++) {
							last = [...crypto.hmacSha256(prk, Uint8Array.from([...last, ...info, i]))];
							blocks.push(...last);
						}
						assert.deepEqual([...crypto.hkdfExpand(prk, info, n)], blocks.slice(0, n));
					},
				),
				{ numRuns: 25 },
			);
			assert.lengthOf(crypto.hkdfExpand(hex(a1), counting, 8160), 8160);
			for (const length of [-1, 8161, Number.NaN])
				assert.throws(() => crypto.hkdfExpand(hex(a1), counting, length), RangeError);
		});

		it("xor: each byte with the one of the stream, of the same length only", () => {
			fc.assert(
				fc.property(
					fc.array(fc.tuple(fc.nat(255), fc.nat(255)), { maxLength: 70 }),
					fc.nat(3),
					(pairs, at) => {
						const into = Uint8Array.from([...Array(at).fill(7), ...pairs.map(([a]) => a)]);
						crypto.xor(into.subarray(at), Uint8Array.from(pairs.map(([, b]) => b)));
						assert.deepEqual([...into], [...Array(at).fill(7), ...pairs.map(([a, b]) => a ^ b)]);
					},
				),
			);
			assert.throws(() => crypto.xor(new Uint8Array(4), new Uint8Array(3)), RangeError);
		});

		it("HMAC-SHA-256: RFC 4231 cases 1, 2, 6 (a key longer than a block)", () => {
			const cases = [
				[
					"0b".repeat(20),
					toHex(utf8Encode("Hi There")),
					"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
				],
				[
					toHex(utf8Encode("Jefe")),
					toHex(utf8Encode("what do ya want for nothing?")),
					"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
				],
				[
					"aa".repeat(131),
					toHex(utf8Encode("Test Using Larger Than Block-Size Key - Hash Key First")),
					"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
				],
			] as const;
			for (const [key, data, mac] of cases) assert.equal(toHex(crypto.hmacSha256(hex(key), hex(data))), mac);
		});

		it("Ed25519: each signature is by the key that is given, also where its bytes were another's before", () => {
			const [one, two] = [1, 2].map((seed) => crypto.ed25519KeyPair(new Uint8Array(32).fill(seed)));
			const key = one!.secretKey.slice();
			const first = crypto.ed25519Sign(key, key);
			key.set(two!.secretKey);
			const second = crypto.ed25519Sign(key, key);
			assert.isTrue(crypto.ed25519Verify(first, one!.secretKey, one!.publicKey));
			assert.isTrue(crypto.ed25519Verify(second, two!.secretKey, two!.publicKey));
		});

		it("Ed25519: RFC 8032 7.1, tests 1 and 3", () => {
			const one = crypto.ed25519KeyPair(
				hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
			);
			assert.equal(toHex(one.publicKey), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
			assert.equal(
				toHex(crypto.ed25519Sign(new Uint8Array(0), one.secretKey)),
				"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
			);
			const three = crypto.ed25519KeyPair(
				hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
			);
			assert.equal(
				toHex(crypto.ed25519Sign(hex("af82"), three.secretKey)),
				"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
			);
		});

		it("X25519: RFC 7748 5.2 and 6.1", () => {
			assert.equal(
				toHex(
					crypto.x25519(
						hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
						hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
					)!,
				),
				"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
			);
			const alice = crypto.x25519KeyPair(hex("77".repeat(32)));
			const bob = crypto.x25519KeyPair(
				hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
			);
			assert.equal(toHex(bob.publicKey), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
			const shared = crypto.x25519(alice.secretKey, bob.publicKey)!;
			assert.equal(toHex(shared), toHex(crypto.x25519(bob.secretKey, alice.publicKey)!));
		});

		it("AES-CCM: RFC 3610 packet vector 1; no byte changed, no byte missing", () => {
			// RFC 3610, packet vector 1: L = 2, a tag of 8 bytes.
			const key = hex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf");
			const nonce = hex("00000003020100a0a1a2a3a4a5");
			const aad = hex("0001020304050607");
			const plaintext = hex("08090a0b0c0d0e0f101112131415161718191a1b1c1d1e");
			const sealed = "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0";
			assert.equal(toHex(crypto.aesCcmSeal(key, nonce, aad, plaintext, 8)), sealed);
			assert.equal(toHex(crypto.aesCcmOpen(key, nonce, aad, hex(sealed), 8)!), toHex(plaintext));
			for (let i = 0; i < sealed.length / 2; i++) {
				const bad = hex(sealed);
				bad[i]! ^= 1;
				assert.isUndefined(crypto.aesCcmOpen(key, nonce, aad, bad, 8));
			}
			assert.isUndefined(crypto.aesCcmOpen(key, nonce, aad.subarray(1), hex(sealed), 8));
			assert.isUndefined(crypto.aesCcmOpen(key, nonce, aad, hex(sealed).subarray(0, 7), 8));
		});

		it("P-256: keys at the edges, points off the curve, signatures of zeros", () => {
			const n = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
			assert.isUndefined(crypto.p256KeyPair(new Uint8Array(32)));
			assert.isUndefined(crypto.p256KeyPair(n));
			const one = new Uint8Array(32);
			one[31] = 1;
			const g = crypto.p256KeyPair(one)!.publicKey;
			// SEC 2, 2.4.2: the base point.
			assert.equal(
				toHex(g),
				"046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
			);
			const off = g.slice();
			off[64]! ^= 1;
			assert.isUndefined(crypto.p256SharedSecret(one, off));
			assert.isFalse(crypto.p256Verify(new Uint8Array(64), new Uint8Array(0), off));
			assert.isFalse(crypto.p256Verify(new Uint8Array(64), new Uint8Array(0), g));
			for (const [r, s] of [
				[one, new Uint8Array(32)],
				[new Uint8Array(32), one],
				[n, one],
				[one, n],
			] as const)
				assert.isFalse(crypto.p256Verify(concat(r, s), new Uint8Array(0), g));
			const compressed = half(g);
			const signature = crypto.p256Sign(utf8Encode("door"), one);
			assert.isTrue(crypto.p256Verify(signature, utf8Encode("door"), compressed));
			assert.isFalse(crypto.p256Verify(signature, utf8Encode("doors"), compressed));
			assert.isFalse(crypto.p256Verify(signature.subarray(1), utf8Encode("door"), g));
		});

		it("P-256: of a point x and the sign of y are enough, and what has no y is refused", () => {
			const p = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
			const random = new SeededRandom(0x256);
			const secret = new Uint8Array(32);
			for (let n = 0; n < 12; n++) {
				random.fill(secret);
				const { publicKey } = crypto.p256KeyPair(secret)!;
				const shared = toHex(crypto.p256SharedSecret(secret, publicKey)!);
				const point = half(publicKey);
				assert.equal(toHex(crypto.p256SharedSecret(secret, point)!), shared);
				const signature = crypto.p256Sign(point, secret);
				assert.isTrue(crypto.p256Verify(signature, point, point));
				// The point with the other y has the same x of the product, but is another key.
				const other = point.slice();
				other[0]! ^= 1;
				assert.equal(toHex(crypto.p256SharedSecret(secret, other)!), shared);
				assert.isFalse(crypto.p256Verify(signature, point, other));
			}
			const one = new Uint8Array(32);
			one[31] = 1;
			// x = 0: y is the root of b.
			const zero = new Uint8Array(33);
			zero[0] = 3;
			assert.equal(toHex(crypto.p256SharedSecret(one, zero)!), "00".repeat(32));
			const whole = concat(
				Uint8Array.of(4),
				new Uint8Array(32),
				hex("66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4"),
			);
			assert.equal(toHex(crypto.p256SharedSecret(one, whole)!), "00".repeat(32));
			const refuses = (point: Uint8Array, what: string): void => {
				assert.isUndefined(crypto.p256SharedSecret(one, point), what);
				assert.isFalse(crypto.p256Verify(new Uint8Array(64).fill(1), one, point), what);
			};
			const one33 = concat(Uint8Array.of(2), one);
			refuses(one33, "x = 1 has no y");
			refuses(concat(Uint8Array.of(2), p), "x = p is not below p");
			refuses(concat(Uint8Array.of(4), p, whole.subarray(33)), "nor is a whole point's");
			refuses(concat(Uint8Array.of(4), new Uint8Array(32)), "33 bytes of a form with 65");
			refuses(concat(Uint8Array.of(0), new Uint8Array(32)), "no form");
			const hybrid = whole.slice();
			hybrid[0] = 6;
			refuses(hybrid, "a hybrid form");
		});

		it("P-256 signs without random: RFC 6979 A.2.5, SHA-256", () => {
			const secret = hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
			for (const [message, r, s] of [
				[
					"sample",
					"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
					"f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
				],
				[
					"test",
					"f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
					"019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
				],
			] as const)
				assert.equal(toHex(crypto.p256Sign(utf8Encode(message), secret)), r + s);
		});

		it("a wrong length is a RangeError, not a crash and not a result", () => {
			const b = (length: number): Uint8Array => new Uint8Array(length);
			const bad: (() => unknown)[] = [
				() => crypto.ed25519KeyPair(b(31)),
				() => crypto.ed25519Sign(b(1), b(32)),
				() => crypto.ed25519Verify(b(64), b(1), b(31)),
				() => crypto.x25519KeyPair(b(33)),
				() => crypto.x25519(b(31), b(32)),
				() => crypto.x25519(b(32), b(0)),
				() => crypto.p256KeyPair(b(31)),
				() => crypto.p256SharedSecret(b(32), b(64)),
				() => crypto.p256Sign(b(1), b(0)),
				() => crypto.p256Sign(b(1), b(32)),
				() => crypto.p256Verify(b(64), b(1), b(66)),
				() => crypto.aesCcmSeal(b(15), b(13), b(0), b(0), 8),
				() => crypto.aesCcmSeal(b(16), b(12), b(0), b(0), 8),
				() => crypto.aesCcmSeal(b(16), b(13), b(0), b(0), 7),
				() => crypto.aesCcmOpen(b(16), b(13), b(0), b(20), 0),
				() => crypto.chacha20Poly1305Seal(b(31), b(12), b(0), b(0)),
				() => crypto.chacha20Poly1305Open(b(32), b(13), b(0), b(16)),
				() => crypto.chacha20Poly1305SealIn(b(31), b(12), b(0), b(16), 0, 16),
				() => crypto.chacha20Poly1305OpenIn(b(32), b(13), b(0), b(16), 0, 16),
				() => crypto.chacha20Poly1305SealIn(b(32), b(12), b(0), b(40), 0, 15),
				() => crypto.chacha20Poly1305OpenIn(b(32), b(12), b(0), b(40), 25, 16),
				() => crypto.chacha20Poly1305OpenIn(b(32), b(12), b(0), b(40), -1, 16),
				() => crypto.chacha20Poly1305OpenIn(b(32), b(12), b(0), b(40), 0.5, 16),
				() => crypto.chacha20Poly1305SealIn(b(32), b(12), b(0), b(40), 0, 41),
			];
			for (const run of bad) assert.throws(run, RangeError);
			assert.isFalse(crypto.ed25519Verify(b(63), b(1), b(32)));
			assert.isUndefined(crypto.chacha20Poly1305Open(b(32), b(12), b(0), b(15)));
		});

		it("compares and wipes", () => {
			assert.isTrue(crypto.equal(hex("0102"), hex("0102")));
			assert.isFalse(crypto.equal(hex("0102"), hex("0103")));
			assert.isFalse(crypto.equal(hex("0102"), hex("010200")));
			const secret = hex("ff".repeat(40));
			crypto.wipe(secret.subarray(4, 36));
			assert.equal(toHex(secret), `ffffffff${"00".repeat(32)}ffffffff`);
		});
	});
}

/** The specs that hold providers against each other. */
export function agree(providers: readonly Crypto[]): void {
	describe("crypto providers agree", () => {
		const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
			fc.uint8Array({ minLength: length, maxLength: length });
		const numRuns = 12;
		const all = <T>(run: (crypto: Crypto) => T): void => {
			const [first, ...others] = providers.map(run);
			for (const other of others) assert.deepEqual(other, first);
		};

		it("on keys, agreements and signatures", () => {
			fc.assert(
				fc.property(bytes(32), bytes(32), fc.uint8Array({ maxLength: 200 }), (a, b, message) => {
					all((c) => toHex(c.ed25519KeyPair(a).publicKey));
					all((c) => toHex(c.ed25519Sign(message, c.ed25519KeyPair(a).secretKey)));
					all((c) => toHex(c.x25519(a, c.x25519KeyPair(b).publicKey)!));
					const secret = a.slice();
					secret[0] = 1;
					const peer = b.slice();
					peer[0] = 1;
					all((c) => toHex(c.p256KeyPair(secret)!.publicKey));
					all((c) => toHex(c.p256SharedSecret(secret, c.p256KeyPair(peer)!.publicKey)!));
					all((c) => toHex(c.p256Sign(message, secret)));
					const [signer] = providers;
					const signature = signer!.p256Sign(message, secret);
					const { publicKey } = signer!.p256KeyPair(secret)!;
					for (const c of providers) assert.isTrue(c.p256Verify(signature, message, publicKey));
				}),
				{ numRuns },
			);
		});

		it("on AEADs, hashes and MACs of any length", () => {
			const any = fc.uint8Array({ maxLength: 300 });
			fc.assert(
				fc.property(bytes(32), bytes(13), any, any, fc.constantFrom(8, 16), (key, nonce, aad, text, tag) => {
					const short = key.subarray(0, 16);
					all((c) => toHex(c.aesCcmSeal(short, nonce, aad, text, tag)));
					all((c) => toHex(c.chacha20Poly1305Seal(key, nonce.subarray(1), aad, text)));
					all((c) => toHex(c.hmacSha256(aad, text)));
					all((c) => toHex(c.sha256(text)));
					for (const c of providers) {
						const sealed = c.aesCcmSeal(short, nonce, aad, text, tag);
						all((d) => toHex(d.aesCcmOpen(short, nonce, aad, sealed, tag)!));
					}
				}),
				{ numRuns: 50 },
			);
		});
	});
}
