// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { Client } from "../client.js";
import type { Story } from "./story.js";

/** What the door made of the last one who came, and what one could try next. */
export function Caption({ client, story }: { client: Client; story: Story }): JSX.Element {
	const reason = story.decision.value?.reason;
	const kind = reason === undefined ? "" : reason === "granted" ? "good" : "bad";
	return (
		<div class={`caption ${kind}`}>
			<p class="said">{said(client, story)}</p>
			<Next story={story} />
		</div>
	);
}

function said(client: Client, story: Story): JSX.Element {
	const reason = story.decision.value?.reason;
	const opened = client.opened.value;
	if (story.part.value === "revoking") return <>The site revokes it, and tells the door…</>;
	if (client.state.value === undefined) return <>The reader starts…</>;
	if (reason === undefined) return <>The reader waits for a phone.</>;
	if (reason !== "granted")
		return (
			<>
				It stays shut: <strong>{reason.replaceAll("-", " ")}</strong>
			</>
		);
	return (
		<>
			Opened
			{opened !== undefined && (
				<>
					{" in "}
					<strong>{Math.round(opened / 1000)} ms</strong>
				</>
			)}
		</>
	);
}

function Next({ story }: { story: Story }): JSX.Element | null {
	if (story.canRevoke.value)
		return (
			<button type="button" class="primary" onClick={() => story.revoke()}>
				Now revoke it
			</button>
		);
	if (story.part.value === "denied")
		return (
			<button type="button" onClick={() => story.again()}>
				From the start
			</button>
		);
	return null;
}
