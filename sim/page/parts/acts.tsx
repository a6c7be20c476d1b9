// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Client } from "../client.js";
import { ActControl } from "./act-control.js";

/** The controls of these acts. */
export function Acts({ client, names }: { client: Client; names: readonly string[] }): JSX.Element {
	const acts = names.flatMap((name) => client.acts.value.find((act) => act.name === name) ?? []);
	return (
		<div class="acts">
			{acts.map((act) => (
				<ActControl key={act.name} act={act} client={client} />
			))}
		</div>
	);
}
