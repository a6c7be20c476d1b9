// SPDX-License-Identifier: Apache-2.0

/**
 * The notices of docs/formats/notice.md. They are written down here by hand after that page and RFC 9052, piece by piece; a spec compares
 * them with what the code makes, and verifies them by another library.
 */
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex, utf8Encode } from "../../protocol/bytes.js";
import { signLockdown, signRevocation } from "../../site/lib/notice/sign.js";
import { signingKey } from "../../site/lib/site-keys.js";
import { type Piece, piecesText } from "./credential-example.js";
import { fill } from "./fill.js";

const crypto = new NodeCrypto();
/** The key that signs in docs/credential.md, docs/plan.md and docs/formats/trust.md. */
const SITE = crypto.ed25519KeyPair(new Uint8Array(32).fill(1));
const BY = { crypto, epoch: 1, ...signingKey(SITE, crypto) };
const ISSUED = 1_767_225_600;

const NOTICE = { site: "harbour1", sequence: 3, issued: ISSUED };
/** The phone of docs/credential.md, and another one. */
const IDS = [0xb1, 0xc1].map((first) => Uint8Array.from({ length: 8 }, (_, i) => first + i));

const text = (value: string): string => toHex(utf8Encode(value));
const uint32 = (value: number): string => value.toString(16).padStart(8, "0");

export interface NoticeExample {
	readonly context: string;
	readonly signed: Uint8Array;
	readonly pieces: readonly Piece[];
}

function piecesOf(signed: Uint8Array, size: string, payload: readonly Piece[]): readonly Piece[] {
	return [
		["d2", "tag 18: COSE_Sign1 (RFC 9052)"],
		["84", "an array of 4"],
		["43 a1 01 27", "protected: { alg (1): EdDSA (-8) }"],
		[`a1 04 44 ${toHex(SITE.publicKey.subarray(0, 4))}`, "unprotected: { kid (4): 4 bytes }"],
		[size, `payload: ${Number.parseInt(size.slice(3), 16)} bytes`],
		...payload,
		["58 40", "signature: 64 bytes"],
		[toHex(signed.subarray(signed.length - 64)), ""],
	];
}

const HEAD: readonly Piece[] = [
	[text(NOTICE.site), '"harbour1", the site'],
	["00000001", "epoch 1"],
	["00000003", "sequence 3"],
	[uint32(ISSUED), "issued 2026-01-01T00:00:00Z"],
];

export function noticeExamples(): readonly [revocation: NoticeExample, lockdown: NoticeExample] {
	const revocation = signRevocation(NOTICE, IDS, BY);
	const lockdown = signLockdown({ ...NOTICE, length: 3600, doors: ["door-007"] }, BY);
	return [
		{
			context: "lintel revocation",
			signed: revocation,
			pieces: piecesOf(revocation, "58 28", [
				["4c 4e 52 31", '"LNR1"'],
				...HEAD,
				...IDS.map((id): Piece => [toHex(id), "revoked"]),
			]),
		},
		{
			context: "lintel lockdown",
			signed: lockdown,
			pieces: piecesOf(lockdown, "58 24", [
				["4c 4e 4c 31", '"LNL1"'],
				...HEAD,
				[uint32(3600), "for one hour"],
				[text("door-007"), '"door-007"'],
			]),
		},
	];
}

/** The text of docs/formats/notice.md with its examples as they are now. */
export function withNotices(document: string): string {
	const [revocation, lockdown] = noticeExamples();
	const example = [
		"The key that signs has the seed `01` × 32.",
		`A revocation, ${revocation.signed.length} bytes:`,
		`\`\`\`text\n${piecesText(revocation.pieces)}\n\`\`\``,
		`A lockdown, ${lockdown.signed.length} bytes:`,
		`\`\`\`text\n${piecesText(lockdown.pieces)}\n\`\`\``,
	].join("\n\n");
	return fill(document, "example", `\n${example}\n`);
}
