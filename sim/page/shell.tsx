// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Client } from "./client.js";
import { Controls } from "./controls/controls.js";
import { Lanes } from "./lanes/lanes.js";
import { Live } from "./live.js";
import { Log } from "./log/log.js";
import { later } from "./parts/later.js";
import { Stage } from "./stage/stage.js";
import type { Story } from "./stage/story.js";
import { Tabs } from "./tabs.js";

// A first look needs neither: the page is there sooner.
const Site = later(async () => (await import("./site/site.js")).Site);
const Break = later(async () => (await import("./break/break.js")).Break);

/** The frame: controls on top, the door to the left, what happens, the site and what breaks to the right, the log below. */
export function Shell({ client, story }: { client: Client; story: Story }): JSX.Element {
	return (
		<>
			<a class="skip" href="#stage">
				To the door
			</a>
			<header>
				<h1 class="brand">
					<img src="icon.svg" alt="" width="26" height="26" /> Lintel <span class="faint">simulator</span>
				</h1>
				<Controls client={client} />
			</header>
			<Live client={client} />
			<main>
				<section id="stage" class="stage" aria-label="The door" tabIndex={-1}>
					<Stage client={client} story={story} />
				</section>
				<section class="side" aria-label="What happens behind it">
					<Tabs
						tabs={[
							{ name: "lanes", title: "What happens", panel: () => <Lanes client={client} /> },
							{ name: "site", title: "Site", panel: () => <Site client={client} /> },
							{ name: "break", title: "Break it", panel: () => <Break client={client} /> },
						]}
					/>
				</section>
				<section class="log" aria-label="The door's log">
					<Log client={client} />
				</section>
			</main>
		</>
	);
}
