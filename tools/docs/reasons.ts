// SPDX-License-Identifier: Apache-2.0

import type { RestartCause } from "../../hal/contracts/chip.js";
import { RESTARTS } from "../../protocol/events.js";
import { REASONS, type Reason } from "../../protocol/reasons.js";
import { EXPLAINED } from "../../site/lib/log/explained.js";
import { EN } from "../../site/lib/log/words/en.js";

/** The same for each start of a reader. */
const STARTED: Readonly<Record<RestartCause, readonly [means: string, remedy: string]>> = {
	unknown: ["The chip gives no cause that this firmware knows.", "Nothing; if it comes back, tell us."],
	"power-on": ["Power came.", "Nothing, unless nobody switched it: look at the supply."],
	"reset-pin": [
		"The chip's reset pin was pulled.",
		"Nothing; without anybody at the board, look for interference.",
	],
	"brown-out": [
		"The supply sagged below what the chip needs.",
		"A stronger supply, or one of its own for the lock; look at the wires' cross-section.",
	],
	watchdog: ["The firmware hung for 5 s.", "Send the log; a reader that comes back serves meanwhile."],
	exception: [
		"A defect of the firmware: an exception that nothing caught.",
		"Send the log, update the firmware.",
	],
	"out-of-memory": [
		"The firmware ran out of the engine's memory.",
		"Send the log with the reader's configuration, update the firmware.",
	],
	software: ["Somebody asked: a new configuration, a command, the reset button.", "Nothing."],
	"stack-overflow": ["The firmware ran out of the engine's stack.", "As for `out-of-memory`."],
};

/** docs/reasons.md. */
export function reasonsDocument(): string {
	const rows = (Object.keys(REASONS) as Reason[]).map((reason) => {
		const [means, remedy] = EXPLAINED[reason];
		return `| ${REASONS[reason]} | \`${reason}\` | ${EN.reasons[reason].short} | ${means} | ${remedy} |`;
	});
	const starts = (Object.keys(RESTARTS) as RestartCause[]).map((cause) => {
		const [means, remedy] = STARTED[cause];
		return `| ${RESTARTS[cause]} | \`${cause}\` | ${means} | ${remedy} |`;
	});
	return `# Why a door opened or stayed shut

The reader tells the phone, the log and the site one reason for each decision. A number never changes its meaning. Where
several things speak against opening, the reason is the first in this order: the transaction and the credential's
signature, the plan as a whole, the credential's record (revoked before anything else), a lockdown, the time where it is
needed and not known, the credential's dates, the plan's end, the dates in the plan, the schedule, the first person.

| number | reason | on the server's page | means | what to do |
|---|---|---|---|---|
${rows.join("\n")}

## Why the reader started

The \`restart\` event of the log says why, and how many starts in a row before it failed (docs/DESIGN.md, "Starting
again"); \`state\` over the cable says it as \`started\`. Whatever the cause, the relay is off from that moment, after a hang
2 s later at the latest, until somebody is granted (docs/door.md, "The safe state").

| number | cause | means | what to do |
|---|---|---|---|
${starts.join("\n")}

Written by \`npm run docs\`.
`;
}
