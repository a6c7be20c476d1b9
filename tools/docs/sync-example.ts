// SPDX-License-Identifier: Apache-2.0

/**
 * The table of docs/formats/sync.md, and its worked session. What both ends derive is computed here once more after the page; a spec opens
 * the records with that.
 */
import { encode } from "cborg";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { concat } from "../../protocol/bytes.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { Ephemeral, type EphemeralSource } from "../../protocol/edhoc/ephemeral.js";
import { byKcwt } from "../../protocol/edhoc/id-cred.js";
import { MAX_FRAME, RECORD_HEAD } from "../../protocol/sync/bounds.js";
import { clearFrame, encodeMessage, MESSAGES, type Message } from "../../protocol/sync/messages.js";
import { ReaderHandshake } from "../../protocol/sync/reader-handshake.js";
import type { SyncSession } from "../../protocol/sync/session.js";
import { SiteHandshake, serverCredential, sessionIdIn } from "../../protocol/sync/site-handshake.js";
import { decodeList } from "../../protocol/trust/list.js";
import { encodeList } from "../../site/lib/trust/model.js";
import { EXAMPLES } from "./credential-example.js";
import { fill } from "./fill.js";
import { aad, bstr, bytesOf, extract, formatExample, kdf, open, type Row, sha256 } from "./worked-example.js";

const crypto = new NodeCrypto();
const pair = (byte: number): KeyPair => crypto.ed25519KeyPair(new Uint8Array(32).fill(byte));
/** As in docs/credential.md and docs/formats/trust.md: the key that signs, the reader's, the root; and a server's. */
const [OFFICE, READER, ROOT, SERVER] = [pair(1), pair(2), pair(6), pair(8)];
const [X, Y] = [new Uint8Array(32).fill(0x0a), new Uint8Array(32).fill(0x0b)];
const SITE = "harbour1";
const DOOR = "door-007";
const ISSUED = 1_767_225_600;
const NOW = ISSUED + 3600;
const NONCE = Uint8Array.of(0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8);
const LINK = Uint8Array.of(0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8);

const payload = encodeList({
	...{ site: SITE, version: 3, epoch: 1, issued: ISSUED, threshold: 1, roots: [ROOT.publicKey], revoked: [] },
	keys: [
		{ publicKey: OFFICE.publicKey, roles: ["issue", "plan", "commission"] },
		{ publicKey: SERVER.publicKey, roles: ["sync"], until: ISSUED + 90 * 86_400 },
	],
});
const trust = decodeList(payload)!;

const once = (secret: Uint8Array): EphemeralSource => ({
	take: (curve) => new Ephemeral(crypto, curve, secret.slice()),
});

/** A session of the site, and its messages, in their order. */
export function syncExample() {
	const cwt = EXAMPLES[0]!.issued;
	const reader = new ReaderHandshake({
		...{ crypto, ephemerals: once(X), trust, door: DOOR, now: NOW },
		random: { fill: (into) => into.set([0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]) },
		credential: { ...byKcwt(cwt), ...signer(crypto, EDDSA, READER.secretKey) },
	});
	const one = reader.begin();
	const credential = serverCredential(SITE, SERVER.publicKey, signer(crypto, EDDSA, SERVER.secretKey));
	const site = new SiteHandshake(
		{ crypto, ephemerals: once(Y), credential, trust, door: DOOR, registered: READER.publicKey, now: NOW },
		sessionIdIn(one)!,
	);
	const two = site.take(one)!;
	const three = reader.take(two)!;
	const four = site.take(three)!;
	reader.take(four);
	const ends = { reader: reader.session!, site: site.session! };
	const said = MESSAGES_SAID.map(([from, message]) => {
		const bytes = encodeMessage(message);
		return { from, message, bytes, record: sealed(ends[from], bytes) };
	});
	return { cwt, cred: credential.cred, frames: [one, two, three, four] as const, said };
}

/** What the two say in the worked session. */
const MESSAGES_SAID: readonly (readonly ["reader" | "site", Message])[] = [
	[
		"reader",
		{
			...{ name: "hello", id: 1, trust: 3, listHash: crypto.sha256(payload).slice(0, 8), epoch: 1 },
			...{ version: 41, notice: 0, lockdown: 0, log: 1027, acknowledged: 1001, link: LINK },
			...{ image: 1, clock: null },
		},
	],
	["reader", { name: "clock", id: 2, nonce: NONCE }],
	["site", { name: "time", id: 1, nonce: NONCE, seconds: NOW }],
	["site", { name: "ack", id: 2, of: 1, refusal: null }],
];

function sealed(by: SyncSession, bytes: Uint8Array): Uint8Array {
	const buffer = new Uint8Array(MAX_FRAME);
	buffer.set(bytes, RECORD_HEAD);
	return buffer.slice(0, by.seal(buffer, bytes.length));
}

/** What both ends have from EDHOC, after RFC 9528 by Node's crypto and `cborg`, from the frames and the secrets alone. */
export function syncKeys() {
	const { cred, cwt, frames } = syncExample();
	const [message1, message2, message3] = frames.map((frame) => frame.subarray(9)) as [
		Uint8Array,
		Uint8Array,
		Uint8Array,
	];
	const both = bytesOf(message2);
	const gY = both.subarray(0, 32);
	const th2 = sha256(concat(bstr(gY), bstr(sha256(message1))));
	const prk = extract(th2, crypto.x25519(X, gY)!);
	const keystream = kdf(prk, 0, th2, both.length - 32);
	const plaintext2 = both.subarray(32).map((byte, i) => byte ^ keystream[i]!);
	const th3 = sha256(concat(bstr(th2), plaintext2, cred));
	const plaintext3 = open(kdf(prk, 3, th3, 32), kdf(prk, 4, th3, 12), aad(th3), bytesOf(message3));
	const th4 = sha256(concat(bstr(th3), plaintext3, cwt));
	const prkOut = kdf(prk, 7, th4, 32);
	const prkExporter = kdf(prkOut, 10, new Uint8Array(0), 32);
	const context = encode([1, SITE, DOOR]);
	const exported = kdf(prkExporter, 0xcc53, context, 88);
	const part = (at: number, length: number): Uint8Array => exported.subarray(at, at + length);
	return {
		...{ plaintext2, plaintext3, th4, prkOut, prkExporter, context, exported },
		up: { key: part(0, 32), iv: part(32, 12) },
		down: { key: part(44, 32), iv: part(76, 12) },
	};
}

function rows(): Row[] {
	const { cred, cwt, frames, said } = syncExample();
	const keys = syncKeys();
	const seed = ({ secretKey }: KeyPair): Uint8Array => secretKey.subarray(0, 32);
	return [
		{ name: "reader's key, seed", value: seed(READER) },
		{ name: "reader's credential", value: cwt, note: "CRED_I, as in credential.md" },
		{ name: "server's key, seed", value: seed(SERVER) },
		{ name: "server's key, public", value: SERVER.publicKey },
		{ name: "server's claims set", value: cred, note: "CRED_R" },
		{ name: "X", value: X, note: "the reader's ephemeral secret" },
		{ name: "Y", value: Y, note: "the server's ephemeral secret" },
		{ name: "up", value: frames[0], note: "01, the session's id, message_1" },
		{ name: "down", value: frames[1], note: "02, the session's id, message_2" },
		{ name: "PLAINTEXT_2", value: keys.plaintext2, note: "C_R 40, ID_CRED_R, Signature_or_MAC_2" },
		{ name: "up", value: frames[2], note: "03, the session's id, message_3" },
		{ name: "PLAINTEXT_3", value: keys.plaintext3, note: "ID_CRED_I, Signature_or_MAC_3" },
		{ name: "down", value: frames[3], note: "04, the session's id, message_4" },
		{ name: "TH_4", value: keys.th4 },
		{ name: "PRK_out", value: keys.prkOut },
		{ name: "PRK_exporter", value: keys.prkExporter },
		{ name: "exporter's context", value: keys.context },
		{ name: "key, up", value: keys.up.key },
		{ name: "IV, up", value: keys.up.iv },
		{ name: "key, down", value: keys.down.key },
		{ name: "IV, down", value: keys.down.iv },
		...said.flatMap(({ bytes, from, message, record }) => [
			{ name: message.name, value: bytes, note: "the message" },
			{ name: from === "reader" ? "up" : "down", value: record, note: "its record" },
		]),
		{
			name: "up",
			value: clearFrame({ name: "want", id: 3, version: 4 }),
			note: "want, in the clear: version 4 of the trust list",
		},
	];
}

const WORDS: Readonly<Record<string, string>> = {
	number: "0 to 2^32-1",
	"number?": "0 to 2^32-1, or null",
	word: "text of 1 to 32 of `a`-`z`, `0`-`9`, `-`",
	"word?": "text of 1 to 32 of `a`-`z`, `0`-`9`, `-`; or null",
	"text?": "text of at most 64 bytes, or null",
	bytes8: "8 bytes",
	hash: "32 bytes, SHA-256",
	piece: "1 to 896 bytes",
	whole: "1 to 960 bytes",
	"whole?": "1 to 960 bytes, or null",
	record: "32 bytes",
	checkpoint: "160 bytes",
	records: "1 to 24 times 32 bytes",
};

function messageTable(): string {
	const lines = Object.entries(MESSAGES).map(([name, { number, fields }]) => {
		const from = number === 0 ? "both" : number < 32 ? "reader" : "site";
		const list = Object.entries(fields).map(([field, type]) => `${field}: ${WORDS[type]!}`);
		return `| ${number} | \`${name}\` | ${from} | ${list.join("<br>")} |`;
	});
	return `\n| number | message | from | fields, in this order |\n|---|---|---|---|\n${lines.join("\n")}\n`;
}

/** The text of docs/formats/sync.md with tables and example as they are now. */
export function withSync(document: string): string {
	const worked = `\n\`\`\`text\n${formatExample(rows())}\n\`\`\`\n`;
	return fill(fill(document, "messages", messageTable()), "example", worked);
}
