// SPDX-License-Identifier: Apache-2.0

/** What a reader and its site say to each other over a broker (docs/formats/sync.md). */

import { SESSION_ID } from "../../../protocol/sync/bounds.js";
import { FRAME } from "../../../protocol/sync/frame.js";
import { MESSAGES } from "../../../protocol/sync/messages.js";
import { type CborScalar, itemOf, type Shape } from "./cbor.js";
import { EDHOC } from "./edhoc.js";
import type { Decoder, Fields } from "./fields.js";
import { logRecords } from "./log.js";
import { SIGNED } from "./signed.js";
import { frameType, messageNameIn } from "./sync-names.js";

const CLAUSE = "formats/sync.md";
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
	const type = fields.number(1, "type", CLAUSE, frameType);
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
