// SPDX-License-Identifier: Apache-2.0

import { EVENTS } from "../../../protocol/events.js";
import { CHECKPOINT_SIZE, decodeRecord, KIND_AT, RECORD_SIZE } from "../../../protocol/log/record.js";
import { inWords } from "../../../site/lib/log/describe.js";
import type { FlashChange } from "../../flash.js";
import type { Part, Span, SpanRecorder } from "../span.js";

/** Changes of one partition nearer to each other than this, µs, are one span. */
const NEAR = 1000;
/** Parts of a span, and bytes of a part, at most. */
const MAX_PARTS = 8;
const MAX_BYTES = 512;

/** What is written to flash, by partition; records of the log in words. */
export class FlashSpans {
	readonly #recorder: SpanRecorder;
	readonly #onDecision: (record: Part) => void;
	readonly #last = new Map<string, { span: Span; writes: number; bytes: number; erases: number }>();

	/** `onDecision`: the record of a decision was written. */
	constructor(recorder: SpanRecorder, onDecision: (record: Part) => void) {
		this.#recorder = recorder;
		this.#onDecision = onDecision;
	}

	take(partition: string, change: FlashChange): void {
		if (partition === "log" && change.data?.length === RECORD_SIZE) this.#record(change.data);
		else this.#other(partition, change);
	}

	#record(data: Uint8Array): void {
		const entry = decodeRecord(data);
		const part = this.#recorder.part(`record ${entry.serial}`, "log", data);
		this.#recorder.add("flash", { title: `log: ${inWords(entry)}`, parts: [part] });
		if (data[KIND_AT] === EVENTS.decision) this.#onDecision(part);
	}

	#other(partition: string, { address, data }: FlashChange): void {
		const to = this.#recorder.now;
		const last = this.#last.get(partition);
		const near = last !== undefined && to - last.span.to <= NEAR ? last : undefined;
		const parts = [...(near?.span.parts ?? [])];
		if (data !== undefined && parts.length < MAX_PARTS) parts.push(this.#part(partition, address, data));
		const writes = (near?.writes ?? 0) + (data ? 1 : 0);
		const bytes = (near?.bytes ?? 0) + (data?.length ?? 0);
		const erases = (near?.erases ?? 0) + (data ? 0 : 1);
		const title = `${partition}: ${said(writes, bytes, erases)}`;
		const span = near
			? this.#recorder.change(near.span, { to, title, parts })
			: this.#recorder.add("flash", { title, parts });
		this.#last.set(partition, { span, writes, bytes, erases });
	}

	#part(partition: string, address: number, data: Uint8Array): Part {
		const checkpoint = partition === "log" && data.length === CHECKPOINT_SIZE;
		const title = checkpoint ? "checkpoint" : `${data.length} bytes at ${address}`;
		return this.#recorder.part(title, checkpoint ? "log" : "raw", data.subarray(0, MAX_BYTES));
	}
}

function said(writes: number, bytes: number, erases: number): string {
	const parts = [];
	if (erases > 0) parts.push(`${erases} sector${erases === 1 ? "" : "s"} erased`);
	if (writes > 0) parts.push(`${bytes} bytes in ${writes} write${writes === 1 ? "" : "s"}`);
	return parts.join(", ");
}
