// SPDX-License-Identifier: Apache-2.0

import { useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Client } from "./client.js";

/** Longer than this between two sentences begins a new message, ms. */
const TOGETHER_MS = 700;

/** What is told, for a screen reader: what is said at once is one message. */
export function Live({ client }: { client: Client }): JSX.Element {
	const said = useSignal("");
	const pending = useRef<string[]>([]);
	const timer = useRef(0);
	const read = useRef(0);
	useSignalEffect(() => {
		const told = client.told.value;
		const last = told.at(-1)?.at ?? 0;
		// Another world begins at its own time.
		if (last < read.current) read.current = 0;
		for (const { at, text } of told) if (at > read.current) pending.current.push(text);
		read.current = Math.max(read.current, last);
		if (pending.current.length === 0) return;
		clearTimeout(timer.current);
		timer.current = setTimeout(() => {
			said.value = pending.current.splice(0).join(". ");
		}, TOGETHER_MS);
	});
	return (
		<>
			<div class="unseen" role="status" aria-label="What happens">
				{said.value}
			</div>
			<div role="alert">{client.refused.value && <p class="notice bad">{client.refused.value}</p>}</div>
		</>
	);
}
