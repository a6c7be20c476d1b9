// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, fromHex, toHex } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import { CborWriter } from "../../../protocol/cbor/writer.js";
import {
	decodeSign1,
	EDDSA,
	ES256,
	type PublicKey,
	signer,
	sigStructure,
} from "../../../protocol/credential/cose.js";
import {
	CredentialError,
	QR_ROLE,
	verifyPhone,
	verifyQr,
	verifyReader,
} from "../../../protocol/credential/credential.js";
import {
	type Claims,
	CwtError,
	decodeClaims,
	encodeClaims,
	untagged,
} from "../../../protocol/credential/cwt.js";
import { type CredentialFields, encodeSign1, issueCredential } from "../../../protocol/credential/issue.js";
import { NO_TRUST, type TrustList } from "../../../protocol/trust/list.js";
import { practiceKeys } from "../../../sim/practice-keys.js";
import { DISPUTED, NOT_CANONICAL } from "../../support/ed25519-vectors.js";
import { NO_VECTORS, skip, vectors } from "../../support/host.js";
import { providers } from "../../support/providers.js";

function refusal(act: () => unknown): string {
	try {
		act();
		return "none";
	} catch (error) {
		assert.isTrue(error instanceof CborError || error instanceof CwtError, String(error));
		return (error as CwtError).reason;
	}
}

describe("CWT claims", () => {
	it("RFC 8392 A.3 decodes to what A.1 says, and encodes to the same bytes", function () {
		const example = vectors<{ output: { cbor: string }; input: { plaintext_hex: string } }>("cose/A_3.json");
		if (example === undefined) skip(this, NO_VECTORS);
		const { payload } = decodeSign1(fromHex(example.output.cbor));
		assert.equal(toHex(payload), example.input.plaintext_hex);
		const claims = decodeClaims(payload);
		assert.deepEqual(claims, {
			issuer: "coap://as.example.com",
			subject: "erikw",
			audience: "coap://light.example.com",
			expires: 1444064944,
			notBefore: 1443944944,
			issuedAt: 1443944944,
			id: fromHex("0b71"),
		});
		assert.equal(toHex(encodeClaims(claims)), toHex(payload));
	});

	it("reads the CCS of RFC 9529 3.2 and 3.3: a P-256 key, y as bytes or as its sign", () => {
		const x = "bbc34960526ea4d32e940cad2a234148ddc21791a12afbcbac93622046dd44f0";
		const y = "4519e257236b2a0ce2023f0931f1f386ca7afda64fcde0108c224c51eabf6072";
		const ccs = `a2026b6578616d706c652e65647508a101a501020241322001215820${x}225820${y}`;
		const full = decodeClaims(fromHex(ccs));
		assert.equal(full.subject, "example.edu");
		assert.deepEqual(full.key, { algorithm: ES256, publicKey: fromHex(`04${x}${y}`) });
		const short = encodeClaims(full);
		assert.equal(toHex(short), `a2026b6578616d706c652e65647508a101a401022001215820${x}22f4`);
		assert.deepEqual(decodeClaims(short).key, { algorithm: ES256, publicKey: fromHex(`02${x}`) });
	});

	const claims: fc.Arbitrary<Claims> = fc.record(
		{
			issuer: fc.string({ maxLength: 20 }),
			subject: fc.string({ maxLength: 20 }),
			audience: fc.string({ maxLength: 20 }),
			expires: fc.nat(),
			notBefore: fc.maxSafeNat(),
			issuedAt: fc.nat(),
			id: fc.uint8Array({ maxLength: 64 }),
			key: fc.oneof(
				fc
					.uint8Array({ minLength: 32, maxLength: 32 })
					// No weak point has this byte there.
					.map((x): PublicKey => ({ algorithm: EDDSA, publicKey: x.fill(1, 15, 16) })),
				fc
					.tuple(fc.boolean(), fc.uint8Array({ minLength: 32, maxLength: 32 }))
					.map(
						([odd, x]): PublicKey => ({ algorithm: ES256, publicKey: concat(Uint8Array.of(odd ? 3 : 2), x) }),
					),
			),
		},
		{ requiredKeys: [] },
	);

	it("decode is the reverse of encode", () => {
		fc.assert(fc.property(claims, (c) => assert.deepEqual(decodeClaims(encodeClaims(c)), c)));
	});

	it("leaves out claims it does not know, in any order of keys", () => {
		const c = decodeClaims(fromHex("a41901008201020418646162f6016178"));
		assert.deepEqual(c, { issuer: "x", expires: 100 });
	});

	it("refuses each wrong claim with its reason", () => {
		const x = "215820".padEnd(6 + 64, "11");
		const cases: readonly [string, string][] = [
			["a10100", "wrong-claim"],
			[`a1017843${"61".repeat(67)}`, "wrong-claim"],
			["a10420", "wrong-claim"],
			["a104fb41d584ac40000000", "wrong-claim"],
			["a104c100", "wrong-claim"],
			["a1076161", "wrong-claim"],
			[`a1075841${"00".repeat(65)}`, "wrong-claim"],
			["a10800", "unexpected-type"],
			["a108a0", "wrong-key"],
			["a108a10200", "wrong-key"],
			["a108a101a0", "wrong-key"],
			// No kty; X25519; P-384; Ed25519 with y; P-256 without; alg of another key; a private key.
			[`a108a101a22006${x}`, "wrong-key"],
			[`a108a101a301012004${x}`, "wrong-key"],
			[`a108a101a401022002${x}22f4`, "wrong-key"],
			[`a108a101a401012006${x}22f4`, "wrong-key"],
			[`a108a101a301022001${x}`, "wrong-key"],
			[`a108a101a4010103262006${x}`, "wrong-key"],
			[`a108a101a401012006${x}235820${"22".repeat(32)}`, "wrong-key"],
			["a108a101a3010120062141ff", "out-of-range"],
			["a2016178016178", "duplicate-key"],
			["a1016178ff", "trailing-bytes"],
			["bf016178ff", "indefinite-length"],
			["a1190001f5", "not-shortest"],
			["80", "unexpected-type"],
		];
		for (const [hex, reason] of cases)
			assert.equal(
				refusal(() => decodeClaims(fromHex(hex))),
				reason,
				hex,
			);
	});

	it("a key of Ed25519 of small order or with y above p is none, neither to read nor to write", () => {
		const weak = DISPUTED.filter(([name]) => name.startsWith("A ")).map(([, key]) => key);
		assert.isAbove(new Set(weak).size, 10);
		for (const key of [...weak, ...NOT_CANONICAL]) {
			const claims = `a108a101a301012006215820${key}`;
			assert.equal(
				refusal(() => decodeClaims(fromHex(claims))),
				"wrong-key",
				key,
			);
			assert.throws(() => encodeClaims({ key: { algorithm: EDDSA, publicKey: fromHex(key) } }), RangeError);
		}
	});

	it("a CWT comes untagged, as COSE_Sign1, or as a CWT around that, and is one", () => {
		for (const head of ["", "d2", "d83dd2"]) assert.equal(toHex(untagged(fromHex(`${head}8400`))), "8400");
		for (const head of ["d1", "d83d", "d83dd1", "d83dd83dd2", "d2d2", "d903e6"])
			assert.equal(
				refusal(() => untagged(fromHex(`${head}8400`))),
				"wrong-tag",
				head,
			);
	});

	it("random bytes end in a typed refusal", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
				refusal(() => decodeClaims(bytes));
				refusal(() => untagged(bytes));
			}),
			{ numRuns: 1000 },
		);
	});
});

for (const crypto of providers)
	describe(`credential, ${crypto.name}`, () => {
		const site = crypto.ed25519KeyPair(new Uint8Array(32).fill(1));
		const stranger = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));
		const phone = crypto.ed25519KeyPair(new Uint8Array(32).fill(4));
		const bySite = signer(crypto, EDDSA, site.secretKey);
		const byStranger = signer(crypto, EDDSA, stranger.secretKey);
		const { trust, signing } = practiceKeys("harbour1", site, crypto);
		const { kid } = signing;
		/** As the site does: the credential names the key. */
		const issue = (of: CredentialFields, by = bySite): Uint8Array => issueCredential(of, by, { kid });
		const fields: CredentialFields = {
			issuer: "harbour1",
			id: fromHex("0102030405060708"),
			notBefore: 1_700_000_000,
			expires: 1_800_000_000,
			key: { algorithm: EDDSA, publicKey: phone.publicKey },
		};

		const reason = (bytes: Uint8Array, whom: TrustList = trust, verify = verifyPhone): string => {
			try {
				verify(bytes, whom, "FRONT", crypto);
				return "verified";
			} catch (error) {
				assert.instanceOf(error, CredentialError);
				return (error as CredentialError).reason;
			}
		};

		it("verifies what the site issued, tagged or not, and gives its fields", () => {
			const cwt = issue(fields);
			for (const head of ["", "d2", "d83dd2"]) {
				const credential = verifyPhone(concat(fromHex(head), cwt), trust, "FRONT", crypto);
				assert.equal(toHex(credential.cwt), toHex(cwt));
				const { issuer, id, notBefore, expires, key } = fields;
				const rest = { subject: undefined, issuedAt: undefined };
				assert.deepEqual({ ...credential }, { cwt, issuer, id, notBefore, expires, key, ...rest } as never);
			}
		});

		it("is compact: the longest names leave message_2 and message_3 within a short APDU", () => {
			const phoneCwt = issue(fields);
			const { notBefore, expires, ...rest } = { ...fields, subject: "door-007" };
			const readerCwt = issueCredential(rest, bySite);
			assert.equal(decodeSign1(phoneCwt).payload.length, 76);
			assert.equal(decodeSign1(readerCwt).payload.length, 74);
			assert.equal(phoneCwt.length, 156);
			assert.equal(readerCwt.length, 148);
			assert.isTrue(notBefore !== undefined && expires !== undefined);
		});

		it("refuses each for its reason", () => {
			const good = issue(fields);
			const forged = good.slice();
			forged[forged.length - 1]! ^= 1;
			assert.equal(reason(good), "verified");
			assert.equal(reason(forged), "bad-signature");
			assert.equal(reason(issue(fields, byStranger)), "bad-signature");
			assert.equal(reason(issue({ ...fields, issuer: "other" }, byStranger)), "bad-signature");
			assert.equal(reason(issue({ ...fields, issuer: "other" })), "wrong-site");
			assert.equal(reason(good.subarray(0, 100)), "malformed");
			assert.equal(reason(concat(good, Uint8Array.of(0))), "malformed");
			assert.equal(reason(concat(fromHex("d1"), good)), "malformed");
			assert.equal(reason(new Uint8Array(0)), "malformed");
			assert.equal(reason(good, NO_TRUST), "unknown-issuer");
			assert.equal(reason(issueCredential(fields, bySite)), "malformed", "names no key");
			assert.equal(reason(issueCredential(fields, bySite, { kid: fromHex("01020304") })), "unknown-issuer");
			assert.equal(reason(issue({ ...fields, subject: "FRONT" })), "wrong-role", "a reader's");
		});

		it("refuses a claim set without iss, cti or cnf, a cti of another length, and any aud", () => {
			const all: Claims = { ...fields };
			const { issuer, ...noIssuer } = all;
			const { id, ...noId } = all;
			const { key, ...noKey } = all;
			assert.isTrue(issuer !== undefined && id !== undefined && key !== undefined);
			for (const bad of [noIssuer, noId, noKey, { ...all, id: new Uint8Array(7) }, { ...all, audience: "x" }])
				assert.equal(reason(encodeSign1(encodeClaims(bad), bySite, { kid })), "malformed");
			assert.equal(reason(encodeSign1(encodeClaims(all), bySite, { kid })), "verified");
		});

		it("refuses names and dates that docs/credential.md has out of bounds, and an alg that is not protected", () => {
			const all: Claims = { ...fields };
			const wrong: readonly Claims[] = [
				{ ...all, issuer: "" },
				{ ...all, issuer: "harbour12" },
				{ ...all, subject: "" },
				{ ...all, subject: "door-0007" },
				{ ...all, subject: "door 07" },
				{ ...all, expires: 2 ** 32 },
				{ ...all, notBefore: 2 ** 32 },
				{ ...all, issuedAt: 2 ** 53 - 1 },
			];
			for (const claims of wrong)
				assert.equal(
					reason(encodeSign1(encodeClaims(claims), bySite, { kid })),
					"malformed",
					JSON.stringify(claims),
				);
			for (const [claims, outcome] of [
				[{ ...all, subject: "a" }, "wrong-role"],
				[{ ...all, subject: "+service" }, "wrong-role"],
				[{ ...all, expires: 2 ** 32 - 1 }, "verified"],
			] as const)
				assert.equal(reason(encodeSign1(encodeClaims(claims), bySite, { kid })), outcome);
			const payload = encodeClaims(all);
			const open = new CborWriter(200)
				.array(4)
				.bytes(new Uint8Array(0))
				.map(2)
				.int(1)
				.int(EDDSA)
				.int(4)
				.bytes(kid)
				.bytes(payload);
			const signature = bySite.sign(sigStructure(new Uint8Array(0), undefined, payload));
			assert.equal(reason(open.bytes(signature).take()), "malformed");
		});

		it("of class qr is for scanners alone, those without the class are for radios alone", () => {
			const qr: CredentialFields = { ...fields, subject: QR_ROLE };
			const atScanner = (bytes: Uint8Array): string => reason(bytes, trust, verifyQr);
			for (const one of [qr, { ...qr, audience: "FRONT" }, { ...qr, audience: "FRONT", count: 3 }]) {
				assert.equal(reason(issue(one)), "wrong-role");
				assert.equal(atScanner(issue(one)), "verified");
			}
			assert.equal(atScanner(issue(fields)), "wrong-role");
			assert.equal(atScanner(issue({ ...fields, subject: "FRONT" })), "wrong-role");
			assert.equal(atScanner(issue({ ...qr, audience: "BACK" })), "wrong-door");
			assert.equal(atScanner(issue({ ...qr, issuer: "other" })), "wrong-site");
			assert.equal(atScanner(issue(qr, byStranger)), "bad-signature");
			const refused = [CredentialError, /a credential of class qr/] as const;
			assert.throws(() => verifyPhone(issue(qr), trust, "FRONT", crypto), ...refused);
			const counted = verifyQr(issue({ ...qr, audience: "FRONT", count: 3 }), trust, "FRONT", crypto);
			assert.equal(counted.count, 3);
			assert.equal(toHex(counted.id), toHex(fields.id));
			const uncounted = verifyQr(issue(qr), trust, "FRONT", crypto);
			assert.deepEqual([uncounted.count, uncounted.expires], [undefined, fields.expires]);
			// A reader's credential, which has the site's words on a door, is none of it.
			assert.throws(() => verifyReader(issue(qr), trust, crypto), CredentialError, "wrong-role");
		});

		it("of class qr has a count for one named door until an end, or none", () => {
			const all: Claims = { ...fields, subject: QR_ROLE, audience: "FRONT", count: 1 };
			const { audience, ...everywhere } = all;
			const { expires, ...endless } = all;
			const sealed = (claims: Claims): string =>
				reason(encodeSign1(encodeClaims(claims), bySite, { kid }), trust, verifyQr);
			assert.equal(sealed(all), "verified");
			assert.equal(sealed({ ...all, count: 1000 }), "verified");
			assert.isTrue(audience !== undefined && expires !== undefined);
			for (const wrong of [everywhere, endless, { ...all, count: 0 }, { ...all, count: 1001 }])
				assert.equal(sealed(wrong), "malformed");
		});

		it("a key is never used for an algorithm that is not its own", () => {
			// The right signature under a header that says ES256.
			const payload = encodeClaims(fields);
			const lying = { algorithm: ES256, sign: bySite.sign } as const;
			assert.equal(reason(encodeSign1(payload, lying, { kid })), "bad-signature");
		});

		it("any changed byte is refused", () => {
			const good = issue(fields);
			for (let at = 0; at < good.length; at++) {
				const bad = good.slice();
				bad[at]! ^= 1 << (at % 8);
				assert.notEqual(reason(bad), "verified", `byte ${at}`);
			}
		});

		it("issues nothing out of bounds", () => {
			const wrong: readonly Partial<CredentialFields>[] = [
				{ issuer: "" },
				{ issuer: "ninechars" },
				{ issuer: "Zürich" },
				{ subject: "a b" },
				{ audience: "FRONT" },
				{ subject: "FRONT", audience: "FRONT" },
				{ subject: QR_ROLE, audience: "+qr" },
				{ subject: QR_ROLE, count: 1 },
				{ subject: QR_ROLE, audience: "FRONT", count: 0 },
				{ subject: QR_ROLE, audience: "FRONT", count: 1001 },
				{ count: 1 },
				{ id: new Uint8Array(9) },
				{ expires: 2 ** 32 },
				{ notBefore: 0.5 },
				{ key: { algorithm: EDDSA, publicKey: new Uint8Array(33) } },
				{ key: { algorithm: ES256, publicKey: new Uint8Array(33) } },
			];
			for (const change of wrong)
				assert.throws(() => issueCredential({ ...fields, ...change }, bySite), RangeError);
		});
	});
