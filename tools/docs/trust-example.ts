// SPDX-License-Identifier: Apache-2.0

/**
 * The trust lists of docs/formats/trust.md. The first one is written down here by hand after that page and RFC 9052, piece by piece; a
 * spec compares it with what the code makes, and verifies both by another library.
 */
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex, utf8Encode } from "../../protocol/bytes.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { encodeList, rootSigner, signList, type TrustModel } from "../../site/lib/trust/model.js";
import { type Piece, piecesText } from "./credential-example.js";
import { fill } from "./fill.js";

const crypto = new NodeCrypto();
const pair = (byte: number): KeyPair => crypto.ed25519KeyPair(new Uint8Array(32).fill(byte));

/** The key that signs in docs/credential.md and docs/plan.md, an installer's, the root and the one that follows it. */
const [SITE, INSTALLER, ROOT, NEXT] = [pair(1), pair(5), pair(6), pair(7)];
const ISSUED = 1_767_225_600;
const END = 1_798_761_600;

const FIRST: TrustModel = {
	...{ site: "harbour1", version: 1, epoch: 1, issued: ISSUED, threshold: 1, roots: [ROOT.publicKey] },
	keys: [
		{ publicKey: SITE.publicKey, roles: ["issue", "plan", "commission"] },
		{ publicKey: INSTALLER.publicKey, roles: ["install"], until: END, doors: ["door-007"] },
	],
	revoked: [],
};

/** The root is changed, the installer's laptop and the reader with the id a1…a8 were stolen. */
const SECOND: TrustModel = {
	...FIRST,
	...{ version: 2, issued: ISSUED + 86_400, roots: [NEXT.publicKey] },
	keys: [FIRST.keys[0]!, { ...FIRST.keys[1]!, state: "stolen" }],
	revoked: [Uint8Array.of(0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8)],
};

const text = (value: string): string => toHex(utf8Encode(value));
const uint32 = (value: number): string => value.toString(16).padStart(8, "0");
const kid = ({ publicKey }: KeyPair): string => toHex(publicKey.subarray(0, 4));

export interface TrustExample {
	/** Of the first list, signed. */
	readonly pieces: readonly Piece[];
	readonly lists: readonly Uint8Array[];
	readonly roots: readonly Uint8Array[];
	readonly anchor: Uint8Array;
}

export function trustExample(): TrustExample {
	const payload = encodeList(FIRST);
	const first = signList(payload, [rootSigner(ROOT, crypto)]);
	const both = [ROOT, NEXT].map((root) => rootSigner(root, crypto));
	const second = signList(encodeList(SECOND), both);
	const pieces: readonly Piece[] = [
		["d8 62", "tag 98: COSE_Sign (RFC 9052)"],
		["84", "an array of 4"],
		["40", "protected: nothing"],
		["a0", "unprotected: nothing"],
		["58 96", "payload: 150 bytes"],
		["4c 54 4c 31", '"LTL1"'],
		["00000001", "version 1"],
		["00000001", "epoch 1"],
		[uint32(ISSUED), "issued 2026-01-01T00:00:00Z"],
		[text("harbour1"), '"harbour1", the site'],
		["01", "threshold 1"],
		["01", "1 root"],
		["02", "2 keys"],
		["00", "no revoked readers"],
		[toHex(ROOT.publicKey), ""],
		[toHex(SITE.publicKey), ""],
		["07", "roles: issue, plan, commission"],
		["00", "good"],
		["0000", "signs credentials of any length"],
		["00000000", "has no end"],
		["00", "is for all doors"],
		[toHex(INSTALLER.publicKey), ""],
		["20", "role: install"],
		["00", "good"],
		["0000", ""],
		[uint32(END), "until 2027-01-01T00:00:00Z"],
		["01", "is for 1 door"],
		[text("door-007"), '"door-007"'],
		["81", "signatures: an array of 1"],
		["83", "COSE_Signature: an array of 3"],
		["43 a1 01 27", "protected: { alg (1): EdDSA (-8) }"],
		[`a1 04 44 ${kid(ROOT)}`, "unprotected: { kid (4): 4 bytes }"],
		["58 40", "signature: 64 bytes, by the root"],
		[toHex(first.subarray(first.length - 64)), ""],
	];
	return {
		pieces,
		lists: [first, second],
		roots: [ROOT.publicKey, NEXT.publicKey],
		anchor: crypto.sha256(payload).slice(0, 8),
	};
}

function block(hex: string): string {
	return `\`\`\`text\n${hex.replace(/(.{64})(?=.)/g, "$1\n")}\n\`\`\``;
}

/** The text of docs/formats/trust.md with its example as it is now. */
export function withTrust(document: string): string {
	const { anchor, lists, pieces } = trustExample();
	const [first, second] = lists as [Uint8Array, Uint8Array];
	const example = [
		"The root's seed is `06` × 32, that of the next root `07` × 32, of the key that signs `01` × 32, of the installer's `05` × 32.",
		`Version 1, ${first.length} bytes; the anchor is \`${toHex(anchor)}\`:`,
		`\`\`\`text\n${piecesText(pieces)}\n\`\`\``,
		`Version 2, ${second.length} bytes: another root, the installer's key \`stolen\`, the reader \`a1a2a3a4a5a6a7a8\` revoked; signed by both roots.`,
		block(toHex(second)),
	].join("\n\n");
	return fill(document, "example", `\n${example}\n`);
}
