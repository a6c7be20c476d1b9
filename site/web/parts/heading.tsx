// SPDX-License-Identifier: Apache-2.0

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { hasArrived } from "../router.js";

/** A page's name, which the browser shows too; after a change of page the focus is here. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		document.title = `${title} · Lintel`;
		if (!hasArrived()) return;
		scrollTo(0, 0);
		heading.current?.focus();
	});
	return (
		<div class="heading">
			<h1 ref={heading} tabIndex={-1}>
				{title}
			</h1>
			{children && <div class="actions">{children}</div>}
		</div>
	);
}
