/**
 * How the firmware in an XS process and its world in Node speak: JSON texts, each behind its length (4 bytes, big-endian).
 * The world sends an event; the firmware makes calls, each answered at once, and says `idle` when the event is dealt with.
 */

import { fromHex, readUint32, toHex, utf8Decode, utf8Encode, writeUint32 } from "../../src/bytes.js";
import type { Setup } from "../../src/main.js";

export type Scalar = string | number | boolean | null;

/** From the world. `now`: ms since the firmware's start. */
export interface Incoming {
	readonly now: number;
	/** What happens: `boot`, `alarm`, `readable`, `writable`; absent in an answer. */
	readonly event?: string;
	/** Of which alarm or port. */
	readonly id?: number;
	/** Bytes, for ports; what an answer says. */
	readonly value?: Scalar;
	/** With `boot`. */
	readonly world?: WorldFacts;
	/** The call was refused. */
	readonly error?: string;
}

/** From the firmware. */
export interface Outgoing {
	/** `idle`, or a call. */
	readonly call: string;
	readonly args: readonly Scalar[];
}

/** What the firmware has to know before it starts. */
export interface WorldFacts {
	readonly setup: unknown;
	readonly restartCause: string;
	readonly flash: Readonly<Record<"plan" | "log" | "config", { size: number; sectorSize: number }>>;
	readonly inputs: readonly string[];
	readonly light: Readonly<Record<"red" | "green" | "blue", unknown>>;
	readonly fastBaud?: number;
}

/** Bytes in a setup travel as `{"hex": …}`. */
export function packSetup(setup: Setup): unknown {
	return JSON.parse(
		JSON.stringify(setup, (_, value) => (value instanceof Uint8Array ? { hex: toHex(value) } : value)),
	);
}

export function unpackSetup(packed: unknown): Setup {
	return JSON.parse(JSON.stringify(packed), (_, value) =>
		typeof value === "object" && value !== null && typeof value.hex === "string" ? fromHex(value.hex) : value,
	) as Setup;
}

export function encodeMessage(message: Incoming | Outgoing): Uint8Array {
	const text = utf8Encode(JSON.stringify(message));
	const bytes = new Uint8Array(4 + text.length);
	writeUint32(bytes, 0, text.length);
	bytes.set(text, 4);
	return bytes;
}

/** Reads one message by `fill`, which fills a buffer whole or says that there is no more. */
export function readMessage<T>(fill: (into: Uint8Array) => boolean): T | undefined {
	const head = new Uint8Array(4);
	if (!fill(head)) return undefined;
	const text = new Uint8Array(readUint32(head, 0));
	if (!fill(text)) return undefined;
	return JSON.parse(utf8Decode(text)!) as T;
}
