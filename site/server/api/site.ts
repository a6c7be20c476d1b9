// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../../protocol/crypto.js";
import type { TrustList } from "../../../protocol/trust/list.js";
import type { SiteTransport } from "../broker/transport.js";
import type { FeedWatch } from "../events/feed-watch.js";
import type { Metrics } from "../metrics.js";
import type { ServerKeys } from "../server-keys.js";
import type { SiteStore } from "../store/store.js";
import type { Caller } from "./token.js";

/** What the API works on: one site, whole. */
export interface Site {
	readonly id: string;
	readonly store: SiteStore;
	readonly keys: ServerKeys;
	readonly feed: FeedWatch;
	readonly metrics: Metrics;
	readonly transport: SiteTransport;
	readonly crypto: Crypto;
	/** Seconds since 1970. */
	readonly now: () => number;
	/** Takes the next trust list and brings it to the doors. Throws `Failure`. */
	takeList(signed: Uint8Array): Promise<TrustList>;
	/** Writes down what an administrator did. */
	act(by: Caller, what: string, to?: string, details?: unknown): Promise<void>;
}
