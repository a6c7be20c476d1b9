// SPDX-License-Identifier: Apache-2.0

import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { pathname } from "../router.js";
import { shellWords } from "../words/shell.js";

interface Said {
	/** The page that it was said on: another does not have it. */
	readonly at: string;
	readonly text: string;
	readonly isError: boolean;
}

const said = signal<Said | undefined>(undefined);

/** Tells what has been done; a screen reader says it. It stays until the next, or until it is closed. */
export function say(text: string): void {
	said.value = { at: pathname.value, text, isError: false };
}

export function sayError(text: string): void {
	said.value = { at: pathname.value, text, isError: true };
}

/** Both regions are there from the start: one that comes with its text is not read. */
export function Notices(): JSX.Element {
	const now = said.value?.at === pathname.value ? said.value : undefined;
	const hush = (): void => {
		said.value = undefined;
	};
	const t = shellWords();
	return (
		<div class="notices">
			<div role="status">{now && !now.isError && <p class="notice good">{now.text}</p>}</div>
			<div role="alert">{now?.isError && <p class="notice bad">{now.text}</p>}</div>
			{now && (
				<button type="button" class="quiet" onClick={hush}>
					{t.close}
				</button>
			)}
		</div>
	);
}

/** What a page has to say first, as that something needs attention. */
export function Banner({
	kind = "warning",
	children,
}: {
	kind?: "warning" | "bad" | "info";
	children: ComponentChildren;
}): JSX.Element {
	return <div class={`banner ${kind}`}>{children}</div>;
}

/** In place of a list that has nothing, with what to do next. */
export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
	return <div class="empty">{children}</div>;
}
