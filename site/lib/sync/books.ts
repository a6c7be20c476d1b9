// SPDX-License-Identifier: Apache-2.0

import type { MessageOf } from "../../../protocol/sync/messages.js";
import type { KeyRefusal, TrustList } from "../../../protocol/trust/list.js";
import type { LogRefusal, SiteCursor } from "../log/intake.js";
import type { SigningKey } from "../site-keys.js";

/** The newest snapshot of a door's plan. */
export interface DoorPlan {
	readonly epoch: number;
	readonly version: number;
	/** Sequence of the newest revocation notice that it includes. */
	readonly notice: number;
	/** Signed. */
	readonly envelope: Uint8Array;
	readonly body: Uint8Array;
	/** SHA-256 of the body. */
	readonly bodyHash: Uint8Array;
}

/** What the site may set at a reader by itself; null: as it is. */
export type Settings = Omit<MessageOf<"settings">, "id" | "name">;

/** A message of the site by its fields, before it has an id. */
export type Unsaid =
	MessageOf<
		"list" | "notice" | "lockdown" | "delta" | "offer" | "settings" | "configuration" | "command"
	> extends infer M
		? M extends unknown
			? Omit<M, "id">
			: never
		: never;

/** Why a session ended at the site. */
export type SessionEnd =
	/** The reader has begun another. */
	| "replaced"
	/** After 24 hours. */
	| "expired"
	/** Another reader is registered for the door, or the trust list has revoked this one. */
	| "not-registered"
	/** The site ends. */
	| "closed";

/** What happens at a door, for the administrator and for the books. */
export type DoorNews =
	| { readonly kind: "begun" }
	| { readonly kind: "ended"; readonly why: SessionEnd }
	/** The reader has not answered for a while: its session stays, and it is tried now and then. */
	| { readonly kind: "silent" }
	/** It has said something again, in the same session. */
	| { readonly kind: "heard" }
	/**
	 * A newer session took the place of one that was not silent, or its reader's log ends before that of the session before: two readers may
	 * have one identity.
	 */
	| { readonly kind: "two-readers" }
	/** A handshake failed: a reason of EDHOC, of a credential, or the peer's own in `detail`. */
	| { readonly kind: "refused"; readonly reason: string; readonly detail: string | undefined }
	| { readonly kind: "hello"; readonly hello: MessageOf<"hello"> }
	/** The reader has what the site does not know: the site was restored from an older state, or the reader is not of this history. */
	| { readonly kind: "ahead"; readonly of: "list" | "plan" | "notice" | "lockdown" | "log" }
	/** The reader has another list of a version that the site has, too. */
	| { readonly kind: "other-list" }
	/** The reader's log has another record of a serial that the site has: of two histories neither is acknowledged. */
	| { readonly kind: "other-log"; readonly serial: number }
	/** The reader's log ends before what the site has of it. */
	| { readonly kind: "log-behind"; readonly last: number; readonly site: number }
	/** What a message of the site has come to at the reader. */
	| { readonly kind: "answered"; readonly to: Unsaid; readonly refusal: string | null }
	| { readonly kind: "outcome"; readonly hash: Uint8Array; readonly refusal: string | null }
	/** A record of the log, ahead of it. */
	| { readonly kind: "alarm"; readonly record: Uint8Array }
	| { readonly kind: "health"; readonly health: MessageOf<"health"> };

/** What the site knows, as sync asks for it: at once, so from memory. Byte strings are never changed once given. */
export interface Books {
	/** The newest of `lists`. */
	readonly trust: TrustList;
	/** Each version as its roots signed it, from version 1 on. */
	readonly lists: readonly Uint8Array[];
	/** A good key of the list with the role `sync`; without one there are no sessions: why. */
	readonly serverKey: SigningKey | KeyRefusal;
	/** The newest signed notices, which are to be retained at the broker; `null`: none is to be, `undefined`: what is there stays. */
	readonly newestNotice: Uint8Array | null | undefined;
	readonly newestLockdown: Uint8Array | null | undefined;
	/** The Ed25519 key of the reader that is registered for `door`. */
	registered(door: string): Uint8Array | undefined;
	/** `undefined`: the site sends none. */
	plan(door: string): DoorPlan | undefined;
	/** A signed delta that leads on from this plan to `version`, in one step or to the newest; `undefined` where a snapshot has to do. */
	delta(
		door: string,
		epoch: number,
		version: number,
	): { readonly version: number; readonly envelope: Uint8Array } | undefined;
	/** Sequence of the newest revocation notice of the newest epoch; 0: none. */
	readonly notice: number;
	/** The signed notice of this sequence, 1 to `notice`; `undefined` where it is not kept any more. */
	noticeOf(sequence: number): Uint8Array | undefined;
	/** Sequence of the newest lockdown notice; 0: none. */
	readonly lockdownSequence: number;
	/** The signed lockdown notice that stands for `door` now; `null`: none does, `undefined`: the site does not know, and says nothing. */
	lockdown(door: string): Uint8Array | null | undefined;
	/** To be set; absent again once `told` has brought the answer. */
	settings(door: string): Settings | undefined;
	/** A signed configuration to be set, likewise. */
	configuration(door: string): Uint8Array | undefined;
	/** How far the site has the log of the door's reader, which has this key. */
	cursor(door: string, reader: Uint8Array): SiteCursor;
	/**
	 * Takes what came of a reader's log: by `takeLog` of `site/lib/log/intake.ts` against the cursor, rows and cursor in one transaction,
	 * then `done`, at once or later, once. What is refused as "other-log" is kept apart.
	 */
	takeLog(
		door: string,
		reader: Uint8Array,
		message: MessageOf<"log" | "checkpoint">,
		done: (result: SiteCursor | LogRefusal) => void,
	): void;
	told(door: string, news: DoorNews): void;
}
