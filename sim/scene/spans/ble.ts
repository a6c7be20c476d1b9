// SPDX-License-Identifier: Apache-2.0

import { FrameReader } from "../../../protocol/link/frames.js";
import { messageName } from "../decode/link.js";
import type { Part, SpanRecorder } from "../span.js";
import { edhocSpan, phoneSpan } from "./edhoc.js";

/** One way of a connection: frames until a message is whole. */
interface Way {
	readonly frames: FrameReader;
	parts: Part[];
	from: number;
}

/** Frames of one phone over Bluetooth, and the messages that they carry. */
export class BleSpans {
	readonly #recorder: SpanRecorder;
	readonly #ways: Readonly<Record<"phone" | "reader", Way>> = { phone: way(), reader: way() };
	/** message_2 was whole at this moment. */
	#asked: number | undefined;

	constructor(recorder: SpanRecorder) {
		this.#recorder = recorder;
	}

	take(from: "phone" | "reader", frame: Uint8Array): void {
		const { now } = this.#recorder;
		const going = this.#ways[from];
		if (going.parts.length === 0) going.from = now;
		going.parts.push(this.#recorder.part(`frame ${going.parts.length + 1}`, "ble", frame));
		const result = going.frames.push(frame);
		if (result === "more") return;
		const whole = result === "whole";
		const { kind, message } = going.frames;
		const began = going.from;
		this.#recorder.add("transaction", {
			...{ from: began, to: now, parts: going.parts },
			title: whole ? messageName(kind) : `a frame is refused: ${result}`,
			detail: from === "phone" ? "written by the phone" : "notified by the reader",
		});
		going.parts = [];
		if (!whole) return;
		if (from === "phone" && this.#asked !== undefined) phoneSpan(this.#recorder, this.#asked, began);
		this.#asked = kind === 2 ? now : undefined;
		edhocSpan(this.#recorder, kind, kind === 1 ? message.subarray(1) : message, began, now);
	}
}

function way(): Way {
	return { frames: new FrameReader(), parts: [], from: 0 };
}
