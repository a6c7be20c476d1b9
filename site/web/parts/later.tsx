// SPDX-License-Identifier: Apache-2.0

import type { ComponentType, JSX } from "preact";
import { shellWords } from "../words/shell.js";
import { deferred } from "./deferred.js";
import { Banner } from "./notice.js";

function Coming(): JSX.Element {
	return <p aria-busy="true">{shellWords().loading}</p>;
}

function Lost({ again }: { readonly again: () => void }): JSX.Element {
	const t = shellWords();
	return (
		<Banner kind="bad">
			<p>{t.unreachableText}</p>
			<button type="button" onClick={again}>
				{t.again}
			</button>
		</Banner>
	);
}

/** `deferred`, in the words of the server's pages. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
	return deferred(load, { Coming, Lost });
}
