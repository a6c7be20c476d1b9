// SPDX-License-Identifier: Apache-2.0

import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";

/** A page's name, which the browser shows too; after a change of page the focus is here. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
	useEffect(() => {
		document.title = `${title} · Lintel`;
	}, [title]);
	return (
		<div class="heading">
			<h1 tabIndex={-1}>{title}</h1>
			{children && <div class="actions">{children}</div>}
		</div>
	);
}
