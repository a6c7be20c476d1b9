// SPDX-License-Identifier: Apache-2.0

/** A tap as a person reads it: in ten plain lines, or with who, what and the bytes. */
import { toHex } from "../protocol/bytes.js";
import { VERSION } from "../protocol/link/version.js";
import type { Actor, Moment, TapResult } from "./scenario.js";
import { PARTS } from "./split.js";

const COLOURS: Readonly<Record<Actor, number>> = {
	phone: 36,
	chip: 90,
	reader: 33,
	apdu: 34,
	frame: 34,
	door: 32,
};
const BYTES_SHOWN = 24;

function paint(code: number, text: string, colour: boolean): string {
	return colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}

/** The words for a command or answer of the transaction. */
function describeApdu(bytes: Uint8Array, answer: boolean): string {
	if (answer) {
		const sw = toHex(bytes.subarray(bytes.length - 2));
		const data = bytes.length - 2;
		if (data === 0) return `answer ${sw}`;
		return data < 60 && bytes[0] === VERSION
			? `version ${VERSION}, message_1 (EDHOC), ${sw}`
			: `message_3 (EDHOC), ${sw}`;
	}
	if (bytes[1] === 0xa4) return "SELECT the Lintel app";
	if (bytes[1] === 0xe8)
		return ["error (EDHOC)", "", "message_2 (EDHOC)", "", "message_4 (EDHOC)"][bytes[2]!] ?? "?";
	return "command";
}

const CHIP: Readonly<Record<number, string>> = {
	74: "InListPassiveTarget",
	64: "InDataExchange",
	82: "InRelease",
	50: "RFConfiguration",
	2: "GetFirmwareVersion",
	20: "SAMConfiguration",
};

/** Name of the PN532 command or reply in a frame. */
function describeChip(bytes: Uint8Array): string {
	const start = bytes.findIndex((byte, i) => byte === 0 && bytes[i + 1] === 0xff);
	if (start < 0) return "wake-up";
	// The extended form (over 255 bytes) has FF FF and two bytes more of length in between.
	const head = bytes[start + 2] === 0xff && bytes[start + 3] === 0xff ? 5 : 2;
	const [length, check, direction, code] = bytes.subarray(start + head) as unknown as number[];
	if (head === 2 && length === 0 && check === 0xff) return "ACK";
	if (direction === 0xd4) return `> ${CHIP[code!] ?? `command ${code!.toString(16)}`}`;
	if (direction === 0xd5) return `< ${CHIP[code! - 1] ?? `reply ${code!.toString(16)}`}`;
	return "frame";
}

function describe(moment: Moment): string {
	const { actor, text, bytes } = moment;
	if (bytes === undefined) return text;
	if (actor === "apdu") return describeApdu(bytes, text === "answer");
	if (actor === "chip") return describeChip(bytes);
	return text;
}

function bytesText(bytes: Uint8Array): string {
	const hex = toHex(bytes.subarray(0, BYTES_SHOWN));
	return bytes.length > BYTES_SHOWN ? `${hex}… ${bytes.length} bytes` : hex;
}

export function formatMoment(moment: Moment, colour: boolean): string {
	const time = `${moment.at.toFixed(1)} ms`.padStart(11);
	const actor = paint(COLOURS[moment.actor], moment.actor.padEnd(6), colour);
	const bytes = moment.bytes ? `  ${paint(90, bytesText(moment.bytes), colour)}` : "";
	return `${time}  ${actor}  ${describe(moment).padEnd(34)}${bytes}`.trimEnd();
}

/** What a person is told of a tap, by the moment that tells it. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
	[/^phone .*/, "A phone is held to the reader."],
	[/^apdu SELECT .*/, "The reader has found it, and asks for the Lintel app."],
	[/^apdu version .*/, "The app answers with a fresh public key (message_1 of EDHOC)."],
	[/^apdu message_2 .*/, "The reader proves itself: a key of its own, and its signature (message_2)."],
	[/^apdu message_3 .*/, "The phone has checked that, and proves itself, encrypted (message_3)."],
	[
		/^reader verifies the site's .*/,
		"The reader has verified the phone's signature, and the site's on its credential.",
	],
	[/^reader decides: \w+: (.*)/, "The access plan in its flash says: $1."],
	[/^door relay on.*/, "The relay is on: the strike is released."],
	[/^apdu message_4 .*/, "The phone is told, encrypted (message_4)."],
	[/^door relay off.*/, "The relay is off: the door is locked again."],
];

export function formatPlain({ timeline }: TapResult): string {
	const moments = timeline.map((moment) => ({ ...moment, words: `${moment.actor} ${describe(moment)}` }));
	return PLAIN.flatMap(([pattern, text]) => {
		const moment = moments.find(({ words }) => pattern.test(words));
		if (moment === undefined) return [];
		return `${String(Math.round(moment.at)).padStart(6)} ms  ${moment.words.replace(pattern, text)}`;
	}).join("\n");
}

export function formatTimeline(result: TapResult, colour: boolean): string {
	const lines = [...result.timeline]
		.sort((a, b) => a.at - b.at)
		.map((moment) => formatMoment(moment, colour));
	const granted = result.decision === "granted";
	const verdict = paint(
		granted ? 32 : 31,
		`${result.decision}${granted ? "" : `: ${result.reason}`}`,
		colour,
	);
	const relay = result.relayOnMs === null ? "the relay stayed off" : `relay on after ${result.relayOnMs} ms`;
	lines.push("");
	lines.push(
		`${verdict} · ${relay} · ${result.exchanges} exchanges, ${result.bytes} bytes · the phone showed: ${result.shown}`,
	);
	if (result.split) {
		const { split } = result;
		lines.push(PARTS.map((part) => `${part} ${split[part]} ms`).join(", "));
	}
	return lines.join("\n");
}
