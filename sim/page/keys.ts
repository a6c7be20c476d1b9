// SPDX-License-Identifier: Apache-2.0

import type { Client } from "./client.js";

/** Where a key is text, or the element's own. */
const TYPED = "input, select, textarea, [contenteditable], dialog";

/** Keys of acts work wherever nothing is being typed. */
export function followKeys(client: Client, onKey: () => void): void {
	addEventListener("keydown", (event) => {
		if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
		if (event.target instanceof Element && event.target.closest(TYPED) !== null) return;
		for (const { keys = [], name } of client.acts.value)
			for (const { key, values } of keys)
				if (key === event.key) {
					event.preventDefault();
					onKey();
					client.act(name, values);
					return;
				}
	});
}
