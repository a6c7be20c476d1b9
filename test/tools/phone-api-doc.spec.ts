// SPDX-License-Identifier: Apache-2.0

import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { withPhoneApi } from "../../tools/docs/phone-api-example.js";
import { root } from "../support/host.js";

describe("docs/formats/phone-api.md", () => {
	const document = readFileSync(join(root, "docs/formats/phone-api.md"), "utf8");
	const blocks = (kind: string): string[] =>
		[...document.matchAll(new RegExp(`\`\`\`${kind}\\n([^]*?)\\n\`\`\``, "g"))].map(([, text]) => text!);
	const isSigned = (message: string, signature: string, publicKey: string): boolean => {
		const x = Buffer.from(publicKey, "hex").toString("base64url");
		const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
		return verify(null, Buffer.from(message, "utf8"), key, Buffer.from(signature, "hex"));
	};

	it("has the examples that the code gives", () => {
		assert.equal(document, withPhoneApi(document), "run `npm run docs`");
	});

	it("says what is signed, so that OpenSSL finds both signatures good", () => {
		const [accepted, asked] = blocks("text");
		const { publicKey, signature, token } = JSON.parse(blocks("json")[0]!);
		assert.equal(accepted, `lintel accept 1\n${token}`);
		assert.isTrue(isSigned(accepted!, signature, publicKey));

		const [head, body] = blocks("http")[0]!.split("\n\n") as [string, string];
		const [request, ...lines] = head.split("\n");
		const headers = Object.fromEntries(lines.map((line) => line.split(": ") as [string, string]));
		const [, path] = request!.split(" ");
		const hash = createHash("sha256").update(body).digest("hex");
		const { "lintel-credential": id, "lintel-signature": by, "lintel-time": time } = headers;
		assert.equal(asked, ["lintel phone 1", "harbour1", id, path, time, hash].join("\n"));
		assert.isTrue(isSigned(asked!, by!, publicKey));
		assert.isFalse(isSigned(`${asked}x`, by!, publicKey));
	});
});
