// SPDX-License-Identifier: Apache-2.0

import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "cborg";
import { assert } from "chai";
import { concat, fromHex, toHex } from "../../protocol/bytes.js";
import { EXAMPLES, withCredentials } from "../../tools/docs/credential-example.js";
import { root } from "../support/host.js";

describe("docs/credential.md", () => {
	it("has the examples that the code gives", () => {
		const document = readFileSync(join(root, "docs/credential.md"), "utf8");
		assert.equal(document, withCredentials(document), "run `npm run docs`");
	});

	for (const { title, pieces, issued, signedBy } of EXAMPLES)
		it(`${title}: the pieces are what is issued, and another library reads them so`, () => {
			const bytes = concat(...pieces.map(([hex]) => fromHex(hex.replaceAll(" ", ""))));
			assert.equal(toHex(bytes), toHex(issued));
			const [isProtected, unprotected, payload, signature] = decode(issued, { useMaps: true, strict: true });
			assert.deepEqual(decode(isProtected, { useMaps: true }), new Map([[1, -8]]));
			const kid = title.includes("reader") ? [] : [[4, signedBy.slice(0, 4)]];
			assert.deepEqual([...unprotected], kid);
			const claims: Map<number, unknown> = decode(payload, { useMaps: true, strict: true });
			assert.equal(claims.get(1), "harbour1");
			assert.equal(claims.get(2), title.includes("reader") ? "door-007" : undefined);
			assert.isAtMost(payload.length, title.includes("P-256") ? 79 : 76);
			// Sig_structure by hand: 84 6a "Signature1", 43 a10127, 40, 58 length, payload.
			const head = fromHex(`846a5369676e61747572653143a101274058${payload.length.toString(16)}`);
			const x = Buffer.from(signedBy).toString("base64url");
			const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
			assert.isTrue(verify(null, concat(head, payload), key, signature));
		});
});
