// SPDX-License-Identifier: Apache-2.0

/** COSE_Sign1, its keys, and the credential in one: a CWT (docs/credential.md). */

import { readUint32 } from "../../../protocol/bytes.js";
import { EDDSA, ES256, HEADER } from "../../../protocol/credential/cose.js";
import { decodeBase45 } from "../../../protocol/qr/base45.js";
import { STEP_S } from "../../../protocol/qr/code.js";
import { itemOf, type Shape } from "./cbor.js";
import { type Decoder, fieldsOf } from "./fields.js";
import { moment } from "./moment.js";

type Words = NonNullable<Shape["words"]>;

const named =
	(names: Readonly<Record<number, string>>): Words =>
	(value) =>
		typeof value === "number" && value in names ? `${value}: ${names[value]}` : undefined;

const algorithm = named({ [EDDSA]: "EdDSA", [ES256]: "ES256", [-15]: "SHA-256/64", [-16]: "SHA-256" });
const date: Words = (value) => (typeof value === "number" ? `${value}: ${moment(value)}` : undefined);

/** RFC 9052 7. */
const COSE_KEY: Shape = {
	name: "COSE_Key",
	clause: "RFC 9052 7",
	keys: {
		1: { name: "kty", clause: "RFC 9052 7.1", words: named({ 1: "OKP", 2: "EC2" }) },
		3: { name: "alg", clause: "RFC 9052 7.1", words: algorithm },
		[-1]: { name: "crv", clause: "RFC 9053 7.1", words: named({ 1: "P-256", 4: "X25519", 6: "Ed25519" }) },
		[-2]: { name: "x", clause: "RFC 9053 7.1" },
		[-3]: { name: "y", clause: "RFC 9053 7.1" },
	},
};

export const CLAIMS: Shape = {
	name: "claims",
	clause: "RFC 8392 3",
	keys: {
		1: { name: "iss, the site", clause: "RFC 8392 3.1.1" },
		2: { name: "sub, the door of a reader's", clause: "RFC 8392 3.1.2" },
		3: { name: "aud, the one door", clause: "RFC 8392 3.1.3" },
		4: { name: "exp", clause: "RFC 8392 3.1.4", words: date },
		5: { name: "nbf", clause: "RFC 8392 3.1.5", words: date },
		6: { name: "iat", clause: "RFC 8392 3.1.6", words: date },
		7: { name: "cti, the credential's id", clause: "RFC 8392 3.1.7" },
		8: {
			name: "cnf, the holder's key",
			clause: "RFC 8747 3.1",
			keys: { 1: COSE_KEY },
		},
		[-65537]: { name: "count", clause: "credential.md" },
	},
};

/** Of a signature: its bytes say nothing to people. */
export const size: Words = (value) => (value instanceof Uint8Array ? `${value.length} bytes` : undefined);
const kid: Words = (value) =>
	value instanceof Uint8Array && value.length === 4
		? `key ${readUint32(value, 0).toString(16).padStart(8, "0")}`
		: undefined;

const HEADERS: Readonly<Record<string, Shape>> = {
	[HEADER.alg]: { name: "alg", clause: "RFC 9052 3.1", words: algorithm },
	[HEADER.crit]: { name: "crit", clause: "RFC 9052 3.1" },
	[HEADER.contentType]: { name: "content type", clause: "RFC 9052 3.1" },
	[HEADER.kid]: { name: "kid", clause: "RFC 9052 3.1", words: kid },
};

/** COSE_Sign1 around what `content` reads. */
export function sign1(name: string, content: Decoder, clause = "RFC 9052 4.2"): Shape {
	return {
		name,
		clause,
		items: [
			{
				name: "protected",
				clause: "RFC 9052 3",
				content: itemOf({ name: "headers", clause: "RFC 9052 3", keys: HEADERS }),
			},
			{ name: "unprotected", clause: "RFC 9052 3", keys: HEADERS },
			{ name: "payload", clause: "RFC 9052 4.2", content },
			{ name: "signature", clause: "RFC 9052 4.2", words: size },
		],
	};
}

export const CWT: Shape = sign1("CWT", itemOf(CLAIMS), "RFC 8392 6");

const CODE = itemOf(
	sign1(
		"code",
		itemOf({
			name: "payload",
			clause: "formats/qr.md",
			items: [
				{ name: "credential", clause: "credential.md", content: itemOf(CWT) },
				{ name: "step", clause: "formats/qr.md", words: (value) => date(Number(value) * STEP_S) },
			],
		}),
		"formats/qr.md",
	),
);

/** What a phone shows to a scanner: Base45 around a signed code. */
export const qr: Decoder = (fields) => {
	const { at: from, end: to } = fields;
	if (to === from) return;
	const bytes = fields.remaining.slice();
	const length = decodeBase45(bytes, bytes.length);
	const code = length < 0 ? undefined : bytes.subarray(0, length);
	fields.add({
		...{ from, to, name: "text", clause: "RFC 9285 4" },
		value: code ? "Base45" : "no Base45",
		opened: code && { bytes: code, fields: fieldsOf(CODE, code) },
	});
};
