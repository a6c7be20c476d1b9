// SPDX-License-Identifier: Apache-2.0

/**
 * What reader and site say to each other in a session. A message is an array: its number, its id, its fields in the order below. The
 * tables are the format, for both ends and for the page.
 */
import { utf8Encode } from "../bytes.js";
import { CborError, CborReader } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import { CHECKPOINT_SIZE, RECORD_SIZE } from "../log/record.js";
import { LOG_RECORDS, MAX_CONTENT, MAX_FRAME, MAX_PIECE, MAX_WHOLE } from "./bounds.js";
import { FRAME } from "./frame.js";
import type { End } from "./session.js";

/** What a field holds; byte strings with their least and greatest length. */
const TYPES = Object.freeze({
	/** 0 to 2^32-1. */
	number: undefined,
	/** The same, or null: not known. */
	"number?": undefined,
	/** 1 to 32 of `a`-`z`, `0`-`9` and `-`. */
	word: undefined,
	/** The same, or null. */
	"word?": undefined,
	/** 0 to 64 bytes of UTF-8, or null. */
	"text?": undefined,
	/** The beginning of a hash, a link of the log, a nonce, an id. */
	bytes8: [8, 8],
	/** SHA-256. */
	hash: [32, 32],
	piece: [1, MAX_PIECE],
	whole: [1, MAX_WHOLE],
	/** The same, or null. */
	"whole?": [1, MAX_WHOLE],
	record: [RECORD_SIZE, RECORD_SIZE],
	checkpoint: [CHECKPOINT_SIZE, CHECKPOINT_SIZE],
	records: [RECORD_SIZE, LOG_RECORDS * RECORD_SIZE],
} as const);
type Type = keyof typeof TYPES;

/** Below it the reader says a message and from it on the site; both say 0. */
const OF_SITE = 32;

/** Each message: its number, which never changes its meaning, and its fields. */
export const MESSAGES = Object.freeze({
	/** What the message `of` has come to: `refusal` null: it is done. */
	ack: { number: 0, fields: { of: "number", refusal: "word?" } },

	/** How far the reader is: first of all in a session, and again whenever its list, its plan or its notices have changed. */
	hello: {
		number: 1,
		fields: {
			/** Version of its trust list, and that list's hash. */
			trust: "number",
			listHash: "bytes8",
			/** Of the plan in force; 0: none. */
			epoch: "number",
			version: "number",
			/** It has each revocation notice of this epoch up to this sequence. */
			notice: "number",
			/** Sequence of the newest lockdown notice that it has taken. */
			lockdown: "number",
			/** Newest record of its log; what the site has acknowledged, with the link of that record. */
			log: "number",
			acknowledged: "number",
			link: "bytes8",
			/** Number of the firmware's image. */
			image: "number",
			/** Seconds since 1970. */
			clock: "number?",
		},
	},
	/** Asks for the trust list of this version; in the clear, too. */
	want: { number: 2, fields: { version: "number" } },
	/** Asks for the time. */
	clock: { number: 3, fields: { nonce: "bytes8" } },
	/** Asks for the blob of this hash from byte `at` on. */
	pull: { number: 4, fields: { hash: "hash", at: "number" } },
	/** Records of the log, the first with the serial `first`. */
	log: { number: 5, fields: { first: "number", records: "records" } },
	/** The checkpoint of the sector that the record `first` begins. */
	checkpoint: { number: 6, fields: { first: "number", checkpoint: "checkpoint" } },

	/** A copy of an alarm's record, ahead of the log. */
	alarm: { number: 7, fields: { record: "record" } },
	/** How the reader itself is, now and then and when it changes. */
	health: {
		number: 8,
		fields: {
			/** Seconds since it started. */
			uptime: "number",
			/** Why it started, of `RESTARTS`; the starts before it in a row that failed times 256. */
			cause: "number",
			/** Free bytes of the chip's heap. */
			free: "number?",
			/** Signal of Wi-Fi, in dBm without its sign. */
			signal: "number?",
			/** Bit n: the part n of `PARTS` fails. */
			failing: "number",
			/** How far its clock may be off, s. */
			clockError: "number?",
		},
	},
	/** What an `offer` has come to, once it was pulled: `refusal` null: it is in force. */
	outcome: { number: 9, fields: { hash: "hash", refusal: "word?" } },

	/** A piece of a signed trust list of `size` bytes; in the clear, too. */
	list: { number: 32, fields: { version: "number", size: "number", at: "number", piece: "piece" } },
	time: { number: 33, fields: { nonce: "bytes8", seconds: "number" } },
	/** A signed delta. */
	delta: { number: 34, fields: { envelope: "whole" } },
	/** There is a delta that is longer, or a snapshot: pull its envelope, `size` bytes. */
	offer: { number: 35, fields: { hash: "hash", size: "number" } },
	/** Of a blob of `size` bytes; `at` = `size` in a `pull` has no answer. */
	piece: { number: 36, fields: { hash: "hash", size: "number", at: "number", piece: "piece" } },
	/** The site has the log up to the record `serial`, whose link this is. */
	logged: { number: 37, fields: { serial: "number", link: "bytes8" } },
	/** A signed revocation notice that the reader lacks. */
	notice: { number: 38, fields: { envelope: "whole" } },
	/** The signed lockdown notice that stands now; null: none does. */
	lockdown: { number: 39, fields: { envelope: "whole?" } },
	/** Commands the door, now or never. */
	command: {
		number: 40,
		fields: {
			what: "word",
			/** Seconds for which an `open` releases the strike; 0: its strike time. */
			for: "number",
			/** Milliseconds since message_4 until which it may be done. */
			until: "number",
			/** Who commands. */
			by: "bytes8",
		},
	},
	/** The settings that the site may change; null: as it is. */
	settings: {
		number: 41,
		fields: {
			/** Index in `SOUNDS`. */
			sounds: "number?",
			/** Seconds over which the readers of a site connect anew. */
			spread: "number?",
			ssid: "text?",
			password: "text?",
		},
	},
	/** Other settings of the reader, signed by a key with the role `install`. */
	configuration: { number: 42, fields: { envelope: "whole" } },
} as const);

/** The setting `sounds` of a door by its number in `settings`. */
export const SOUNDS = Object.freeze(["none", "all", "alarms-only"] as const);

export type MessageName = keyof typeof MESSAGES;
type Value<T> = T extends "number"
	? number
	: T extends "number?"
		? number | null
		: T extends "word"
			? string
			: T extends "word?" | "text?"
				? string | null
				: T extends "whole?"
					? Uint8Array | null
					: Uint8Array;
type Fields<N extends MessageName> = (typeof MESSAGES)[N]["fields"];

/** A message by its name. `id`: 1 to 2^32-1, rising in a session; a message that is sent again keeps it. */
export type MessageOf<N extends MessageName> = N extends MessageName
	? { readonly name: N; readonly id: number } & { readonly [F in keyof Fields<N>]: Value<Fields<N>[F]> }
	: never;
export type Message = MessageOf<MessageName>;
/** Of a newer version of this format: it is answered by an `ack` with "unknown". */
export type UnknownMessage = { readonly name: "unknown"; readonly id: number };

/** What a field of a type may be, and a message's fields in their order: worked out once, as reading them off costs more than the fields. */
interface Rule {
	readonly holds: "number" | "word" | "text" | "bytes";
	readonly nullable: boolean;
	/** Of byte strings. */
	readonly least: number;
	readonly greatest: number;
	/** The length is a multiple of it. */
	readonly unit: number;
}
interface Layout {
	readonly name: MessageName;
	readonly fields: readonly string[];
	readonly rules: readonly Rule[];
}

function ruleOf(type: Type): Rule {
	const [least, greatest] = TYPES[type] ?? [0, 0];
	const plain = type.replace("?", "");
	const holds = plain === "number" || plain === "word" || plain === "text" ? plain : "bytes";
	const unit = type === "records" ? RECORD_SIZE : 1;
	return Object.freeze({ holds, nullable: type !== plain, least, greatest, unit });
}

/** By number. */
function layouts(): readonly (Layout | undefined)[] {
	const byNumber: (Layout | undefined)[] = [];
	for (const name of Object.keys(MESSAGES) as MessageName[]) {
		const { fields, number } = MESSAGES[name];
		while (byNumber.length <= number) byNumber.push(undefined);
		const rules = Object.freeze((Object.values(fields) as Type[]).map(ruleOf));
		byNumber[number] = Object.freeze({ name, fields: Object.freeze(Object.keys(fields)), rules });
	}
	return Object.freeze(byNumber);
}

const LAYOUTS = layouts();
const LIMITS = Object.freeze({ maxLength: MAX_CONTENT, maxDepth: 2 });
const MAX_WORD = 32;
const MAX_TEXT = 64;
const MAX_NUMBER = 0xffff_ffff;

/** Writes a message. RangeError where a field is out of its bounds. */
export function writeMessage(writer: CborWriter, message: Message): void {
	const { number } = MESSAGES[message.name];
	const { fields, rules } = LAYOUTS[number]!;
	const values = message as unknown as Readonly<Record<string, unknown>>;
	if (message.id === 0 || !isNumber(message.id)) throw new RangeError("a message's id is 1 to 2^32-1");
	writer
		.array(2 + fields.length)
		.int(number)
		.int(message.id);
	for (let i = 0; i < fields.length; i++) writeField(writer, rules[i]!, values[fields[i]!]);
}

/** The bytes of a message. */
export function encodeMessage(message: Message): Uint8Array {
	const writer = new CborWriter(64);
	writeMessage(writer, message);
	return writer.take();
}

/**
 * Decodes a message that `from` has said; its byte strings are views. Throws `CborError`. A number that only the other end says is as
 * unknown as one that nobody says.
 */
export function decodeMessage(bytes: Uint8Array, from: End): Message | UnknownMessage {
	const reader = new CborReader(bytes, LIMITS);
	const count = reader.array();
	if (count < 2) throw new CborError("out-of-range");
	const number = reader.uint();
	const id = readNumber(reader);
	if (id === 0) throw new CborError("out-of-range");
	const layout = layoutOf(number, from);
	if (layout === undefined) {
		for (let left = count - 2; left > 0; left--) reader.skip();
		reader.end();
		return { name: "unknown", id };
	}
	const { fields, name, rules } = layout;
	if (count !== 2 + fields.length) throw new CborError("out-of-range");
	const message: Record<string, unknown> = { name, id };
	for (let i = 0; i < fields.length; i++) message[fields[i]!] = readField(reader, rules[i]!);
	reader.end();
	return message as unknown as Message;
}

function layoutOf(number: number, from: End): Layout | undefined {
	return number === 0 || number < OF_SITE === (from === "reader") ? LAYOUTS[number] : undefined;
}

function isNumber(value: unknown): value is number {
	return (value as number) >>> 0 === value;
}

function isWord(value: unknown): value is string {
	return typeof value === "string" && value.length <= MAX_WORD && /^[a-z0-9-]+$/.test(value);
}

function isText(value: unknown): value is string {
	return typeof value === "string" && utf8Encode(value).length <= MAX_TEXT;
}

function isLength({ greatest, least, unit }: Rule, length: number): boolean {
	return length >= least && length <= greatest && length % unit === 0;
}

function writeField(writer: CborWriter, rule: Rule, value: unknown): void {
	const { holds } = rule;
	if (value === null && rule.nullable) writer.null();
	else if (holds === "number" && isNumber(value)) writer.int(value);
	else if (holds === "word" && isWord(value)) writer.text(value);
	else if (holds === "text" && isText(value)) writer.text(value);
	else if (holds === "bytes" && value instanceof Uint8Array && isLength(rule, value.length))
		writer.bytes(value);
	else throw new RangeError(`not a ${holds} within its bounds`);
}

function readField(reader: CborReader, rule: Rule): number | string | Uint8Array | null {
	const { holds } = rule;
	if (rule.nullable && reader.null()) return null;
	if (holds === "number") return readNumber(reader);
	if (holds !== "bytes") {
		const text = reader.text();
		if (!(holds === "text" ? isText(text) : isWord(text))) throw new CborError("out-of-range");
		return text;
	}
	const bytes = reader.bytes();
	if (!isLength(rule, bytes.length)) throw new CborError("out-of-range");
	return bytes;
}

function readNumber(reader: CborReader): number {
	const value = reader.uint();
	if (value > MAX_NUMBER) throw new CborError("out-of-range");
	return value;
}

/** A frame with a message in the clear: a trust list carries its own proof, and asking for one says nothing. */
export function clearFrame(message: MessageOf<"want" | "list">): Uint8Array {
	const writer = new CborWriter(64).byte(FRAME.clear);
	writeMessage(writer, message);
	return writer.take();
}

/** The message in a frame in the clear; `undefined` where it is none, or one that has to be sealed. */
export function readClear(frame: Uint8Array, from: End): MessageOf<"want" | "list"> | undefined {
	if (frame[0] !== FRAME.clear || frame.length > MAX_FRAME) return undefined;
	try {
		const message = decodeMessage(frame.subarray(1), from);
		return message.name === "want" || message.name === "list" ? message : undefined;
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
}
