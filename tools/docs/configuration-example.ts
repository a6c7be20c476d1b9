// SPDX-License-Identifier: Apache-2.0

/**
 * The signed configuration of docs/formats/configuration.md. Its pieces are written down here by hand after that page and RFC 9052; a spec
 * compares them with what the code makes, and verifies it by another library.
 */
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex, utf8Encode } from "../../protocol/bytes.js";
import { checkConfig, type ReaderConfig } from "../../protocol/config/document.js";
import { signConfiguration } from "../../site/lib/configuration/sign.js";
import { signingKey } from "../../site/lib/site-keys.js";
import { type Piece, piecesText } from "./credential-example.js";
import { fill } from "./fill.js";

const crypto = new NodeCrypto();
/** The key that signs in docs/credential.md, here an installer's. */
const INSTALLER = crypto.ed25519KeyPair(new Uint8Array(32).fill(1));
const NUMBER = 1_767_225_600;

const text = (value: string): string => `${(0x60 + value.length).toString(16)} ${toHex(utf8Encode(value))}`;

/** The configuration of the example: all as it is by default. */
export const { config: EXAMPLE } = checkConfig({ id: "door-007" }) as { config: ReaderConfig };

export interface ConfigurationExample {
	readonly signed: Uint8Array;
	readonly pieces: readonly Piece[];
}

export function configurationExample(): ConfigurationExample {
	const signed = signConfiguration("harbour1", EXAMPLE, NUMBER, signingKey(INSTALLER, crypto));
	const marker = utf8Encode("configuration");
	const at = signed.findIndex((_, i) => marker.every((byte, j) => signed[i + j] === byte)) + marker.length;
	const end = signed.length - 66;
	const size = (signed[14]! << 8) | signed[15]!;
	return {
		signed,
		pieces: [
			["d2", "tag 18: COSE_Sign1 (RFC 9052)"],
			["84", "an array of 4"],
			["43 a1 01 27", "protected: { alg (1): EdDSA (-8) }"],
			[`a1 04 44 ${toHex(INSTALLER.publicKey.subarray(0, 4))}`, "unprotected: { kid (4): 4 bytes }"],
			[`59 ${size.toString(16).padStart(4, "0")}`, `payload: ${size} bytes`],
			["a4", "a map of 4, the shorter names first"],
			[`${text("door")} ${text("door-007")}`, '"door": "door-007"'],
			[`${text("site")} ${text("harbour1")}`, '"site": "harbour1"'],
			[`${text("number")} 1a ${NUMBER.toString(16)}`, `"number": ${NUMBER}`],
			[text("configuration"), '"configuration": the document, as CBOR'],
			[toHex(signed.subarray(at, end)), ""],
			["58 40", "signature: 64 bytes"],
			[toHex(signed.subarray(signed.length - 64)), ""],
		],
	};
}

/** The text of docs/formats/configuration.md with its example as it is now. */
export function withConfiguration(document: string): string {
	const { pieces, signed } = configurationExample();
	const example = `The key that signs has the seed \`01\` × 32; all settings are the default. ${signed.length} bytes:`;
	return fill(document, "example", `\n${example}\n\n\`\`\`text\n${piecesText(pieces)}\n\`\`\`\n`);
}
