// SPDX-License-Identifier: Apache-2.0

import { effect } from "@preact/signals";
import type { Client } from "./client.js";

/** Where a key is text, or the element's own. */
const TYPED = "input, select, textarea, [contenteditable], dialog";

/** So many wait. */
const EARLY = 8;

/** Keys of acts work wherever nothing is being typed. The first that come before the world is there wait for it. */
export function followKeys(client: Client, onKey: () => void): void {
	const early: string[] = [];
	const press = (pressed: string): boolean => {
		for (const { keys = [], name } of client.acts.value)
			for (const { key, values } of keys)
				if (key === pressed) {
					onKey();
					client.act(name, values);
					return true;
				}
		return false;
	};
	addEventListener("keydown", (event) => {
		if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
		if (event.target instanceof Element && event.target.closest(TYPED) !== null) return;
		if (client.acts.value.length > 0) {
			if (press(event.key)) event.preventDefault();
		} else if (early.length < EARLY) early.push(event.key);
	});
	effect(() => {
		// Behind all else that begins with a world, as the phone that comes by itself: a key keeps that away.
		if (client.acts.value.length > 0) queueMicrotask(() => early.splice(0).forEach(press));
	});
}
