// SPDX-License-Identifier: Apache-2.0

import { DOOR } from "../commission.js";
import { NAMED, type Named, RIGHTS, type Right } from "./administrator.js";
import type { Scene } from "./scene.js";
import type { SessionLine } from "./session.js";

export interface PersonState {
	readonly name: string;
	readonly plans: readonly string[];
	readonly rights: readonly Right[];
	readonly revoked: boolean;
}

/** The site as its administrator has it, as plain data. */
export interface SiteState {
	readonly people: readonly PersonState[];
	/** Who could be added. */
	readonly others: readonly Named[];
	/** "mon-fri 08:00-18:00" by the schedule's name. */
	readonly schedules: Readonly<Record<string, string>>;
	readonly holidays: readonly string[];
	/** "unlocked office". */
	readonly mode: string;
	readonly version: number;
	readonly notice: number;
	readonly lockdown: boolean;
	/** What the door has last said that it has. */
	readonly door: { readonly version: number; readonly notice: number } | undefined;
	readonly lines: readonly SessionLine[];
}

export function siteState({ administrator, session, world }: Scene): SiteState | undefined {
	const { server } = world;
	if (server === undefined) return undefined;
	const { doors, holidays = {}, schedules = {}, users } = administrator.document;
	const { defaultMode = "locked", modes = [] } = doors[DOOR]!;
	const { books, hello } = server;
	return {
		people: users.map(({ accessPlans, credentials, name, ...flags }) => ({
			...{ name, plans: accessPlans },
			rights: RIGHTS.filter((right) => flags[right] === true),
			revoked: credentials.every(({ revoked }) => revoked),
		})),
		others: NAMED.filter((name) => !users.some((user) => user.name === name)),
		schedules: Object.fromEntries(
			Object.entries(schedules).map(([name, intervals]) => [
				name,
				intervals.map(({ days = [], from, to }) => `${days.join(", ")} ${from}-${to}`).join("; "),
			]),
		),
		holidays: Object.values(holidays)
			.flat()
			.map((entry) => (typeof entry === "string" ? entry : entry.date)),
		mode: modes[0] === undefined ? defaultMode : `${modes[0].mode} ${modes[0].schedule}`,
		version: books.image(DOOR)?.version ?? 0,
		notice: books.notice,
		lockdown: books.lockdown(DOOR) !== null,
		door: hello && { version: hello.version, notice: hello.notice },
		lines: session.lines,
	};
}
