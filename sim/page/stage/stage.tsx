// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Client } from "../client.js";

/** The door with all that is at it. */
export function Stage({ client }: { client: Client }): JSX.Element {
	const state = client.state.value;
	if (state === undefined) return <p aria-busy="true">The reader starts…</p>;
	return (
		<>
			<p>
				light {state.light}, {state.locked ? "locked" : "released"}, {state.open ? "open" : "shut"}
			</p>
			<button type="button" onClick={() => client.act("tap")}>
				Tap
			</button>
		</>
	);
}
