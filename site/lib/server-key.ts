// SPDX-License-Identifier: Apache-2.0

import { MAX_SYNC_LIFE, type Role } from "../../protocol/trust/list.js";
import type { KeyModel } from "./trust/model.js";

/** What a site's server does with a key of its own: it signs what doors and phones take, and speaks with doors. */
export const SERVER_ROLES: readonly Role[] = Object.freeze(["issue", "plan", "sync"]);
/** Longest life of a credential that a server issues, days: so long a stolen one's are worth something. */
export const ISSUE_DAYS = 30;
/** Life of the key, s: a minute below the longest, for a clock that is behind. */
export const SERVER_LIFE = MAX_SYNC_LIFE - 60;

/** A server's key as a list names it that is issued `now`, seconds since 1970. */
export function serverKey(publicKey: Uint8Array, now: number): KeyModel {
	return { publicKey, roles: SERVER_ROLES, days: ISSUE_DAYS, until: now + SERVER_LIFE };
}
