// SPDX-License-Identifier: Apache-2.0

/** The examples of docs/formats/phone-api.md; a spec reads and verifies them by OpenSSL. */
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex, utf8Encode } from "../../protocol/bytes.js";
import { acceptMessage, PHONE_HEADERS, requestMessage } from "../../site/lib/phone-request.js";
import { fill } from "./fill.js";

const crypto = new NodeCrypto();
/** That of docs/credential.md. */
const PHONE = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));
const TOKEN = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
/** 2026-06-01T12:00:00Z. */
const TIME = 1_780_315_200;
const REQUEST = { site: "harbour1", credential: "b1b2b3b4b5b6b7b8", path: "/api/phone/state", time: TIME };
const BODY = '{"list":3,"expires":1782907200}';

const sign = (message: Uint8Array): string => toHex(crypto.ed25519Sign(message, PHONE.secretKey));
const block = (kind: string, text: string): string => `\`\`\`${kind}\n${text}\n\`\`\``;

function accepting(): string {
	const message = acceptMessage(TOKEN);
	const body = { token: TOKEN, publicKey: toHex(PHONE.publicKey), signature: sign(message) };
	return [
		`The phone has the Ed25519 key of the seed \`03\` × 32, as in [credential.md](../credential.md). It signs`,
		block("text", Buffer.from(message).toString("utf8")),
		"and posts to `/api/phone/accept`:",
		block("json", JSON.stringify(body, null, "\t")),
	].join("\n\n");
}

function asking(): string {
	const message = requestMessage(REQUEST, crypto.sha256(utf8Encode(BODY)));
	return [
		"With the credential that it was given, at 2026-06-01T12:00:00Z, it signs",
		block("text", Buffer.from(message).toString("utf8")),
		"and posts:",
		block(
			"http",
			[
				"POST /api/phone/state HTTP/1.1",
				"Content-Type: application/json",
				`${PHONE_HEADERS.credential}: ${REQUEST.credential}`,
				`${PHONE_HEADERS.time}: ${TIME}`,
				`${PHONE_HEADERS.signature}: ${sign(message)}`,
				"",
				BODY,
			].join("\n"),
		),
	].join("\n\n");
}

/** The text of docs/formats/phone-api.md with its examples as they are now. */
export function withPhoneApi(document: string): string {
	return fill(fill(document, "accept", `\n${accepting()}\n`), "state", `\n${asking()}\n`);
}
