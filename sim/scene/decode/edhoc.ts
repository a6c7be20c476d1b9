// SPDX-License-Identifier: Apache-2.0

/** The messages of EDHOC (RFC 9528), which phones and readers, and readers and their site, speak. */

import { MAJOR } from "../../../protocol/cbor/reader.js";
import { HEADER } from "../../../protocol/credential/cose.js";
import { PUBLIC_LENGTH, suiteOf } from "../../../protocol/edhoc/suites.js";
import { ACT, DEMAND, EAD_INTENT } from "../../../protocol/link/intent.js";
import { EAD_LIST_VERSION, EAD_RECEIPT } from "../../../protocol/link/receipt.js";
import { reasonOf } from "../../../protocol/reasons.js";
import { EAD_SYNC } from "../../../protocol/sync/request.js";
import { type CborScalar, readItem, type Shape } from "./cbor.js";
import { headLength } from "./ciphertext.js";
import { CLAIMS, CWT, size } from "./cose.js";
import type { Decoder, Fields } from "./fields.js";

const suite = (value: CborScalar): string | undefined => {
	const found = typeof value === "number" ? suiteOf(value) : undefined;
	return found && `${found.id}: ${found.aead}, ${found.curve}, SHA-256`;
};

const SUITES: Shape = {
	name: "SUITES_I",
	clause: "RFC 9528 3.6",
	words: suite,
	items: Array.from({ length: 16 }, (_, i) => ({ name: String(i), words: suite })),
};

const METHOD: Shape = {
	name: "METHOD",
	clause: "RFC 9528 3.2",
	words: (value) => (value === 0 ? "0: both sign" : undefined),
};

/** ID_CRED_x: how a side names or sends its credential. */
const idCred = (name: string): Shape => ({
	name,
	clause: "RFC 9528 3.5.3",
	keys: {
		[HEADER.kid]: { name: "kid", clause: "RFC 9052 3.1" },
		[HEADER.kcwt]: { ...CWT, name: "kcwt" },
		[HEADER.kccs]: { ...CLAIMS, name: "kccs" },
		[HEADER.x5chain]: { name: "x5chain", clause: "RFC 9360 2" },
		[HEADER.x5t]: {
			name: "x5t",
			clause: "RFC 9360 2",
			items: [
				{ name: "hash algorithm", words: (value) => (value === -15 ? "-15: SHA-256/64" : undefined) },
				{ name: "hash" },
			],
		},
	},
});

/** What is known of EAD items: a name, and what the byte string's one integer means. */
interface Ead {
	readonly name: string;
	readonly words: (value: number) => string;
}

const demand = (value: number): string => {
	const wants = [value & DEMAND.near ? "near" : "", value & DEMAND.tap ? "a tap in the app" : ""].filter(
		Boolean,
	);
	return wants.join(value & DEMAND.either ? " or " : " and ") || "nothing";
};
const act = (value: number): string =>
	value === ACT.nfc ? "held to a reader" : value === ACT.app ? "a tap in the app" : "by the phone itself";

function eadOf(label: number, message: number): Ead | undefined {
	switch (label) {
		case EAD_INTENT:
			return message === 2
				? { name: "what the door wants", words: demand }
				: { name: "what was done", words: act };
		case EAD_RECEIPT:
			return { name: "decision", words: (value) => reasonOf(value) ?? "unknown" };
		case EAD_LIST_VERSION:
			return { name: "trust list", words: (value) => `version ${value}` };
		case EAD_SYNC:
			return { name: "sync", words: (value) => `version ${value}` };
		default:
			return undefined;
	}
}

/** The rest of a message: labels, critical where negative, and byte strings (RFC 9528 3.8). */
function readEad(fields: Fields, message: number): void {
	const clause = "RFC 9528 3.8";
	while (fields.left > 0) {
		let known: Ead | undefined;
		readItem(fields, {
			name: `EAD_${message} label`,
			clause,
			words: (value) => {
				if (typeof value !== "number") return undefined;
				known = eadOf(Math.abs(value), message);
				const critical = value < 0 ? ", critical" : "";
				return `${value}${critical}${known ? `: ${known.name}` : value === 0 ? ": padding" : ""}`;
			},
		});
		if ((fields.peek() ?? 0) >> 5 !== MAJOR.bytes) continue;
		readItem(fields, {
			name: `EAD_${message} value`,
			clause,
			words: (value) => oneInteger(value, known),
		});
	}
}

function oneInteger(value: CborScalar, known: Ead | undefined): string | undefined {
	if (known === undefined || !(value instanceof Uint8Array) || value.length === 0) return undefined;
	const [initial] = value as unknown as [number];
	if (value.length !== headLength(initial) || initial >> 5 !== MAJOR.uint) return undefined;
	const number = value.length === 1 ? initial : value.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
	return `${number}: ${known.words(number)}`;
}

const message1: Decoder = (fields) => {
	readItem(fields, METHOD);
	readItem(fields, SUITES);
	readItem(fields, { name: "G_X", clause: "RFC 9528 3.7" });
	readItem(fields, { name: "C_I", clause: "RFC 9528 3.3" });
	readEad(fields, 1);
};

/** PLAINTEXT_2 and PLAINTEXT_3. */
const plaintext =
	(message: 2 | 3): Decoder =>
	(fields) => {
		const side = message === 2 ? "R" : "I";
		if (message === 2) readItem(fields, { name: "C_R", clause: "RFC 9528 3.3" });
		readItem(fields, idCred(`ID_CRED_${side}`));
		readItem(fields, {
			name: `Signature_or_MAC_${message}`,
			clause: `RFC 9528 5.${message + 1}.2`,
			words: size,
		});
		readEad(fields, message);
	};

const ead4: Decoder = (fields) => readEad(fields, 4);

/** One byte string around what `content` reads. */
const wrapped =
	(name: string, clause: string, content: Decoder): Decoder =>
	(fields) =>
		readItem(fields, { name, clause, content });

const message2 = wrapped("G_Y, CIPHERTEXT_2", "RFC 9528 5.3.1", (fields) => {
	fields.take(PUBLIC_LENGTH, "G_Y", "RFC 9528 3.7");
	fields.sealed(fields.left, "CIPHERTEXT_2", "RFC 9528 5.3.2", plaintext(2));
});
const message3 = wrapped("message_3", "RFC 9528 5.4.1", (fields) =>
	fields.sealed(fields.left, "CIPHERTEXT_3", "RFC 9528 5.4.2", plaintext(3)),
);
const message4 = wrapped("message_4", "RFC 9528 5.5.1", (fields) =>
	fields.sealed(fields.left, "CIPHERTEXT_4", "RFC 9528 5.5.2", ead4),
);

const error: Decoder = (fields) => {
	const codes: Readonly<Record<number, string>> = {
		1: "unspecified",
		2: "wrong selected cipher suite",
		3: "unknown credential",
	};
	readItem(fields, {
		name: "ERR_CODE",
		clause: "RFC 9528 6",
		words: (value) => (typeof value === "number" && value in codes ? `${value}: ${codes[value]}` : undefined),
	});
	readItem(fields, { ...SUITES, name: "ERR_INFO", clause: "RFC 9528 6" });
};

/** By number, an error message as 0. */
export const EDHOC: readonly Decoder[] = [error, message1, message2, message3, message4];
