// SPDX-License-Identifier: Apache-2.0

/** What an administrator has to know of, and says to have seen. */
export const ALARM_KINDS = Object.freeze([
	"forced",
	"held",
	"tamper",
	"fire",
	"input-fault",
	"relay-lapsed",
	/** Several denials at one door in a short time. */
	"denied-often",
	/** The reader started without having been asked to. */
	"restarted",
	"clock-off",
	/** The reader's log has another history than what the site has of it. */
	"log-fork",
	/** Its trust list has. */
	"list-fork",
	/** Two readers may have one identity. */
	"two-readers",
] as const);
export type AlarmKind = (typeof ALARM_KINDS)[number];
