// SPDX-License-Identifier: Apache-2.0

/** What the site commands: now or never. It lives in a session alone, and for seconds, so nobody can keep it for a better moment. */

import {
	COMMANDS,
	type DoorCommand,
	EVENTS,
	ORIGINS,
	READER_COMMANDS,
	type ReaderCommand,
} from "../../protocol/events.js";
import { MAX_AHEAD, MAX_OPEN } from "../../protocol/sync/bounds.js";
import type { MessageOf } from "../../protocol/sync/messages.js";
import type { SyncContext } from "./context.js";

/** How long `identify` shows where it does not say, s. */
const IDENTIFY_S = 10;

/** So long a reader has run before the site may restart it, ms: while it starts, request-to-exit waits. */
const RUN_MS = 60_000;

/** To unlock until further notice is an installer's to command, or the plan's to say. */
function isForDoor(what: string): what is DoorCommand {
	return what !== "unlock" && Object.hasOwn(COMMANDS, what);
}

/** Does it, or says why not. */
export function command(sync: SyncContext, message: MessageOf<"command">): string | null {
	const { age } = sync;
	const { clock, reader } = sync.target;
	const { by, for: seconds, until, what } = message;
	// The server's key may have ended.
	if (reader.knownTime === undefined) return "clock-unset";
	if (age > until) return "too-late";
	if (until > age + MAX_AHEAD) return "too-far-ahead";
	if (seconds > (what === "open" || what === "identify" ? MAX_OPEN : 0)) return "out-of-range";
	if (isForDoor(what)) return reader.command(what, seconds, by).done ? null : "lockdown";
	if (!Object.hasOwn(READER_COMMANDS, what)) return "unknown-command";
	if (what === "restart" && clock.now() < RUN_MS) return "too-soon";
	const number = READER_COMMANDS[what as ReaderCommand];
	reader.record(EVENTS.command, (ORIGINS.site << 8) | number, seconds << 8, by);
	if (what === "restart") reader.restart();
	else reader.identify((seconds || IDENTIFY_S) * 1000);
	return null;
}
