// SPDX-License-Identifier: Apache-2.0

import { isErrorMessage } from "../../../protocol/edhoc/errors.js";
import type { Format } from "../decode/decode.js";
import { messageName } from "../decode/link.js";
import type { SpanRecorder } from "../span.js";

/** A whole message of EDHOC, by whichever link it came. `number`: 0 to 4. */
export function edhocSpan(
	recorder: SpanRecorder,
	number: number,
	message: Uint8Array,
	from: number,
	to: number,
): void {
	if (message.length === 0) return;
	// An error may stand in the place of any message but the first (RFC 9528 6).
	const kind = number !== 1 && isErrorMessage(message) ? 0 : number;
	const name = kind === 0 ? "error" : messageName(kind);
	recorder.add("edhoc", {
		...{ from, to },
		title: `${name}, ${message.length} bytes`,
		detail: kind === 2 || kind === 4 || (kind === 0 && number !== 3) ? "the reader says" : "the phone says",
		parts: [recorder.part(name, `edhoc-${kind}` as Format, message)],
	});
}

/** What the phone computes between message_2 and message_3. */
export function phoneSpan(recorder: SpanRecorder, from: number, to: number): void {
	if (to > from)
		recorder.add("crypto", {
			...{ from, to },
			title: "the phone works",
			detail: "It agrees on keys, verifies the reader's credential and signature, and signs.",
		});
}
