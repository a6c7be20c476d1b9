// SPDX-License-Identifier: Apache-2.0

export type CwtReason =
	/** The tag of a CWT (61) around something that is not a COSE_Sign1. */
	| "wrong-tag"
	/** `cnf` holds no public key that this reader can use. */
	| "wrong-key"
	/** A claim of the wrong type or beyond its bounds. */
	| "wrong-claim";

export class CwtError extends Error {
	override readonly name = "CwtError";
	readonly reason: CwtReason;

	constructor(reason: CwtReason) {
		super(`CWT: ${reason}`);
		this.reason = reason;
	}
}
