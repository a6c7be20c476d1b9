// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { get } from "../api.js";
import { refusalText } from "../words/refusals.js";
import { sayError } from "./notice.js";

/** What the server gives of a list at once. `next`: where the page behind it begins; null: there is none. */
export interface PageOf {
	readonly next: number | string | null;
}

export interface Pages<P extends PageOf> {
	/** Those behind the first, as far as they were asked for. */
	readonly rest: readonly P[];
	readonly next: P["next"];
	/** Asks for the next one. */
	readonly load: () => Promise<void>;
	/** Forgets all but the first. */
	readonly forget: () => void;
}

/** The pages of a list whose first is here. `address`: of that one, with a query. */
export function usePages<P extends PageOf>(first: P, address: string): Pages<P> {
	const more = useSignal<readonly P[]>([]);
	const { next } = more.value.at(-1) ?? first;
	return {
		rest: more.value,
		next,
		load: async () => {
			try {
				more.value = [...more.value, await get<P>(`${address}&cursor=${next}`)];
			} catch (error) {
				sayError(refusalText(error));
			}
		},
		forget: () => {
			more.value = [];
		},
	};
}

/** The button for the next page, where there is one. */
export function More({
	pages: { load, next },
	text,
}: {
	pages: Pages<PageOf>;
	text: string;
}): JSX.Element | null {
	if (next === null) return null;
	return (
		<button type="button" onClick={load}>
			{text}
		</button>
	);
}
