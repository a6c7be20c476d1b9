// SPDX-License-Identifier: Apache-2.0

import { COMMANDS, commandOf, EVENTS, TIME_SOURCES } from "../events.js";

/**
 * Bit of the kind of a record that is a copy: the log wrote it again, with the time of the first, before the sector that had
 * it was erased.
 */
export const KEPT = 128;

/** Alarms, and what was done to the reader: no number of other events displaces them. */
const RESERVED: readonly number[] = Object.freeze([
	EVENTS.configuration,
	EVENTS.firmware,
	EVENTS.service,
	EVENTS.held,
	EVENTS.forced,
	EVENTS.lockdown,
	EVENTS.fire,
	EVENTS.tamper,
	EVENTS["input-fault"],
]);

/** Whether the log keeps room for such a record, or for its copy. */
export function isReserved(kind: number, detail: number): boolean {
	const what = kind & ~KEPT;
	if (what === EVENTS.repeated) return RESERVED.includes(detail & 255);
	// To open once is an entry, as a granted decision is.
	if (what === EVENTS.command) return commandOf(detail) !== COMMANDS.open;
	// Of the clock, what was set; each loss of power restores it.
	if (what === EVENTS["clock-set"])
		return detail >> 8 === TIME_SOURCES.set || detail >> 8 === TIME_SOURCES.site;
	return RESERVED.includes(what);
}
