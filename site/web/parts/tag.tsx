// SPDX-License-Identifier: Apache-2.0

import type { ComponentChildren, JSX } from "preact";

/** A state in a word. The colour repeats what the word says. */
export function Tag({
	kind,
	children,
}: {
	kind?: "good" | "bad" | "warning" | undefined;
	children: ComponentChildren;
}): JSX.Element {
	return <span class={`tag ${kind ?? ""}`}>{children}</span>;
}
