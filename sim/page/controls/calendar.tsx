// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Client } from "../client.js";

/** Moves the wall clock and the calendar of the world on: at the reader as at its site. */
export function Calendar({ client }: { client: Client }): JSX.Element {
	const to = useSignal("");
	const later = client.acts.value.find(({ name }) => name === "later")?.parameters[0];
	return (
		<details class="calendar">
			<summary>
				<span class="unseen">Calendar: </span>
				<WorldClock client={client} />
			</summary>
			<div>
				{later !== undefined &&
					"choices" in later &&
					later.choices.map((by, i) => (
						<button key={by} type="button" onClick={() => client.act("later", { by })}>
							{later.words?.[i] ?? by}
						</button>
					))}
				<form
					onSubmit={(event) => {
						event.preventDefault();
						client.act("calendar", { to: to.value });
					}}
				>
					<input
						type="datetime-local"
						aria-label="The site's local time"
						required
						value={to.value}
						onInput={({ currentTarget }) => {
							to.value = currentTarget.value;
						}}
					/>
					<button type="submit">Go there</button>
				</form>
			</div>
		</details>
	);
}

/** The calendar of the world, in UTC. */
function WorldClock({ client }: { client: Client }): JSX.Element {
	const at = new Date(1000 * (client.state.value?.seconds ?? 0));
	const [day, time] = at.toISOString().slice(0, 19).split("T");
	return (
		<time class="clock" dateTime={at.toISOString()}>
			{at.toLocaleDateString("en", { weekday: "short", timeZone: "UTC" })} {day} <b>{time}</b> UTC
		</time>
	);
}
