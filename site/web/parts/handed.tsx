// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { Dialog } from "./dialog.js";
import { say } from "./notice.js";

/** What is shown once, to be handed over or kept: closing takes it out of sight for good. */
export function Handed({
	title,
	text,
	value,
	words,
	onClose,
}: {
	title: string;
	text: string;
	value: string;
	words: { readonly copy: string; readonly copied: string; readonly done: string };
	onClose: () => void;
}): JSX.Element {
	const id = useId();
	const copy = async (): Promise<void> => {
		await navigator.clipboard.writeText(value);
		say(words.copied);
	};
	return (
		<Dialog title={title} onClose={onClose}>
			<div class="field">
				<label for={id}>{text}</label>
				<input id={id} readOnly value={value} onFocus={(event) => event.currentTarget.select()} />
			</div>
			<div class="actions">
				<button type="button" onClick={copy}>
					{words.copy}
				</button>
				<button type="button" class="primary" onClick={onClose}>
					{words.done}
				</button>
			</div>
		</Dialog>
	);
}
