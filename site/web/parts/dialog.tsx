// SPDX-License-Identifier: Apache-2.0

import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { shellWords } from "../words/shell.js";

/** A modal dialog; Escape and the browser's own way back close it. The focus returns to where it was. */
export function Dialog({
	title,
	onClose,
	children,
}: {
	title: string;
	onClose: () => void;
	children: ComponentChildren;
}): JSX.Element {
	const dialog = useRef<HTMLDialogElement>(null);
	const id = useId();
	useEffect(() => {
		const element = dialog.current!;
		const before = document.activeElement;
		element.showModal();
		return () => {
			element.close();
			if (before instanceof HTMLElement && before.isConnected) before.focus();
		};
	}, []);
	return (
		<dialog ref={dialog} aria-labelledby={id} onCancel={cancelled(onClose)}>
			<h2 id={id}>{title}</h2>
			{children}
		</dialog>
	);
}

function cancelled(onClose: () => void): (event: Event) => void {
	return (event) => {
		// A file field in it says so, too, when no other file is chosen.
		if (event.target !== event.currentTarget) return;
		event.preventDefault();
		onClose();
	};
}

interface Question {
	readonly title: string;
	readonly text: string;
	/** What the button says: the act, never "OK". */
	readonly act: string;
	/** It takes away what does not come back. */
	readonly isGrave?: boolean;
}

const asking = signal<{ question: Question; answer: (yes: boolean) => void } | undefined>(undefined);

/** Asks before something is done. */
export function confirm(question: Question): Promise<boolean> {
	return new Promise((resolve) => {
		asking.value = {
			question,
			answer: (yes) => {
				asking.value = undefined;
				resolve(yes);
			},
		};
	});
}

export function Confirmation(): JSX.Element | null {
	if (asking.value === undefined) return null;
	const { answer, question } = asking.value;
	const { act, isGrave, text, title } = question;
	return (
		<Dialog title={title} onClose={() => answer(false)}>
			<p>{text}</p>
			<div class="actions">
				<button type="button" onClick={() => answer(false)}>
					{shellWords().cancel}
				</button>
				<button type="button" class={isGrave ? "grave" : "primary"} onClick={() => answer(true)}>
					{act}
				</button>
			</div>
		</Dialog>
	);
}
