// SPDX-License-Identifier: Apache-2.0

import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, encode, Tagged } from "cborg";
import { assert } from "chai";
import { concat, fromHex, toHex } from "../../protocol/bytes.js";
import { noticeExamples, withNotices } from "../../tools/docs/notice-example.js";
import { root } from "../support/host.js";

/** Public key of the seed 01 × 32, as in RFC 8032's algorithm by OpenSSL. */
const KEY = createPublicKey({
	key: { kty: "OKP", crv: "Ed25519", x: "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w" },
	format: "jwk",
});

describe("docs/formats/notice.md", () => {
	it("has the examples that the code gives", () => {
		const document = readFileSync(join(root, "docs/formats/notice.md"), "utf8");
		assert.equal(document, withNotices(document), "run `npm run docs`");
	});

	for (const { context, pieces, signed } of noticeExamples()) {
		it(`${context}: its pieces are the notice`, () => {
			const bytes = concat(...pieces.map(([hex]) => fromHex(hex.replaceAll(" ", ""))));
			assert.equal(toHex(bytes), toHex(signed));
		});

		it(`${context}: another library reads it and OpenSSL verifies it`, () => {
			const { value } = decode(signed, { useMaps: true, strict: true, tags: Tagged.preserve(18) });
			const [isProtected, unprotected, payload, signature] = value as [
				Uint8Array,
				Map<number, Uint8Array>,
				Uint8Array,
				Uint8Array,
			];
			assert.deepEqual([...decode(isProtected, { useMaps: true })], [[1, -8]]);
			assert.deepEqual([...unprotected.keys()], [4]);
			const signs = (aad: string) => encode(["Signature1", isProtected, Buffer.from(aad), payload]);
			assert.isTrue(verify(null, signs(context), KEY, signature));
			assert.isFalse(verify(null, signs("lintel plan"), KEY, signature));
		});
	}
});
