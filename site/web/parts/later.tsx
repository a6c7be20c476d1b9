// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { shellWords } from "../words/shell.js";
import { Banner } from "./notice.js";

/** A component whose code the browser loads when it is first shown. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
	let loaded: ComponentType<P> | undefined;
	return (props) => {
		const is = useSignal<"here" | "coming" | "lost">(loaded === undefined ? "coming" : "here");
		const fetchIt = (): void => {
			if (loaded !== undefined) return;
			is.value = "coming";
			load().then(
				(component) => {
					loaded = component;
					is.value = "here";
				},
				() => {
					is.value = "lost";
				},
			);
		};
		useEffect(fetchIt, []);
		const t = shellWords();
		if (is.value === "lost")
			return (
				<Banner kind="bad">
					<p>{t.unreachableText}</p>
					<button type="button" onClick={fetchIt}>
						{t.again}
					</button>
				</Banner>
			);
		const Component = loaded;
		return Component === undefined ? <p aria-busy="true">{t.loading}</p> : <Component {...props} />;
	};
}
