// SPDX-License-Identifier: Apache-2.0

import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, encode, Tagged } from "cborg";
import { assert } from "chai";
import { concat, fromHex, toHex } from "../../protocol/bytes.js";
import { configurationExample, EXAMPLE, withConfiguration } from "../../tools/docs/configuration-example.js";
import { root } from "../support/host.js";

/** Public key of the seed 01 × 32, as in RFC 8032's algorithm by OpenSSL. */
const KEY = createPublicKey({
	key: { kty: "OKP", crv: "Ed25519", x: "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w" },
	format: "jwk",
});

describe("docs/formats/configuration.md", () => {
	const { pieces, signed } = configurationExample();

	it("has the example that the code gives", () => {
		const document = readFileSync(join(root, "docs/formats/configuration.md"), "utf8");
		assert.equal(document, withConfiguration(document), "run `npm run docs`");
	});

	it("its pieces are what is signed", () => {
		const bytes = concat(...pieces.map(([hex]) => fromHex(hex.replaceAll(" ", ""))));
		assert.equal(toHex(bytes), toHex(signed));
	});

	it("another library reads it, and OpenSSL verifies it", () => {
		const { value } = decode(signed, { useMaps: true, strict: true, tags: Tagged.preserve(18) });
		const [isProtected, unprotected, payload, signature] = value as [
			Uint8Array,
			Map<number, Uint8Array>,
			Uint8Array,
			Uint8Array,
		];
		assert.deepEqual([...unprotected.keys()], [4]);
		assert.deepEqual(decode(payload), {
			door: "door-007",
			site: "harbour1",
			number: 1_767_225_600,
			configuration: JSON.parse(JSON.stringify(EXAMPLE)),
		});
		const signs = (aad: string) => encode(["Signature1", isProtected, Buffer.from(aad), payload]);
		assert.isTrue(verify(null, signs("lintel configuration"), KEY, signature));
		assert.isFalse(verify(null, signs("lintel plan"), KEY, signature));
	});
});
