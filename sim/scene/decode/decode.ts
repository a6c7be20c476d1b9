// SPDX-License-Identifier: Apache-2.0

/** All formats that the lanes show. */

import { itemOf } from "./cbor.js";
import { CLAIMS, CWT, qr } from "./cose.js";
import { EDHOC } from "./edhoc.js";
import { type Decoder, type Field, fieldsOf } from "./fields.js";
import { answer, bleFrame, command, selectAnswer } from "./link.js";
import { logRecords } from "./log.js";
import { pn532 } from "./pn532.js";
import { SIGNED } from "./signed.js";
import { sync, syncMessage } from "./sync.js";

const DECODERS = {
	pn532,
	command,
	answer,
	"select-answer": selectAnswer,
	ble: bleFrame,
	"edhoc-0": EDHOC[0]!,
	"edhoc-1": EDHOC[1]!,
	"edhoc-2": EDHOC[2]!,
	"edhoc-3": EDHOC[3]!,
	"edhoc-4": EDHOC[4]!,
	cwt: itemOf(CWT),
	claims: itemOf(CLAIMS),
	signed: SIGNED,
	qr,
	cbor: itemOf({ name: "item" }),
	sync,
	"sync-message": syncMessage,
	log: logRecords,
	/** Bytes that have no fields here. */
	raw: (fields) => fields.rest("bytes"),
} satisfies Readonly<Record<string, Decoder>>;

export type Format = keyof typeof DECODERS;
export const FORMATS = Object.keys(DECODERS) as readonly Format[];

/** The fields of `bytes`, whatever they are: all of them, in order. `plain`: what their ciphertext carries, where that is known. */
export function decode(format: Format, bytes: Uint8Array, plain?: Uint8Array): readonly Field[] {
	return fieldsOf(DECODERS[format], bytes, plain);
}
