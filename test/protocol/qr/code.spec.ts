// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, utf8Encode } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import { CborWriter } from "../../../protocol/cbor/writer.js";
import {
	CoseError,
	EDDSA,
	ES256,
	isSignedBy,
	type SignatureAlgorithm,
	signer,
} from "../../../protocol/credential/cose.js";
import { MAX_QR_CREDENTIAL, QR_ROLE } from "../../../protocol/credential/credential.js";
import { type CredentialFields, encodeSign1, issueCredential } from "../../../protocol/credential/issue.js";
import { decodeBase45 } from "../../../protocol/qr/base45.js";
import {
	CODE_AAD,
	CODE_LIFE_S,
	type Code,
	decodeCode,
	MAX_CODE,
	MAX_CODE_TEXT,
	stepAt,
} from "../../../protocol/qr/code.js";
import { type CodeFields, codeToSign, encodeCode } from "../../../protocol/qr/encode.js";
import { practiceKeys } from "../../../sim/practice-keys.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const keys = practiceKeys("harbour1", crypto.ed25519KeyPair(new Uint8Array(32).fill(1)), crypto);
const phone = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));
const phoneP256 = crypto.p256KeyPair(new Uint8Array(32).fill(4))!;
const by = signer(crypto, EDDSA, phone.secretKey);
/** All that a credential can say, at its longest. */
const LONGEST: CredentialFields = {
	issuer: "harbour1",
	subject: QR_ROLE,
	audience: "door-007",
	id: new Uint8Array(8).fill(0xb1),
	notBefore: 1_767_225_600,
	expires: 0xffff_ffff,
	key: { algorithm: EDDSA, publicKey: phone.publicKey },
	count: 1000,
};
const P256: CredentialFields = {
	...LONGEST,
	key: { algorithm: ES256, publicKey: phoneP256.publicKey },
};
const NOW = stepAt(1_800_000_000);

const issued = (fields: CredentialFields): Uint8Array =>
	issueCredential(fields, keys.signing.signer, { kid: keys.signing.kid });

function text(fields: CodeFields, algorithm: SignatureAlgorithm = EDDSA): string {
	const holder = algorithm === EDDSA ? by : signer(crypto, ES256, phoneP256.secretKey);
	return encodeCode(fields, holder.sign(codeToSign(fields)));
}

function decoded(shown: string): Code {
	const bytes = utf8Encode(shown);
	return decodeCode(bytes.slice(0, decodeBase45(bytes, bytes.length)));
}

function refusal(bytes: Uint8Array): string {
	try {
		decodeCode(bytes);
		return "none";
	} catch (error) {
		assert.isTrue(error instanceof CborError || error instanceof CoseError, String(error));
		return (error as CborError).reason;
	}
}

const signed = (payload: Uint8Array): Uint8Array => encodeSign1(payload, by, { externalAad: CODE_AAD });

describe("code for a scanner", () => {
	it("is read as it was made, by each provider, and is of its key and its context alone", () => {
		const credential = issued(LONGEST);
		const code = decoded(text({ credential, step: NOW }));
		assert.deepEqual({ ...code.credential }, { ...credential });
		assert.equal(code.step, NOW);
		for (const provider of providers) {
			assert.isTrue(isSignedBy(code.sign1, LONGEST.key, provider, CODE_AAD));
			assert.isFalse(isSignedBy(code.sign1, LONGEST.key, provider));
			assert.isFalse(isSignedBy(code.sign1, P256.key, provider, CODE_AAD));
		}
		const p256: CodeFields = { credential: issued(P256), step: NOW, algorithm: ES256 };
		assert.isTrue(isSignedBy(decoded(text(p256, ES256)).sign1, P256.key, crypto, CODE_AAD));
	});

	it("of the longest credentials fits a QR code of version 10 at level L", () => {
		assert.equal(issued(P256).length, MAX_QR_CREDENTIAL);
		const longest = text({ credential: issued(P256), step: 0xffff_ffff, algorithm: ES256 }, ES256);
		assert.equal(longest.length, MAX_CODE_TEXT);
		assert.match(longest, /^[0-9A-Z $%*+./:-]+$/);
		assert.isBelow(text({ credential: issued(LONGEST), step: NOW }).length, MAX_CODE_TEXT);
		const { audience: _door, count: _uses, ...usual } = LONGEST;
		assert.isAtMost(text({ credential: issued(usual), step: NOW }).length, 367);
		assert.throws(() => issued({ ...P256, issuedAt: 1_767_225_600 }), RangeError);
		const long = { credential: new Uint8Array(MAX_QR_CREDENTIAL + 1), step: NOW };
		assert.throws(() => codeToSign(long), RangeError);
	});

	it("has a step of 15 s, and lives for three of them", () => {
		assert.deepEqual([0, 14.9, 15, 1_800_000_000].map(stepAt), [0, 0, 1, 120_000_000]);
		assert.equal(CODE_LIFE_S, 45);
		for (const step of [-1, 1.5, 2 ** 32, Number.NaN])
			assert.throws(() => codeToSign({ credential: issued(LONGEST), step }), RangeError);
		assert.throws(() => encodeCode({ credential: issued(LONGEST), step: 1 }, new Uint8Array(63)), RangeError);
	});

	it("is refused where it is another structure, or not deterministic", () => {
		const { audience: _door, count: _uses, ...usual } = LONGEST;
		const credential = issued(usual);
		const payload = new CborWriter().array(2).bytes(credential).int(NOW).take();
		assert.equal(refusal(signed(payload)), "none");
		const beyond = new CborWriter().array(2).bytes(credential);
		const others: [Uint8Array, string][] = [
			[new CborWriter().array(1).bytes(credential).take(), "out-of-range"],
			[new CborWriter().array(3).bytes(credential).int(NOW).int(0).take(), "out-of-range"],
			[new CborWriter().array(2).text("x").int(NOW).take(), "unexpected-type"],
			[new CborWriter().array(2).bytes(credential).int(-1).take(), "unexpected-type"],
			[beyond.int(2 ** 32).take(), "out-of-range"],
			[concat(new CborWriter().array(2).bytes(credential).take(), Uint8Array.of(0x18, 1)), "not-shortest"],
			[concat(payload, Uint8Array.of(0)), "trailing-bytes"],
		];
		for (const [bytes, reason] of others) assert.equal(refusal(signed(bytes)), reason);
		const whole = signed(payload);
		assert.equal(refusal(whole.subarray(0, whole.length - 1)), "truncated");
		assert.equal(refusal(concat(whole, Uint8Array.of(0))), "trailing-bytes");
		assert.equal(refusal(new Uint8Array(MAX_CODE + 1)), "too-long");
		assert.equal(refusal(new Uint8Array(0)), "truncated");
	});
});
