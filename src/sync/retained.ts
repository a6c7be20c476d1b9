// SPDX-License-Identifier: Apache-2.0

/** What comes outside a session, from whoever has the broker: it proves itself. The functions are made at build time. */

import { topicLockdown, topicRevoked, topicTrust } from "../../protocol/sync/topics.js";
import type { SyncContext } from "./context.js";
import { offerLockdown } from "./lockdown.js";
import { takeRevoked } from "./notices.js";

export interface RetainedTopic {
	/** Of a site. */
	readonly topic: (site: string) => string;
	/** Takes what came on it, a view of at most 1,024 bytes. `retained`: the broker had kept it from before. */
	readonly take: (sync: SyncContext, bytes: Uint8Array, retained: boolean) => void;
}

export const RETAINED: readonly RetainedTopic[] = Object.freeze([
	Object.freeze({ topic: topicTrust, take: takeTrust }),
	Object.freeze({ topic: topicRevoked, take: takeRevoked }),
	Object.freeze({ topic: topicLockdown, take: offerLockdown }),
]);

/** The newest list once more, published and not kept from before: the site has begun anew. */
function takeTrust(sync: SyncContext, bytes: Uint8Array, retained: boolean): void {
	if (sync.lists.offered(bytes)) sync.changed();
	else if (!retained && sync.lists.isNewest(bytes)) sync.doubt();
}
