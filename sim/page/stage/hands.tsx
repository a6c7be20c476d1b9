// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Client } from "../client.js";
import type { ActInfo } from "../messages.js";
import { ActControl } from "../parts/act-control.js";

/** What a hand can do at the door, and what is not in the picture: each act of these two groups that the picture has not. */
export function Hands({ client }: { client: Client }): JSX.Element {
	const acts = client.acts.value.filter(({ group }) => group === "door" || group === "phone");
	return (
		<details class="hands">
			<summary>Everything a hand can do, with its key</summary>
			<div class="act-controls">
				{acts.map((act) => (
					<ActControl key={act.name} act={act} client={client} />
				))}
			</div>
			<dl class="keys">
				{keysOf(client.acts.value).map(([key, title]) => (
					<div key={key}>
						<dt>
							<kbd>{key}</kbd>
						</dt>
						<dd>{title}</dd>
					</div>
				))}
			</dl>
		</details>
	);
}

function keysOf(acts: readonly ActInfo[]): (readonly [key: string, title: string])[] {
	return acts.flatMap(({ keys = [] }) => keys.map(({ key, title }) => [key, title] as const));
}
