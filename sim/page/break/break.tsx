// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Client } from "../client.js";
import { ActControl } from "../parts/act-control.js";
import { PowerCut } from "./power-cut.js";

/** What is told last of what the reader did about it. */
const SHOWN = 5;

/** Everything that can be broken, and what the reader did about it. */
export function Break({ client }: { client: Client }): JSX.Element {
	const acts = client.acts.value.filter(({ group, name }) => group === "break" && name !== "cut");
	return (
		<div class="break">
			<PowerCut client={client} />
			<div class="acts">
				{acts.map((act) => (
					<ActControl key={act.name} act={act} client={client} />
				))}
			</div>
			<Aftermath client={client} />
		</div>
	);
}

/** What was done, and what came of it: the newest first. */
function Aftermath({ client }: { client: Client }): JSX.Element {
	const told = client.told.value.slice(-SHOWN).reverse();
	return (
		<section class="aftermath" aria-label="What came of it">
			<h2>What came of it</h2>
			<ol reversed>
				{told.map(({ at, text }, i) => (
					<li key={client.told.value.length - i}>
						<span class="faint">{(at / 1e6).toFixed(3)} s</span> {text}
					</li>
				))}
			</ol>
		</section>
	);
}
