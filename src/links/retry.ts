// SPDX-License-Identifier: Apache-2.0

/** Transactions that broke in a row, each within `AGAIN_MS` of the last, after which a phone has to be taken away first. */
const MAX_BROKEN = 3;
const AGAIN_MS = 5000;

/**
 * Whether a phone that is still in the field may start over. A phone that is left on the reader and always fails would fill
 * the log, so it may not for ever; after a finished transaction it has to leave.
 */
export class Retry {
	private broken = 0;
	private brokeAt = 0;

	/** `now`: ms; `broke`: the transaction had begun and came to no decision. */
	again(now: number, broke: boolean): boolean {
		if (!broke || now - this.brokeAt > AGAIN_MS) this.broken = 0;
		if (!broke) return false;
		this.brokeAt = now;
		return ++this.broken < MAX_BROKEN;
	}
}
