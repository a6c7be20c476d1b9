// SPDX-License-Identifier: Apache-2.0

import { createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { decode, encode } from "cborg";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { HceExchange } from "../../phone/hce.js";
import { Holder } from "../../phone/holder.js";
import { concat, toHex } from "../../protocol/bytes.js";
import type { Random } from "../../protocol/crypto.js";
/**
 * The worked example of docs/PROTOCOL.md: one tap with suite 4 between a seeded reader and phone, and every value between
 * the messages, computed here once more by Node's crypto and the `cborg` library after the formulas of RFC 9528. A spec
 * compares the document with this, and this with the messages, so that neither can drift.
 */
import { nfcTap } from "../../sim/nfc/tap.js";
import { SeededRandom } from "../../sim/random.js";
import { SimSite } from "../../sim/site.js";
import { Edhoc } from "../../src/schemes/edhoc/scheme.js";

export interface Row {
	readonly name: string;
	readonly value: Uint8Array;
	readonly note?: string;
}

/** Gives 32-byte ephemeral secrets and remembers them. */
class Remembering implements Random {
	readonly given: Uint8Array[] = [];
	readonly #random: Random;

	constructor(random: Random) {
		this.#random = random;
	}

	fill(into: Uint8Array): void {
		this.#random.fill(into);
		this.given.push(into.slice());
	}
}

export const bstr = (bytes: Uint8Array): Uint8Array => encode(bytes);
export const sha256 = (data: Uint8Array): Uint8Array =>
	new Uint8Array(createHash("sha256").update(data).digest());

/** RFC 9528 4.1.2: EDHOC_KDF( PRK, info_label, context, length ) with HKDF-Expand over SHA-256. */
export function kdf(prk: Uint8Array, label: number, context: Uint8Array, length: number): Uint8Array {
	const info = concat(encode(label), bstr(context), encode(length));
	return expand(prk, info, length);
}

/** HKDF-Expand, RFC 5869 2.3: Node has it only together with Extract. */
function expand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
	const crypto = new NodeCrypto();
	let block: Uint8Array = new Uint8Array(0);
	const parts: Uint8Array[] = [];
	for (let i = 1, have = 0; have < length; i++, have += 32) {
		block = crypto.hmacSha256(prk, concat(block, info, Uint8Array.of(i)));
		parts.push(block);
	}
	return concat(...parts).subarray(0, length);
}

/** HKDF-Extract: RFC 5869 2.2, which is HMAC(salt, input). Checked against Node's whole HKDF. */
export function extract(salt: Uint8Array, input: Uint8Array): Uint8Array {
	const prk = new NodeCrypto().hmacSha256(salt, input);
	const whole = new Uint8Array(hkdfSync("sha256", input, salt, new Uint8Array(0), 32));
	if (toHex(expand(prk, new Uint8Array(0), 32)) !== toHex(whole)) throw new Error("HKDF differs");
	return prk;
}

export function open(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array {
	const decipher = createDecipheriv("chacha20-poly1305", key, iv, { authTagLength: 16 });
	decipher.setAAD(aad, { plaintextLength: sealed.length - 16 });
	decipher.setAuthTag(sealed.subarray(sealed.length - 16));
	const plaintext = decipher.update(sealed.subarray(0, sealed.length - 16));
	decipher.final();
	return new Uint8Array(plaintext);
}

/** The additional data of message_3 and message_4 (RFC 9528 5.4.2): Enc_structure with no protected header. */
export function aad(th: Uint8Array): Uint8Array {
	return encode(["Encrypt0", new Uint8Array(0), th]);
}

const TAGS = { tags: [] };

export function bytesOf(item: Uint8Array): Uint8Array {
	return decode(item, TAGS) as Uint8Array;
}

/** The example's parties, seeded. */
class Example {
	readonly crypto = new NodeCrypto();
	readonly #random = new SeededRandom(1);
	readonly site = new SimSite(this.crypto, this.#random);
	readonly reader = this.site.reader("FRONT");
	readonly phone = this.site.phone();
	readonly phoneRandom = new Remembering(this.#random);
	readonly readerRandom = new Remembering(this.#random);
}

/** One tap. */
function tap({ crypto, site, reader, phone, phoneRandom, readerRandom }: Example): readonly HceExchange[] {
	const holder = new Holder({
		crypto,
		random: phoneRandom,
		credential: phone.own,
		suite: 4,
		trust: site.trust,
	});
	const edhoc = new Edhoc({
		crypto,
		random: readerRandom,
		suites: [4],
		credentials: [reader.own],
		site,
		door: "FRONT",
	});
	const session = edhoc.nfc({
		onIdentity: () => ({ granted: true, reason: "granted" }),
		onRefused: (reason, detail) => {
			throw new Error(`${reason}: ${detail}`);
		},
	});
	const exchanges = nfcTap(session, holder);
	if (exchanges.length !== 3) throw new Error("the example did not complete");
	return exchanges;
}

const dataOf = (response: Uint8Array): Uint8Array => response.subarray(0, response.length - 2);
const bodyOf = (command: Uint8Array): Uint8Array => command.subarray(5, 5 + command[4]!);

/** The keys of the parties, and all up to message_2. */
function firstHalf(example: Example, exchanges: readonly HceExchange[]) {
	const { crypto, site, reader, phone, phoneRandom, readerRandom } = example;
	const message1 = dataOf(exchanges[0]!.response).subarray(1);
	const message2 = bodyOf(exchanges[1]!.command);
	const x = phoneRandom.given[0]!;
	const y = readerRandom.given[0]!;
	const gX = crypto.x25519KeyPair(x).publicKey;
	const gY = crypto.x25519KeyPair(y).publicKey;
	const gXY = crypto.x25519(x, gY)!;
	const th2 = sha256(concat(bstr(gY), bstr(sha256(message1))));
	const prk2e = extract(th2, gXY);
	const ciphertext2 = bytesOf(message2).subarray(32);
	const keystream2 = kdf(prk2e, 0, th2, ciphertext2.length);
	const plaintext2 = ciphertext2.map((byte, i) => byte ^ keystream2[i]!);
	const rows: Row[] = [
		{
			name: "site's key, seed",
			value: site.keys.signing.secretKey.subarray(0, 32),
			note: "Ed25519 (RFC 8032)",
		},
		{ name: "site's key, public", value: site.keys.signing.publicKey },
		{ name: "reader's key, seed", value: reader.secretKey.subarray(0, 32) },
		{ name: "reader's credential", value: reader.cwt, note: "CRED_R" },
		{ name: "phone's key, seed", value: phone.secretKey.subarray(0, 32) },
		{ name: "phone's credential", value: phone.cwt, note: "CRED_I" },
		{ name: "SELECT", value: exchanges[0]!.command, note: "reader to phone" },
		{ name: "X", value: x, note: "the phone's ephemeral secret" },
		{ name: "G_X", value: gX },
		{ name: "message_1", value: message1, note: "method 0, suite 4, G_X, C_I 01" },
		{ name: "answer", value: exchanges[0]!.response, note: "version 02, message_1, 9000" },
		{ name: "Y", value: y, note: "the reader's ephemeral secret" },
		{ name: "G_Y", value: gY },
		{ name: "G_XY", value: gXY },
		{ name: "H(message_1)", value: sha256(message1) },
		{ name: "TH_2", value: th2 },
		{ name: "PRK_2e", value: prk2e, note: "and PRK_3e2m and PRK_4e3m: method 0" },
		{ name: "PLAINTEXT_2", value: plaintext2, note: "C_R 00, ID_CRED_R, Signature_or_MAC_2" },
		{ name: "KEYSTREAM_2", value: keystream2 },
		{ name: "message_2", value: message2 },
	];
	return { rows, th2, prk2e, plaintext2 };
}

/** All after message_2. */
function secondHalf(
	{ reader, phone }: Example,
	exchanges: readonly HceExchange[],
	{ th2, prk2e, plaintext2 }: ReturnType<typeof firstHalf>,
): Row[] {
	const message3 = dataOf(exchanges[1]!.response);
	const message4 = bodyOf(exchanges[2]!.command);
	const th3 = sha256(concat(bstr(th2), plaintext2, reader.own.cred));
	const k3 = kdf(prk2e, 3, th3, 32);
	const iv3 = kdf(prk2e, 4, th3, 12);
	const plaintext3 = open(k3, iv3, aad(th3), bytesOf(message3));
	const th4 = sha256(concat(bstr(th3), plaintext3, phone.own.cred));
	const k4 = kdf(prk2e, 8, th4, 32);
	const iv4 = kdf(prk2e, 9, th4, 12);
	const plaintext4 = open(k4, iv4, aad(th4), bytesOf(message4));
	return [
		{ name: "MESSAGE P1=2", value: exchanges[1]!.command, note: "reader to phone" },
		{ name: "TH_3", value: th3 },
		{
			name: "PLAINTEXT_3",
			value: plaintext3,
			note: "ID_CRED_I, Signature_or_MAC_3, EAD_3: label 4c49 critical, over NFC 02",
		},
		{ name: "K_3", value: k3 },
		{ name: "IV_3", value: iv3 },
		{ name: "message_3", value: message3 },
		{ name: "answer", value: exchanges[1]!.response, note: "message_3, 9000" },
		{ name: "TH_4", value: th4 },
		{
			name: "PLAINTEXT_4",
			value: plaintext4,
			note: "EAD_4: label 4c54, the decision 00; label 4c56, list version 01",
		},
		{ name: "K_4", value: k4 },
		{ name: "IV_4", value: iv4 },
		{ name: "message_4", value: message4 },
		{ name: "MESSAGE P1=4", value: exchanges[2]!.command, note: "reader to phone" },
		{ name: "answer", value: exchanges[2]!.response },
	];
}

/** Every value of the example, in the order of the exchange. */
export function workedExample(): { rows: Row[]; exchanges: readonly HceExchange[] } {
	const example = new Example();
	const exchanges = tap(example);
	const first = firstHalf(example, exchanges);
	return { rows: [...first.rows, ...secondHalf(example, exchanges, first)], exchanges };
}

/** The example as it stands in the document: a block of text, 32 bytes a line. */
export function formatExample(rows: readonly Row[]): string {
	return rows
		.map(({ name, value, note }) => {
			const hex = toHex(value).match(/.{1,64}/g) ?? [""];
			const title = `${name} (${value.length} bytes)${note ? `: ${note}` : ""}`;
			return [title, ...hex.map((line) => `  ${line}`)].join("\n");
		})
		.join("\n");
}

const BEGIN = "<!-- worked example: `npm run docs` -->";
const END = "<!-- end of the worked example -->";

/** `document` with the example in its place. */
export function withExample(document: string): string {
	const from = document.indexOf(BEGIN);
	const to = document.indexOf(END);
	if (from < 0 || to < from) throw new Error("the document has no place for the worked example");
	const block = `\n\n\`\`\`text\n${formatExample(workedExample().rows)}\n\`\`\`\n\n`;
	return document.slice(0, from + BEGIN.length) + block + document.slice(to);
}
