// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { say } from "../parts/notice.js";
import { phoneWords } from "../words/phone.js";

/** Copies a text; where the browser may not, it is selected for the person to do so. */
export function Copyable({ text, act, label }: { text: string; act: string; label: string }): JSX.Element {
	const t = phoneWords();
	const field = useRef<HTMLTextAreaElement>(null);
	const copy = async (): Promise<void> => {
		try {
			await navigator.clipboard.writeText(text);
			say(t.copied);
		} catch {
			field.current?.select();
		}
	};
	return (
		<div class="copyable">
			<textarea ref={field} readOnly aria-label={label} rows={3} value={text} />
			<button type="button" onClick={copy}>
				{act}
			</button>
		</div>
	);
}
