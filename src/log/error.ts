// SPDX-License-Identifier: Apache-2.0

export type LogErrorReason =
	/** The partition has fewer than 3 sectors, or a sector holds no record. */
	| "log-partition"
	/** What was written several times over could not be read back. */
	| "log-flash"
	/** The site acknowledges what does not exist yet. */
	| "acknowledge-ahead"
	/** Not opened, or used from one of its own callbacks. */
	| "log-closed";

export class LogError extends Error {
	override readonly name = "LogError";
	readonly reason: LogErrorReason;

	constructor(reason: LogErrorReason) {
		super(reason);
		this.reason = reason;
	}
}
