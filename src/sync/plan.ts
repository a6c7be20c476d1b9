// SPDX-License-Identifier: Apache-2.0

/** What the site sends of trust list and plan. */

import type { MessageOf } from "../../protocol/sync/messages.js";
import type { SyncContext } from "./context.js";

/** A piece of the next trust list. Where the list is new, the session's own key is judged by it. */
export function takeList(sync: SyncContext, { at, piece, size, version }: MessageOf<"list">): string | null {
	const { lists } = sync.target.store;
	if (version <= lists.newest.version) return "not-newer";
	if (version > lists.newest.version + 1) return "skipped-version";
	const refusal = sync.lists.piece(piece, at, size);
	if (lists.newest.version === version) sync.changed();
	return refusal;
}

export function takeDelta(sync: SyncContext, { envelope }: MessageOf<"delta">): string | null {
	const result = sync.target.reader.plan!.applyDelta(envelope);
	if (result !== "applied" && result !== "revoked-ahead") return result;
	sync.changed();
	return null;
}

export function takeOffer(sync: SyncContext, { hash, size }: MessageOf<"offer">): string | null {
	const refusal = sync.pull.offer(hash, size);
	sync.wake();
	return refusal;
}
