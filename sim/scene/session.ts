// SPDX-License-Identifier: Apache-2.0

/** What travels between the site and its door, a line for each, and the door's answer where it gives one. */
import { readUint32 } from "../../protocol/bytes.js";
import { CborError } from "../../protocol/cbor/reader.js";
import { CoseError, decodeSign1 } from "../../protocol/credential/cose.js";
import { decodeRecord, RECORD_SIZE } from "../../protocol/log/record.js";
import { decodeLockdown } from "../../protocol/notice/lockdown.js";
import { decodeRevocation } from "../../protocol/notice/revocation.js";
import { decodeDelta, decodeSnapshot } from "../../protocol/plan/format.js";
import { FRAME } from "../../protocol/sync/frame.js";
import { decodeMessage, type Message, readClear } from "../../protocol/sync/messages.js";
import { inWords } from "../../site/lib/log/describe.js";
import type { Passed } from "../site-server.js";

/** Lines that are kept; the oldest go. */
const KEPT = 60;

export interface SessionLine {
	/** Of those since the scene began, from 1. */
	readonly number: number;
	/** µs of the scene. */
	readonly at: number;
	readonly from: "site" | "reader";
	readonly topic: string;
	/** Bytes of the frame. */
	readonly size: number;
	readonly sealed: boolean;
	/** "delta to plan 3". */
	readonly what: string;
	/** What the door answered: "done", or why not; ms from the message to it. */
	readonly answer?: { readonly what: string; readonly ms: number };
}

export class SessionLines {
	readonly #lines: SessionLine[] = [];
	/** What was said and may be answered, by its end and id. */
	readonly #said = new Map<string, { readonly line: SessionLine; readonly name: string }>();
	#count = 0;

	get lines(): readonly SessionLine[] {
		return this.#lines;
	}

	/** Of those since the scene began. */
	get count(): number {
		return this.#count;
	}

	/** `at`: µs of the scene. */
	add(passed: Passed, at: number): void {
		const message = messageIn(passed);
		const { data, from, topic } = passed;
		const acked = message?.name === "ack" ? this.#answered(message, from, at) : undefined;
		const line: SessionLine = {
			...{ number: ++this.#count, at, from, topic, size: data.length },
			sealed: data[0] === FRAME.record,
			what: acked ?? (message ? inShort(message) : frameName(passed)),
		};
		this.#lines.push(line);
		if (this.#lines.length > KEPT) this.#lines.shift();
		if (message !== undefined && message.name !== "ack")
			this.#said.set(`${from} ${message.id}`, { line, name: message.name });
		if (data[0] === FRAME.message1) this.#said.clear();
	}

	/** Notes the answer at what it answers; gives what to say of it. */
	#answered(ack: Extract<Message, { name: "ack" }>, from: "site" | "reader", at: number): string | undefined {
		const key = `${from === "site" ? "reader" : "site"} ${ack.of}`;
		const said = this.#said.get(key);
		if (said === undefined) return undefined;
		const { line, name } = said;
		const what = ack.refusal ?? "done";
		const i = this.#lines.indexOf(line);
		const ms = Math.round((at - line.at) / 1000);
		if (i >= 0) this.#lines[i] = { ...line, answer: { what, ms } };
		return `ack of ${name}: ${what}`;
	}
}

/** The message in what has passed, where it is one that can be read. */
export function messageIn({ content, data, from }: Passed): Message | undefined {
	if (data[0] === FRAME.clear) return readClear(data, from);
	if (content === undefined) return undefined;
	try {
		const message = decodeMessage(content, from);
		return message.name === "unknown" ? undefined : message;
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
}

function frameName({ data, topic }: Passed): string {
	if (topic.endsWith("/trust")) return "the trust list, for all readers";
	if (topic.endsWith("/revoked")) return data.length === 0 ? "no revocation notice any more" : signed(data);
	if (topic.endsWith("/lockdown")) return data.length === 0 ? "no lockdown any more" : signed(data);
	const [type] = data;
	if (type === FRAME.error) return "EDHOC error";
	if (type !== undefined && type >= FRAME.message1 && type <= FRAME.message4) return `EDHOC message_${type}`;
	return type === FRAME.record ? "sealed, and not to be opened" : "nothing that is known";
}

/** A message in a few words. */
export function inShort(message: Message): string {
	switch (message.name) {
		case "ack":
			return `ack of ${message.of}: ${message.refusal ?? "done"}`;
		case "hello":
			return `hello: plan ${message.version}, notice ${message.notice}, log ${message.log}`;
		case "delta":
			return signed(message.envelope);
		case "notice":
			return signed(message.envelope);
		case "lockdown":
			return message.envelope === null ? "no lockdown stands" : signed(message.envelope);
		case "log":
			return `log ${message.first} to ${message.first + message.records.length / RECORD_SIZE - 1}`;
		case "logged":
			return `has the log to ${message.serial}`;
		case "offer":
			return `offer of ${message.size} bytes`;
		case "pull":
			return `pull from byte ${message.at}`;
		case "piece":
			return `piece of ${message.piece.length} from byte ${message.at} of ${message.size}`;
		case "list":
			return `trust list ${message.version}, from byte ${message.at}`;
		case "alarm":
			return `alarm: ${inWords(decodeRecord(message.record))}`;
		case "command":
			return `command: ${message.what}${message.for > 0 ? ` for ${message.for} s` : ""}`;
		case "outcome":
			return `outcome: ${message.refusal ?? "in force"}`;
		default:
			return message.name;
	}
}

/** A signed object, by what its payload is. */
function signed(envelope: Uint8Array): string {
	let payload: Uint8Array;
	try {
		payload = decodeSign1(envelope).payload;
	} catch (error) {
		if (error instanceof CoseError || error instanceof CborError) return "something that is not signed";
		throw error;
	}
	const delta = decodeDelta(payload);
	if (delta !== undefined) return `delta to plan ${delta.version}${deltaParts(delta)}`;
	const snapshot = decodeSnapshot(payload);
	if (snapshot !== undefined) return `plan ${snapshot.version}, whole`;
	const revocation = decodeRevocation(payload);
	if (revocation !== undefined) return `revocation notice ${revocation.sequence}`;
	const lockdown = decodeLockdown(payload);
	return lockdown === undefined
		? `a signed object of ${readUint32(payload, 0).toString(16)}`
		: `lockdown notice ${lockdown.sequence}, ${lockdown.length} s`;
}

function deltaParts({ puts, removes, revokes, tables }: NonNullable<ReturnType<typeof decodeDelta>>): string {
	const parts = [
		...(puts > 0 ? [`${puts} put`] : []),
		...(removes > 0 ? [`${removes} removed`] : []),
		...(revokes > 0 ? [`${revokes} revoked`] : []),
		...(tables.length > 0 ? [`tables of ${tables.length} bytes`] : []),
	];
	return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}
