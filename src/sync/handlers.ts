// SPDX-License-Identifier: Apache-2.0

/** What becomes of the site's messages, a function each. They are made at build time and stay in flash. */

import type { MessageName, MessageOf } from "../../protocol/sync/messages.js";
import { command } from "./command.js";
import { configuration } from "./configuration.js";
import type { SyncContext } from "./context.js";
import { takeLockdown } from "./lockdown.js";
import { takeNotice } from "./notices.js";
import { takeDelta, takeList, takeOffer } from "./plan.js";
import { settings } from "./settings.js";

/** Does what a message asks for. Returns the refusal for its `ack`, or null: it is done. Byte strings are views. */
export type Handler<N extends MessageName> = (sync: SyncContext, message: MessageOf<N>) => string | null;

/** The site's messages that are no answers. */
export type Asked =
	| "list"
	| "delta"
	| "offer"
	| "notice"
	| "lockdown"
	| "command"
	| "settings"
	| "configuration";

/** One that is not here is answered as one of a newer version of the format: "unknown". */
export const HANDLERS: { readonly [N in Asked]?: Handler<N> } = Object.freeze({
	list: takeList,
	delta: takeDelta,
	offer: takeOffer,
	notice: takeNotice,
	lockdown: takeLockdown,
	command,
	configuration,
	settings,
});
