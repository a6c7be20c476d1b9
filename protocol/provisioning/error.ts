// SPDX-License-Identifier: Apache-2.0

import type { CborMap } from "../cbor/value.js";

/** Why a request was refused. Programs decide by it, so a reason never changes its name. */
export type ProvisioningReason =
	| "malformed"
	| "unknown-command"
	| "unsupported-version"
	| "invalid-configuration"
	| "wrong-door"
	| "not-commissioned"
	| "already-commissioned"
	| "not-authorised"
	| "not-allowed"
	| "clock-unset"
	| "no-challenge"
	| "try-later"
	| "busy"
	| "reply-gone"
	| "out-of-order"
	| "not-available"
	/** A former site's log is still there, and was not said to be erased. */
	| "old-log"
	| "bad-credential"
	| "plan-refused"
	| "trust-refused"
	| "damaged"
	| "failed";

export class ProvisioningError extends Error {
	override readonly name = "ProvisioningError";
	readonly reason: ProvisioningReason;
	/** Further fields of the reply, beside reason and message. */
	readonly more: CborMap;

	constructor(reason: ProvisioningReason, message: string, more: CborMap = {}) {
		super(message);
		this.reason = reason;
		this.more = more;
	}
}
