// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Client } from "../client.js";
import { Caption } from "./caption.js";
import { Deck } from "./deck.js";
import { Facade } from "./facade.js";
import { Hands } from "./hands.js";
import { Standing } from "./standing.js";
import type { Story } from "./story.js";

/** The door with all that is at it, who may come to it, and what a hand can do. */
export function Stage({ client, story }: { client: Client; story: Story }): JSX.Element {
	const state = client.state.value;
	if (state === undefined)
		return (
			<div class="facade" aria-busy="true">
				<p class="wait">The reader starts…</p>
			</div>
		);
	return (
		<div data-ready>
			<Facade client={client} state={state} />
			<Caption client={client} story={story} />
			<Standing state={state} />
			<Deck client={client} />
			<Hands client={client} />
		</div>
	);
}
