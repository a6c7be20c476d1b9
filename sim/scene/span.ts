// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../protocol/reasons.js";
import { ciphertextOf } from "./decode/ciphertext.js";
import type { Format } from "./decode/decode.js";
import type { Plaintexts } from "./plaintexts.js";

/** The lanes of time, as they stand below each other. */
export const LANES = Object.freeze([
	"field",
	"bus",
	"transaction",
	"edhoc",
	"crypto",
	"decision",
	"relay",
	"flash",
	"network",
] as const);
export type Lane = (typeof LANES)[number];

/** Bytes of a span, as they went by. */
export interface Part {
	readonly title: string;
	readonly format: Format;
	readonly bytes: Uint8Array;
	/** What their ciphertext carries, where that is known. */
	readonly plain?: Uint8Array | undefined;
}

/** Something in a lane. One that goes on, or grows, comes again with the same id. */
export interface Span {
	readonly id: number;
	readonly lane: Lane;
	/** µs of the scene. */
	readonly from: number;
	/** The same as `from` where it is a moment; the time so far where it still goes on. */
	readonly to: number;
	readonly going?: boolean | undefined;
	readonly title: string;
	/** More of it in words. */
	readonly detail?: string | undefined;
	/** Of a decision. */
	readonly reason?: Reason | undefined;
	readonly parts?: readonly Part[] | undefined;
}

export type SpanFields = Omit<Span, "id" | "lane" | "going">;

/** Gives spans their ids, and tells of them. */
export class SpanRecorder {
	/** µs of the scene. */
	now = 0;
	readonly #plaintexts: Plaintexts | undefined;
	readonly #tell: (span: Span) => void;
	#last = 0;

	constructor(tell: (span: Span) => void, plaintexts?: Plaintexts) {
		this.#tell = tell;
		this.#plaintexts = plaintexts;
	}

	/** Something that is over, from now to now where nothing else is said. */
	add(lane: Lane, fields: Partial<SpanFields> & Pick<Span, "title">): Span {
		const { now } = this;
		return this.#told({ id: ++this.#last, lane, from: now, to: now, ...fields });
	}

	/** Something that begins now and goes on until `end`. */
	begin(lane: Lane, title: string, more: Partial<SpanFields> = {}): Span {
		const { now } = this;
		return this.#told({ id: ++this.#last, lane, from: now, to: now, going: true, title, ...more });
	}

	/** The same span with other fields. */
	change(span: Span, more: Partial<SpanFields>): Span {
		return this.#told({ ...span, ...more });
	}

	end(span: Span, more: Partial<SpanFields> = {}): Span {
		return this.#told({ ...span, to: this.now, ...more, going: undefined });
	}

	/** Bytes as a part: a copy, with what is encrypted in them. */
	part(title: string, format: Format, bytes: Uint8Array): Part {
		const copy = bytes.slice();
		return { title, format, bytes: copy, plain: this.#plaintexts?.find(ciphertextOf(format, copy)) };
	}

	#told(span: Span): Span {
		this.#tell(span);
		return span;
	}
}
