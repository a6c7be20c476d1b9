// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { SceneState } from "../../scene/scene.js";
import type { Client } from "../client.js";
import { Caption } from "./caption.js";
import { Deck } from "./deck.js";
import { Facade } from "./facade.js";
import { Hands } from "./hands.js";
import { Standing } from "./standing.js";
import type { Story } from "./story.js";

/** Before the Worker is there: what is asked for meanwhile waits for it. */
const STARTING: SceneState = {
	at: 0,
	seconds: 0,
	powered: false,
	light: "off",
	tone: 0,
	lock: "strike",
	door: {
		open: false,
		locked: true,
		relay: false,
		exit: false,
		tamper: false,
		fire: false,
		lockdown: false,
	},
	field: false,
	session: false,
	present: [],
};

/** The door with all that is at it, who may come to it, and what a hand can do. */
export function Stage({ client, story }: { client: Client; story: Story }): JSX.Element {
	const state = client.state.value;
	return (
		<div data-ready={state !== undefined} aria-busy={state === undefined}>
			<Facade client={client} state={state ?? STARTING} />
			<Caption client={client} story={story} />
			<Standing state={state ?? STARTING} />
			<Deck client={client} />
			<Hands client={client} />
		</div>
	);
}
