// SPDX-License-Identifier: Apache-2.0

import type { Brought } from "../site/lib/provisioning/bring-lists.js";

/** What there is to say of a site's lists at a reader. `known`: the newest version here. */
export function listWords({ from, held, to }: Brought, known: number): string[] {
	const words: string[] = [];
	if (to > known)
		words.push(
			`the reader has trust list ${to}, and the files here end with ${known}: put the site's newest site.json beside the key file`,
		);
	else if (to > from)
		words.push(
			`the reader has taken ${to === from + 1 ? `trust list ${to}` : `trust lists ${from + 1} to ${to}`}`,
		);
	if (held) words.push(heldWords(to));
	return words;
}

/** Of a list by which the key of the plan in force was stolen. */
export function heldWords(version: number): string {
	return `the reader holds trust list ${version} back: the key that signed its plan is stolen by that list, and without a plan its door opens for no phone. Install a plan that is signed by a key of now: \`lintel install-plan\`; or void the plan at once: \`lintel trust install --alone\``;
}
