// SPDX-License-Identifier: Apache-2.0

import { signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";

/** A component whose code the browser loads when it is first shown. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
	const loaded = signal<ComponentType<P> | "lost" | undefined>(undefined);
	const ask = (): void => {
		loaded.value = undefined;
		load().then(
			(component) => {
				loaded.value = component;
			},
			() => {
				loaded.value = "lost";
			},
		);
	};
	return (props) => {
		useEffect(() => {
			if (typeof loaded.peek() !== "function") ask();
		}, []);
		const { value: Component } = loaded;
		if (Component === "lost")
			return (
				<button type="button" onClick={ask}>
					This part of the page did not come: load it again
				</button>
			);
		return Component === undefined ? <p aria-busy="true">Loading…</p> : <Component {...props} />;
	};
}
