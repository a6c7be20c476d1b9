// SPDX-License-Identifier: Apache-2.0

import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, encode, Tagged } from "cborg";
import { assert } from "chai";
import { concat, fromHex, toHex } from "../../protocol/bytes.js";
import { trustExample, withTrust } from "../../tools/docs/trust-example.js";
import { root } from "../support/host.js";

const { anchor, lists, pieces, roots } = trustExample();

/** As another library reads it: payload, and for each signature the kid and what RFC 9052 4.4 says that it signs. */
function read(signed: Uint8Array) {
	const { value } = decode(signed, { useMaps: true, strict: true, tags: Tagged.preserve(98) });
	const [bodyProtected, unprotected, payload, signatures] = value as [
		Uint8Array,
		Map<number, unknown>,
		Uint8Array,
		[Uint8Array, Map<number, Uint8Array>, Uint8Array][],
	];
	assert.lengthOf(bodyProtected, 0);
	assert.equal(unprotected.size, 0);
	return {
		payload,
		signatures: signatures.map(([isProtected, { get }, signature], i) => {
			assert.deepEqual(decode(isProtected, { useMaps: true }), new Map([[1, -8]]));
			return {
				kid: get.call(signatures[i]![1], 4)!,
				signature,
				signs: encode(["Signature", bodyProtected, isProtected, Buffer.from("lintel trust"), payload]),
			};
		}),
	};
}

function keyOf(publicKey: Uint8Array): KeyObject {
	const x = Buffer.from(publicKey).toString("base64url");
	return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

describe("docs/formats/trust.md", () => {
	it("has the example that the code gives", () => {
		const document = readFileSync(join(root, "docs/formats/trust.md"), "utf8");
		assert.equal(document, withTrust(document), "run `npm run docs`");
	});

	it("its pieces are the first list, and the anchor is of its payload", () => {
		const bytes = concat(...pieces.map(([hex]) => fromHex(hex.replaceAll(" ", ""))));
		assert.equal(toHex(bytes), toHex(lists[0]!));
		const hash = createHash("sha256").update(read(lists[0]!).payload).digest();
		assert.equal(toHex(anchor), hash.subarray(0, 8).toString("hex"));
	});

	it("its lists are COSE_Sign that another library reads and OpenSSL verifies, the second by both roots", () => {
		for (const [n, signed] of lists.entries()) {
			const { signatures } = read(signed);
			assert.lengthOf(signatures, n + 1);
			for (const [i, { kid, signature, signs }] of signatures.entries()) {
				assert.deepEqual(Uint8Array.from(kid), roots[i]!.slice(0, 4));
				assert.isTrue(verify(null, signs, keyOf(roots[i]!), signature), `version ${n + 1}, signature ${i}`);
				assert.isFalse(verify(null, signs, keyOf(roots[1 - i]!), signature));
			}
		}
	});
});
