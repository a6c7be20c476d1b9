// SPDX-License-Identifier: Apache-2.0

/**
 * The credentials of docs/credential.md, byte by byte. The pieces are written down here by hand after RFC 8392, 8747 and
 * 9052, and put together; a spec compares them with what the code issues, and the document with both.
 */
import { NodeCrypto } from "../../hal/node/crypto.js";
import { fromHex, toHex, utf8Encode } from "../../protocol/bytes.js";
import { EDDSA, ES256, type PublicKey, signer } from "../../protocol/credential/cose.js";
import { type CredentialFields, issueCredential } from "../../protocol/credential/issue.js";

/** Bytes in hexadecimal, and what they are. */
export type Piece = readonly [hex: string, meaning: string];

export interface Example {
	readonly title: string;
	readonly pieces: readonly Piece[];
	/** What `issueCredential` makes of the same fields. */
	readonly issued: Uint8Array;
	/** The key that signed it. */
	readonly signedBy: Uint8Array;
}

const crypto = new NodeCrypto();
const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

const SITE = crypto.ed25519KeyPair(seed(1));
const READER = crypto.ed25519KeyPair(seed(2));
const PHONE = crypto.ed25519KeyPair(seed(3));
const PHONE_P256 = crypto.p256KeyPair(seed(4))!;

const text = (value: string): string => toHex(utf8Encode(value));
const uint32 = (value: number): string => value.toString(16).padStart(8, "0");

const ED25519_HEAD: readonly Piece[] = [
	["08", "cnf (8), RFC 8747"],
	["a1 01", "a map of 1: COSE_Key (1)"],
	["a3", "a map of 3"],
	["01 01", "kty (1): OKP (1)"],
	["20 06", "crv (-1): Ed25519 (6)"],
	["21 58 20", "x (-2): 32 bytes"],
];

const P256_HEAD: readonly Piece[] = [
	["08", "cnf (8), RFC 8747"],
	["a1 01", "a map of 1: COSE_Key (1)"],
	["a4", "a map of 4"],
	["01 02", "kty (1): EC2 (2)"],
	["20 01", "crv (-1): P-256 (1)"],
	["21 58 20", "x (-2): 32 bytes"],
];

/** The first bytes of the key that signs. */
const KID = SITE.publicKey.slice(0, 4);

/** COSE_Sign1 by the site around the pieces of a claims set. A phone's names the key. */
function signed(claims: readonly Piece[], isPhone: boolean, signature: Uint8Array): readonly Piece[] {
	const length = claims.reduce((sum, [hex]) => sum + hex.replaceAll(" ", "").length / 2, 0);
	return [
		["84", "COSE_Sign1, untagged: an array of 4 (RFC 9052)"],
		["43 a1 01 27", "protected: { alg (1): EdDSA (-8) }"],
		isPhone
			? [`a1 04 44 ${toHex(KID)}`, "unprotected: { kid (4): 4 bytes }"]
			: ["a0", "unprotected: nothing"],
		[`58 ${length.toString(16)}`, `payload: ${length} bytes, the claims (RFC 8392)`],
		...claims,
		["58 40", "signature: 64 bytes, by the site"],
		[toHex(signature), ""],
	];
}

function example(title: string, fields: CredentialFields, claims: readonly Piece[]): Example {
	const isPhone = fields.subject === undefined;
	const issued = issueCredential(
		fields,
		signer(crypto, EDDSA, SITE.secretKey),
		isPhone ? { kid: KID } : undefined,
	);
	return {
		title,
		pieces: signed(claims, isPhone, issued.subarray(issued.length - 64)),
		issued,
		signedBy: SITE.publicKey,
	};
}

const dates = { notBefore: 1_767_225_600, expires: 1_798_761_600 };
const key = (algorithm: PublicKey["algorithm"], publicKey: Uint8Array): PublicKey => ({
	algorithm,
	publicKey,
});

export const EXAMPLES: readonly Example[] = [
	example(
		"A reader's credential",
		{
			issuer: "harbour1",
			subject: "door-007",
			id: fromHex("a1a2a3a4a5a6a7a8"),
			key: key(EDDSA, READER.publicKey),
		},
		[
			["a4", "a map of 4"],
			[`01 68 ${text("harbour1")}`, 'iss (1): "harbour1", the site'],
			[`02 68 ${text("door-007")}`, 'sub (2): "door-007", the door'],
			["07 48 a1a2a3a4a5a6a7a8", "cti (7): 8 bytes"],
			...ED25519_HEAD,
			[toHex(READER.publicKey), ""],
		],
	),
	example(
		"A phone's credential",
		{
			issuer: "harbour1",
			id: fromHex("b1b2b3b4b5b6b7b8"),
			...dates,
			key: key(EDDSA, PHONE.publicKey),
		},
		[
			["a5", "a map of 5"],
			[`01 68 ${text("harbour1")}`, 'iss (1): "harbour1", the site'],
			[`04 1a ${uint32(dates.expires)}`, "exp (4): 2027-01-01T00:00:00Z"],
			[`05 1a ${uint32(dates.notBefore)}`, "nbf (5): 2026-01-01T00:00:00Z"],
			["07 48 b1b2b3b4b5b6b7b8", "cti (7): 8 random bytes"],
			...ED25519_HEAD,
			[toHex(PHONE.publicKey), ""],
		],
	),
	example(
		"A phone's credential with a P-256 key",
		{
			issuer: "harbour1",
			id: fromHex("c1c2c3c4c5c6c7c8"),
			...dates,
			key: key(ES256, PHONE_P256.publicKey),
		},
		[
			["a5", "a map of 5"],
			[`01 68 ${text("harbour1")}`, 'iss (1): "harbour1", the site'],
			[`04 1a ${uint32(dates.expires)}`, "exp (4): 2027-01-01T00:00:00Z"],
			[`05 1a ${uint32(dates.notBefore)}`, "nbf (5): 2026-01-01T00:00:00Z"],
			["07 48 c1c2c3c4c5c6c7c8", "cti (7): 8 random bytes"],
			...P256_HEAD,
			[toHex(PHONE_P256.publicKey.subarray(1, 33)), ""],
			[PHONE_P256.publicKey[64]! % 2 === 1 ? "22 f5" : "22 f4", "y (-3): whether it is odd"],
		],
	),
];

const BEGIN = "<!-- the examples: npm run docs -->";
const END = "<!-- end of the examples -->";
/** Where the meanings begin, characters. */
const COLUMN = 36;

/** Pieces as lines, 32 bytes a line at most. */
export function piecesText(pieces: readonly Piece[]): string {
	const lines: string[] = [];
	for (const [hex, meaning] of pieces) {
		const digits = hex.includes(" ") ? [hex] : hex.match(/.{1,64}/g)!;
		for (const part of digits) lines.push(meaning ? `${part.padEnd(COLUMN)}${meaning}` : part);
	}
	return lines.join("\n");
}

function format({ title, pieces, issued }: Example): string {
	return `### ${title}, ${issued.length} bytes\n\n\`\`\`text\n${piecesText(pieces)}\n\`\`\``;
}

/** The document with its examples as they are now. */
export function withCredentials(document: string): string {
	const from = document.indexOf(BEGIN);
	const to = document.indexOf(END);
	if (from < 0 || to < from) throw new Error("the document has no place for the examples");
	const site = `The site signs with the Ed25519 key of the seed \`01\` × 32, whose public key is\n\`${toHex(SITE.publicKey)}\`; the\nkeys of reader, phone and P-256 phone come of \`02\`, \`03\` and \`04\` × 32.`;
	const block = [site, ...EXAMPLES.map(format)].join("\n\n");
	return `${document.slice(0, from + BEGIN.length)}\n\n${block}\n\n${document.slice(to)}`;
}
