// SPDX-License-Identifier: Apache-2.0

/** What frames and messages of sync are called, without their fields. */

import { FRAME } from "../../../protocol/sync/frame.js";
import { MESSAGES, type MessageName } from "../../../protocol/sync/messages.js";

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

export function frameType(type: number): string {
	return TYPES[type] ?? "unknown";
}

/** What a frame is. */
export function syncName(frame: Uint8Array, plain: Uint8Array | undefined): string {
	const type = frame[0] ?? 0;
	const message = type === FRAME.clear ? frame.subarray(1) : plain;
	return (type >= FRAME.record && message && messageNameIn(message)) || frameType(type);
}
