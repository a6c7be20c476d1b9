// SPDX-License-Identifier: Apache-2.0

/** Revocation notices, as the site says them and as the broker keeps the newest: either proves itself, and acts at once. */

import type { MessageOf } from "../../protocol/sync/messages.js";
import type { SyncContext } from "./context.js";

export function takeNotice(sync: SyncContext, { envelope }: MessageOf<"notice">): string | null {
	return take(sync, envelope);
}

/** Where one before it is missing, the `hello` that follows says so. */
export function takeRevoked(sync: SyncContext, signed: Uint8Array): void {
	const refusal = signed.length === 0 ? null : take(sync, signed);
	if (refusal !== null) sync.target.trace(`sync: the notice at the broker: ${refusal}`);
}

function take(sync: SyncContext, signed: Uint8Array): string | null {
	const result = sync.target.reader.plan!.takeNotice(signed);
	if (result === "taken") sync.changed();
	return result === "taken" || result === "known" ? null : result;
}
