// SPDX-License-Identifier: Apache-2.0

/** What a reader and its site say to each other over a broker (docs/formats/sync.md). */

import { RECORD_HEAD, SESSION_ID } from "../../../protocol/sync/bounds.js";
import { FRAME, HANDSHAKE_HEAD } from "../../../protocol/sync/frame.js";
import { MESSAGES, type MessageName } from "../../../protocol/sync/messages.js";
import { type CborScalar, itemOf, type Shape } from "./cbor.js";
import { SIGNED } from "./cose.js";
import { ciphertextIn, EDHOC } from "./edhoc.js";
import type { Decoder, Fields } from "./fields.js";
import { logRecords } from "./log.js";

const CLAUSE = "formats/sync.md";
const NAMES = Object.keys(MESSAGES) as MessageName[];

const TYPES: Readonly<Record<number, string>> = {
	[FRAME.message1]: "message_1",
	[FRAME.message2]: "message_2",
	[FRAME.message3]: "message_3",
	[FRAME.message4]: "message_4",
	[FRAME.error]: "EDHOC error",
	[FRAME.record]: "a sealed message",
	[FRAME.clear]: "a message in the clear",
};

/** The name of the message in `bytes`; `undefined` where it is none. */
export function messageNameIn(bytes: Uint8Array): MessageName | undefined {
	if ((bytes[0] ?? 0) >> 5 !== 4) return undefined;
	const [, first = 0xff, second] = bytes as unknown as number[];
	const number = first === 0x18 ? second : first;
	return NAMES.find((name) => MESSAGES[name].number === number);
}

/** A message by itself: its number, its id, its fields. */
export const syncMessage: Decoder = (fields) => {
	const name = messageNameIn(fields.remaining);
	const shapes = Object.entries(name === undefined ? {} : MESSAGES[name].fields).map(([field, type]) =>
		shape(field, type),
	);
	itemOf({
		name: name ?? "message",
		clause: CLAUSE,
		items: [
			{ name: "message", clause: CLAUSE, words: (value: CborScalar) => name && `${value}: ${name}` },
			{ name: "id", clause: CLAUSE },
			...shapes,
		],
	})(fields);
};

function shape(name: string, type: string): Shape {
	if (type.startsWith("whole")) return { name, clause: CLAUSE, content: SIGNED };
	if (type.startsWith("record") || type === "checkpoint")
		return { name, clause: "log.md", content: logRecords };
	return { name, clause: CLAUSE };
}

/** Whatever travels on a door's topics. */
export const sync: Decoder = (fields) => {
	const type = fields.number(1, "type", CLAUSE, (value) => TYPES[value] ?? "unknown");
	if (type === undefined) return;
	if (type >= FRAME.message1 && type <= FRAME.error) {
		fields.take(SESSION_ID, "session", CLAUSE);
		EDHOC[type === FRAME.error ? 0 : type]!(fields);
	} else if (type === FRAME.record) sealed(fields);
	else if (type === FRAME.clear) syncMessage(fields);
};

function sealed(fields: Fields): void {
	fields.number(4, "counter", CLAUSE);
	fields.sealed(fields.left, "record", CLAUSE, syncMessage);
}

/** The ciphertext in a frame; `undefined` where there is none. */
export function ciphertextInFrame(frame: Uint8Array): Uint8Array | undefined {
	const type = frame[0] ?? 0;
	if (type === FRAME.record) return frame.length > RECORD_HEAD ? frame.subarray(RECORD_HEAD) : undefined;
	return type >= FRAME.message1 && type < FRAME.error
		? ciphertextIn(frame.subarray(HANDSHAKE_HEAD), type)
		: undefined;
}

/** What a frame is. */
export function syncName(frame: Uint8Array, plain: Uint8Array | undefined): string {
	const type = frame[0] ?? 0;
	const message = type === FRAME.clear ? frame.subarray(1) : plain;
	return (type >= FRAME.record && message && messageNameIn(message)) || (TYPES[type] ?? "unknown");
}
