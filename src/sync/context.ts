// SPDX-License-Identifier: Apache-2.0

import type { TrustKey } from "../../protocol/trust/list.js";
import type { Lists } from "./lists.js";
import type { Lockdowns } from "./lockdown.js";
import type { PlanPull } from "./plan-pull.js";
import type { SyncTarget } from "./target.js";

/** What handlers and retained messages work with. */
export interface SyncContext {
	readonly target: SyncTarget;
	/** Milliseconds since message_4; meaningless without a session. */
	readonly age: number;
	/** The server's key in the trust list; absent without a session. */
	readonly server: TrustKey | undefined;
	/** A phone is served and comes first: what is long waits, for 2 s at most. */
	givesWay(): boolean;
	readonly lists: Lists;
	readonly lockdowns: Lockdowns;
	readonly pull: PlanPull;
	/** From when on the site may change settings, ms of the clock. */
	settingsFrom: number;
	/** List, plan or notices have changed: `hello` is said again. */
	changed(): void;
	/** The site may have begun anew, and not know of the session. */
	doubt(): void;
	/** A speaker has something to say. */
	wake(): void;
}
