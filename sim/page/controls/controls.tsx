// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Client } from "../client.js";
import type { Pace } from "../messages.js";

const NAMES: Readonly<Record<Pace, string>> = { 0: "Pause", 0.1: "×0.1", 1: "×1" };

/** On top: the pace of the world, and its clock. */
export function Controls({ client }: { client: Client }): JSX.Element {
	return (
		<div class="controls">
			<fieldset class="segments" aria-label="Pace">
				{([0, 0.1, 1] as const).map((pace) => (
					<button
						key={pace}
						type="button"
						aria-pressed={client.pace.value === pace}
						onClick={() => client.setPace(pace)}
					>
						{NAMES[pace]}
					</button>
				))}
			</fieldset>
			<button type="button" onClick={() => client.step()}>
				Step
			</button>
			<WorldClock client={client} />
		</div>
	);
}

function WorldClock({ client }: { client: Client }): JSX.Element | null {
	const state = client.state.value;
	if (state === undefined) return null;
	const at = new Date(1000 * state.seconds);
	return (
		<time class="clock" dateTime={at.toISOString()}>
			{at.toISOString().slice(0, 19).replace("T", " ")}
		</time>
	);
}
