// SPDX-License-Identifier: Apache-2.0

/**
 * The code of docs/formats/qr.md. It is written down here by hand after that page, RFC 8392 and RFC 9052, piece by piece; a spec compares
 * it with what the code makes, and reads and verifies it by other libraries.
 */
import { NodeCrypto } from "../../hal/node/crypto.js";
import { fromHex, toHex, utf8Encode } from "../../protocol/bytes.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { QR_ROLE } from "../../protocol/credential/credential.js";
import { issueCredential } from "../../protocol/credential/issue.js";
import { stepAt } from "../../protocol/qr/code.js";
import { codeToSign, encodeCode } from "../../protocol/qr/encode.js";
import { type Piece, piecesText } from "./credential-example.js";
import { fill } from "./fill.js";

const crypto = new NodeCrypto();
/** The keys of docs/credential.md. */
const SITE = crypto.ed25519KeyPair(new Uint8Array(32).fill(1));
const PHONE = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));
const KID = SITE.publicKey.slice(0, 4);

/** 2026-06-01T12:00:07Z. */
const SHOWN = 1_780_315_207;
const DATES = { notBefore: 1_780_272_000, expires: 1_780_358_400 };
const DOOR = "door-007";
const COUNT = 3;

const text = (value: string): string => toHex(utf8Encode(value));
const uint32 = (value: number): string => value.toString(16).padStart(8, "0");

export interface QrExample {
	readonly credential: Uint8Array;
	readonly step: number;
	readonly pieces: readonly Piece[];
	readonly text: string;
}

export function qrExample(): QrExample {
	const credential = issueCredential(
		{
			...{ issuer: "harbour1", subject: QR_ROLE, audience: DOOR, id: fromHex("b1b2b3b4b5b6b7b8") },
			...{ ...DATES, key: { algorithm: EDDSA, publicKey: PHONE.publicKey }, count: COUNT },
		},
		signer(crypto, EDDSA, SITE.secretKey),
		{ kid: KID },
	);
	const fields = { credential, step: stepAt(SHOWN) };
	const signature = signer(crypto, EDDSA, PHONE.secretKey).sign(codeToSign(fields));
	const signed = credential.subarray(credential.length - 64);
	const pieces: readonly Piece[] = [
		["84", "COSE_Sign1, untagged: an array of 4 (RFC 9052)"],
		["43 a1 01 27", "protected: { alg (1): EdDSA (-8) }"],
		["a0", "unprotected: nothing"],
		["58 b9", "payload: 185 bytes"],
		["82", "an array of 2"],
		["58 b1", "the credential: 177 bytes, a COSE_Sign1 itself"],
		["84", "an array of 4"],
		["43 a1 01 27", "protected: { alg (1): EdDSA (-8) }"],
		[`a1 04 44 ${toHex(KID)}`, "unprotected: { kid (4): 4 bytes }"],
		["58 61", "payload: 97 bytes, the claims (RFC 8392)"],
		["a8", "a map of 8"],
		[`01 68 ${text("harbour1")}`, 'iss (1): "harbour1", the site'],
		[`02 63 ${text("+qr")}`, 'sub (2): "+qr", the class'],
		[`03 68 ${text(DOOR)}`, 'aud (3): "door-007", the one door'],
		[`04 1a ${uint32(DATES.expires)}`, "exp (4): 2026-06-02T00:00:00Z"],
		[`05 1a ${uint32(DATES.notBefore)}`, "nbf (5): 2026-06-01T00:00:00Z"],
		["07 48 b1b2b3b4b5b6b7b8", "cti (7): that of the phone's credential for radios"],
		["08", "cnf (8), RFC 8747"],
		["a1 01", "a map of 1: COSE_Key (1)"],
		["a3", "a map of 3"],
		["01 01", "kty (1): OKP (1)"],
		["20 06", "crv (-1): Ed25519 (6)"],
		["21 58 20", "x (-2): 32 bytes"],
		[toHex(PHONE.publicKey), ""],
		["3a 00010000 03", "count (-65537): 3"],
		["58 40", "signature: 64 bytes, by the site"],
		[toHex(signed), ""],
		[`1a ${uint32(fields.step)}`, `step ${fields.step}: 2026-06-01T12:00:00Z`],
		["58 40", "signature: 64 bytes, by the phone"],
		[toHex(signature), ""],
	];
	return { credential, step: fields.step, pieces, text: encodeCode(fields, signature) };
}

/** The text of docs/formats/qr.md with its example as it is now. */
export function withQr(document: string): string {
	const { pieces, text: code } = qrExample();
	const length = pieces.reduce((sum, [hex]) => sum + hex.replaceAll(" ", "").length / 2, 0);
	const example = [
		"The site signs with the Ed25519 key of the seed `01` × 32, the phone with that of `03` × 32, as in [credential.md](../credential.md). It shows this from 2026-06-01T12:00:00Z on for 15 s:",
		`\`\`\`text\n${piecesText(pieces)}\n\`\`\``,
		`These ${length} bytes are ${code.length} characters of Base45:`,
		`\`\`\`text\n${code.match(/.{1,76}/g)!.join("\n")}\n\`\`\``,
	].join("\n\n");
	return fill(document, "example", `\n${example}\n`);
}
