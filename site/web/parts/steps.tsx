// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { firstRunWords } from "../words/first-run.js";

/** What the first run leads through, in this order. */
export const STEPS = ["site", "root", "owner", "zone", "door", "person"] as const;
export type Step = (typeof STEPS)[number];

/** Where the first run is; `undefined`: at its end. */
export function Steps({ at }: { at: Step | undefined }): JSX.Element {
	const t = firstRunWords();
	const here = at === undefined ? STEPS.length : STEPS.indexOf(at);
	return (
		<ol class="steps" aria-label={t.steps}>
			{STEPS.map((step, i) => (
				<li key={step} class={i < here ? "done" : undefined} aria-current={i === here ? "step" : undefined}>
					{t.names[step]}
					{i < here && <span class="unseen"> ({t.isDone})</span>}
				</li>
			))}
		</ol>
	);
}
