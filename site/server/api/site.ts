// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../../protocol/crypto.js";
import type { TrustList } from "../../../protocol/trust/list.js";
import type { SiteSync } from "../../lib/sync/site-sync.js";
import type { SiteAddress } from "../address.js";
import type { SiteBooks } from "../books.js";
import type { BrokerSecret } from "../broker/passwords.js";
import type { SiteTransport } from "../broker/transport.js";
import type { DoorReport } from "../door-reports.js";
import type { DoorStanding, NewestPlan } from "../door-state.js";
import type { FeedWatch } from "../events/feed-watch.js";
import type { InvitationMessages } from "../invitations/messages.js";
import type { Outbox } from "../messages/outbox.js";
import type { Metrics } from "../metrics.js";
import type { PlanCache } from "../plan-cache.js";
import type { PlanProblem } from "../plan-maker.js";
import type { Planner } from "../planner.js";
import type { ServerKeys } from "../server-keys.js";
import type { Passkeys } from "../sign-in/passkeys.js";
import type { Passwords } from "../sign-in/passwords.js";
import type { Action } from "../store/actions.js";
import type { Door } from "../store/doors.js";
import type { SiteStore } from "../store/store.js";
import type { Caller } from "./caller.js";

/** What the API works on: one site, whole. */
export interface Site {
	readonly id: string;
	readonly store: SiteStore;
	readonly keys: ServerKeys;
	readonly planner: Planner;
	readonly books: SiteBooks;
	readonly plans: PlanCache;
	readonly sync: Pick<SiteSync, "command" | "state">;
	readonly feed: FeedWatch;
	readonly metrics: Metrics;
	/** Messages to people. */
	readonly outbox: Outbox;
	readonly messages: InvitationMessages;
	readonly transport: SiteTransport;
	/** Where doors find the broker, and what their passwords are made of. */
	readonly broker: { readonly host: string; readonly port: number; readonly secret: BrokerSecret };
	readonly crypto: Crypto;
	/** Where browsers find it. */
	readonly address: SiteAddress;
	readonly passwords: Passwords;
	readonly passkeys: Passkeys;
	/** Seconds since 1970. */
	readonly now: () => number;
	/** Plans that could not be made. */
	readonly problems: readonly PlanProblem[];
	/** What other processes of the site have changed is here when it resolves. */
	catchUp(): Promise<void>;
	/** How a door stands. `plan`: the newest that is signed for it. */
	standing(door: Door, plan: NewestPlan | undefined): DoorStanding;
	/** What a door has said last. */
	report(door: string): Readonly<DoorReport>;
	/** A door came, was removed, or has another reader: whoever was connected for it has to come again. */
	doorChanged(door: string): Promise<void>;
	/** Takes the next trust list and brings it to the doors. Throws `Failure`. */
	takeList(signed: Uint8Array): Promise<TrustList>;
	/** What an administrator does, to be written down with what it changes. */
	action(by: Pick<Caller, "id">, what: string, to?: string, details?: unknown): Action;
	/** Writes it down by itself. */
	act(by: Pick<Caller, "id">, what: string, to?: string, details?: unknown): Promise<void>;
}
