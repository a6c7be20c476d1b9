// SPDX-License-Identifier: Apache-2.0

import { signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";

/** What stands in a component's place. */
export interface Meanwhile {
	readonly Coming: ComponentType;
	/** It did not come; `again` asks for it once more. */
	readonly Lost: ComponentType<{ readonly again: () => void }>;
}

/** A component whose code the browser loads when it is first shown. */
export function deferred<P extends object>(
	load: () => Promise<ComponentType<P>>,
	{ Coming, Lost }: Meanwhile,
): (props: P) => JSX.Element {
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
		if (Component === "lost") return <Lost again={ask} />;
		return Component === undefined ? <Coming /> : <Component {...props} />;
	};
}
