// SPDX-License-Identifier: Apache-2.0

/** What carries the transaction: ISO 7816-4 command-response pairs over NFC, frames over Bluetooth (docs/PROTOCOL.md). */

import { equal } from "../../../protocol/bytes.js";
import {
	AID,
	CLA_CHAIN,
	INS_GET_RESPONSE,
	INS_MESSAGE,
	INS_SELECT,
	statusText,
} from "../../../protocol/link/apdu.js";
import { TAPPED, VERSION_MASK } from "../../../protocol/link/version.js";
import type { Decoder, Fields } from "./fields.js";

const MESSAGES: readonly string[] = ["error", "message_1", "message_2", "message_3", "message_4"];

const INSTRUCTIONS: Readonly<Record<number, string>> = {
	[INS_SELECT]: "SELECT",
	[INS_GET_RESPONSE]: "GET RESPONSE",
	[INS_MESSAGE]: "message of the transaction",
};

/** What a command is, in a word or two. */
export function commandName(command: Uint8Array): string {
	const ins = command[1] ?? -1;
	if (ins === INS_MESSAGE) return MESSAGES[command[2]!] ?? "message";
	return INSTRUCTIONS[ins] ?? "command";
}

export function messageName(number: number): string {
	return MESSAGES[number] ?? "message";
}

/** A command APDU in short form. */
export const command: Decoder = (fields) => {
	const clause = "ISO 7816-4 5.1";
	const ins = fields.peek(1);
	fields.number(1, "CLA", "ISO 7816-4 5.4", (cla) =>
		ins === INS_SELECT
			? "interindustry"
			: cla & CLA_CHAIN
				? "Lintel's own; more follows"
				: cla & 0x80
					? "Lintel's own"
					: "interindustry",
	);
	fields.number(1, "INS", "ISO 7816-4 5.5", (value) => INSTRUCTIONS[value] ?? "unknown");
	fields.number(1, "P1", clause, (p1) =>
		ins === INS_MESSAGE ? messageName(p1) : ins === INS_SELECT && p1 === 4 ? "by AID" : undefined,
	);
	fields.number(1, "P2", clause);
	if (fields.left > 1) {
		const lc = fields.number(1, "Lc", clause, (length) => `${length} bytes`) ?? 0;
		const aid = ins === INS_SELECT;
		fields.take(lc, aid ? "AID" : "data", aid ? "ISO 7816-4 8.2.1" : "PROTOCOL.md, Over NFC", (data) =>
			aid && equal(data, Uint8Array.from(AID)) ? "F0 LINTEL 01" : undefined,
		);
	}
	fields.take(1, "Le", clause, ([le]) => `up to ${le || 256} bytes`);
};

const status = (fields: Fields): void => {
	fields.number(2, "SW1 SW2", "ISO 7816-4 5.6", (sw) =>
		sw >> 8 === 0x61 ? `${sw & 255 || 256} bytes more` : statusText(sw),
	);
};

function version(fields: Fields): void {
	fields.number(
		1,
		"version",
		"PROTOCOL.md, Versions",
		(value) => `${value & VERSION_MASK}${value & TAPPED ? ", a tap in the app" : ""}`,
	);
}

/** A response APDU. */
export const answer: Decoder = (fields) => {
	if (fields.left > 2) fields.take(fields.left - 2, "data", "PROTOCOL.md, Over NFC");
	status(fields);
};

/** The response to SELECT: the version stands in front of message_1. */
export const selectAnswer: Decoder = (fields) => {
	if (fields.left > 2) {
		version(fields);
		fields.take(fields.left - 2, "message_1", "RFC 9528 5.2.1");
	}
	status(fields);
};

/** One frame over Bluetooth. */
export const bleFrame: Decoder = (fields) => {
	const clause = "PROTOCOL.md, Over BLE";
	const place = ["middle", "first", "last", "the only one"] as const;
	const head = fields.number(
		1,
		"frame",
		clause,
		(byte) => `${place[(byte >> 6) as 0 | 1 | 2 | 3]}, number ${byte & 63}`,
	);
	if (head !== undefined && head & 0x40) {
		const kind = fields.number(1, "kind", clause, messageName);
		fields.number(2, "length of the message", clause);
		if (kind === 1) version(fields);
	}
	fields.rest("data", clause);
};
