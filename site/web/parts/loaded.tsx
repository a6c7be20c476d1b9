// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { refusalText } from "../words/refusals.js";
import { shellWords } from "../words/shell.js";
import { Banner } from "./notice.js";

export interface Loading<T> {
	readonly value: Signal<T | undefined>;
	readonly error: Signal<unknown>;
	readonly again: () => Promise<void>;
}

/** What the server says of `address`: again when that is another, and when `again` is called. The newest question counts. */
export function useLoaded<T>(address: string, load: () => Promise<T>): Loading<T> {
	const value = useSignal<T | undefined>(undefined);
	const error = useSignal<unknown>(undefined);
	const turn = useRef(0);
	const again = async (): Promise<void> => {
		const own = ++turn.current;
		try {
			const found = await load();
			if (own !== turn.current) return;
			value.value = found;
			error.value = undefined;
		} catch (reason) {
			if (own === turn.current) error.value = reason;
		}
	};
	useEffect(() => {
		void again();
		return () => {
			turn.current++;
		};
	}, [address]);
	return { value, error, again };
}

/** What was loaded, or that it is being loaded, or why it was not. */
export function Loaded<T>({
	of,
	reasons,
	children,
}: {
	of: Loading<T>;
	/** The page's words for refusals of its own. */
	reasons?: Readonly<Record<string, string>>;
	children: (value: T) => ComponentChildren;
}): JSX.Element {
	const t = shellWords();
	const { again, error, value } = of;
	if (error.value !== undefined)
		return (
			<Banner kind="bad">
				<p>{refusalText(error.value, reasons)}</p>
				<button type="button" onClick={again}>
					{t.again}
				</button>
			</Banner>
		);
	if (value.value === undefined) return <p aria-busy="true">{t.loading}</p>;
	return <>{children(value.value)}</>;
}
