// SPDX-License-Identifier: Apache-2.0

import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, encode } from "cborg";
import { assert } from "chai";
import { correction, generate, mode } from "lean-qr";
import { concat, fromHex, toHex } from "../../protocol/bytes.js";
import { MAX_CODE_TEXT } from "../../protocol/qr/code.js";
import { qrExample, withQr } from "../../tools/docs/qr-example.js";
import { root } from "../support/host.js";

/** Public keys of the seeds 01 × 32 and 03 × 32, as in RFC 8032's algorithm by OpenSSL. */
const SITE = key("iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w");
const PHONE = key("7UkoxijRwsbq6QM4kFmVYSlZJzpcY_k2NsFGFKyHN9E");

function key(x: string) {
	return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

type Sign1 = [isProtected: Uint8Array, unprotected: Map<number, Uint8Array>, ...Uint8Array[]];

/** Base45 after the formula of RFC 9285 4.1, in big numbers. */
function base45(bytes: Uint8Array): string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
	let text = "";
	for (let i = 0; i < bytes.length; i += 2) {
		const group = bytes.subarray(i, i + 2);
		let rest = BigInt(`0x${toHex(group)}`);
		for (let digits = group.length + 1; digits > 0; digits--, rest /= 45n)
			text += alphabet[Number(rest % 45n)];
	}
	return text;
}

describe("docs/formats/qr.md", () => {
	it("has the example that the code gives", () => {
		const document = readFileSync(join(root, "docs/formats/qr.md"), "utf8");
		assert.equal(document, withQr(document), "run `npm run docs`");
	});

	it("its pieces are the code", () => {
		const { pieces, text } = qrExample();
		assert.equal(base45(concat(...pieces.map(([hex]) => fromHex(hex.replaceAll(" ", ""))))), text);
	});

	it("another library reads it, and OpenSSL verifies both signatures", () => {
		const { pieces, step } = qrExample();
		const bytes = concat(...pieces.map(([hex]) => fromHex(hex.replaceAll(" ", ""))));
		const open = { useMaps: true, strict: true };
		const [head, , payload, signature] = decode(bytes, open) as Sign1;
		const [credential, shown] = decode(payload!, open) as [Uint8Array, number];
		assert.equal(shown, step);
		assert.equal(step, Math.floor(Date.parse("2026-06-01T12:00:07Z") / 15_000));
		const signs = (isProtected: Uint8Array, aad: string, body: Uint8Array) =>
			encode(["Signature1", isProtected, Buffer.from(aad), body]);
		assert.isTrue(verify(null, signs(head, "lintel qr 1", payload!), PHONE, signature!));
		assert.isFalse(verify(null, signs(head, "", payload!), PHONE, signature!));
		const [inner, , claims, by] = decode(credential, open) as Sign1;
		assert.isTrue(verify(null, signs(inner, "", claims!), SITE, by!));
		const said = decode(claims!, open) as Map<number, unknown>;
		assert.deepEqual(
			[1, 2, 3, -65537].map((label) => said.get(label)),
			["harbour1", "+qr", "door-007", 3],
		);
		assert.isTrue((said.get(8) as Map<number, Map<number, unknown>>).get(1)!.has(-2));
	});

	it("a QR code of version 10 at level L holds the longest in alphanumeric mode, and no more", () => {
		const size = (length: number): number => {
			const options = { minCorrectionLevel: correction.L, maxCorrectionLevel: correction.L };
			return generate(mode.alphaNumeric("A".repeat(length)), options).size;
		};
		assert.equal(size(MAX_CODE_TEXT), 17 + 4 * 10);
		assert.equal(size(MAX_CODE_TEXT + 1), 17 + 4 * 11);
	});
});
