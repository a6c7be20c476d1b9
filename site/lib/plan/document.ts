// SPDX-License-Identifier: Apache-2.0

import type { PlanMode } from "../../../protocol/plan/tables.js";

/** The plan file as administrators write it. `schema/plan.schema.json` describes the same for editors. */
export interface PlanDocument {
	readonly $schema?: string;
	/** 1 to 8 ASCII characters. */
	readonly site: string;
	/** A POSIX TZ string, or a name of tzdata such as "Europe/Vienna". */
	readonly timeZone: string;
	readonly holidays?: Readonly<Record<string, readonly HolidayEntry[]>>;
	readonly schedules?: Readonly<Record<string, readonly IntervalEntry[]>>;
	readonly accessPlans: Readonly<Record<string, readonly RuleEntry[]>>;
	readonly doors: Readonly<Record<string, DoorEntry>>;
	readonly users: readonly UserEntry[];
	readonly offline?: OfflineEntry;
	/** Whether time that a reader only restored after a restart counts as unset. */
	readonly strictTime?: boolean;
	/** How far off a clock may be whose time was only restored, seconds. Absent: time counts however far off it may be. */
	readonly maxClockError?: number;
	/** Whether credentials without access at a door are listed there too, so that the reason is "wrong-door". */
	readonly listElsewhere?: boolean;
}

/** "2026-12-25", or "12-25" for every year; or with a number of days. */
export type HolidayEntry = string | { readonly date: string; readonly days?: number };

export interface IntervalEntry {
	/** "mon" to "sun", ranges as "mon-fri", or "daily". */
	readonly days?: readonly string[];
	/** Kinds of holidays on which it holds too. Absent: it does not hold on holidays. */
	readonly holidays?: readonly string[];
	/** "HH:MM"; `to` not after `from` is on the next day; "24:00" is the day's end. */
	readonly from: string;
	readonly to: string;
}

export interface RuleEntry {
	/** Absent: every door. */
	readonly doors?: readonly string[];
	/** A schedule's name, "always" or "never". */
	readonly schedule: string;
	/** See `parseMoment`. */
	readonly from?: string;
	readonly until?: string;
}

export interface DoorEntry {
	readonly defaultMode?: PlanMode;
	/** In order: the first mode whose schedule holds is in force. */
	readonly modes?: readonly { readonly schedule: string; readonly mode: PlanMode }[];
	/** Absent: the site's. */
	readonly timeZone?: string;
	/** Whether users with `firstPerson` may begin and end passage mode at this door by a double tap. */
	readonly officeMode?: boolean;
}

export interface UserEntry {
	readonly name: string;
	readonly accessPlans: readonly string[];
	readonly from?: string;
	readonly until?: string;
	readonly suspended?: boolean;
	readonly extended?: boolean;
	readonly firstPerson?: boolean;
	readonly override?: boolean;
	readonly grace?: boolean;
	readonly credentials: readonly CredentialEntry[];
}

export interface CredentialEntry {
	/** 16 hexadecimal digits: the credential's `cti`. */
	readonly id: string;
	readonly revoked?: boolean;
	readonly from?: string;
	readonly until?: string;
}

export interface OfflineEntry {
	/** Days from its issue for which a plan holds without renewal. Absent: for ever. */
	readonly days?: number;
	/** Days after that for which users with `grace` are still admitted. */
	readonly graceDays?: number;
}

export type Path = readonly (string | number)[];

/** A mistake in the plan file, and its place. */
export class PlanDocumentError extends Error {
	override readonly name = "PlanDocumentError";
	readonly path: Path;

	constructor(path: Path, message: string) {
		super(message);
		this.path = path;
	}
}
