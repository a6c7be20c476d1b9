// SPDX-License-Identifier: Apache-2.0

import type { ComponentType, JSX } from "preact";
import { deferred } from "../../../site/web/parts/deferred.js";

function Coming(): JSX.Element {
	return <p aria-busy="true">Loading…</p>;
}

function Lost({ again }: { readonly again: () => void }): JSX.Element {
	return (
		<button type="button" onClick={again}>
			This part of the page did not come: load it again
		</button>
	);
}

/** `deferred`, in the simulator's words. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
	return deferred(load, { Coming, Lost });
}
