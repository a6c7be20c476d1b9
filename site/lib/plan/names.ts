// SPDX-License-Identifier: Apache-2.0

import { parseTimeZone } from "../../../protocol/plan/tz.js";
import { MIN_TIME } from "../../../protocol/provisioning/bounds.js";
import { readPlanFile } from "./read.js";
import { zoneFrom } from "./zoneinfo.js";

/** What a plan file says about a log: whose credential an id is, and the site's time of day. */
export class PlanNames {
	readonly #people = new Map<string, string>();
	readonly #offsetAt: (seconds: number) => number;

	/** `people`: name by id, in hexadecimal. `offsetAt`: seconds east of UTC. */
	constructor(people: Iterable<readonly [string, string]>, offsetAt: (seconds: number) => number) {
		for (const [id, name] of people) this.#people.set(id.toLowerCase(), name);
		this.#offsetAt = offsetAt;
	}

	/** The holder of a credential; `undefined` of one that the plan does not have. */
	person(id: string): string | undefined {
		return this.#people.get(id);
	}

	/** ISO 8601 with the offset that the site has at that moment, as 2026-05-01T10:15:00+02:00. */
	local(seconds: number): string {
		const offset = this.#offsetAt(seconds);
		const time = new Date((seconds + offset) * 1000).toISOString().slice(0, 19);
		const minutes = Math.abs(Math.round(offset / 60));
		const two = (n: number): string => String(n).padStart(2, "0");
		return `${time}${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
	}

	/** Seconds since 1970 of a time of day at the site, given as if it were UTC. */
	utc(local: number): number {
		let seconds = local;
		// Twice, for a time near a change of the clocks.
		for (let i = 0; i < 2; i++) seconds = local - this.#offsetAt(seconds);
		return seconds;
	}
}

/** Throws `PlanFileMistake`. */
export function readPlanNames(path: string): PlanNames {
	const { document, mistake } = readPlanFile(path);
	const { timeZone, users } = document;
	const data = parseTimeZone(timeZone) === undefined ? zoneFrom(timeZone, MIN_TIME) : undefined;
	const zone = parseTimeZone(data?.posix ?? timeZone, data?.shifts);
	if (zone === undefined)
		throw mistake(["timeZone"], `"${timeZone}" is no time zone that this computer knows`);
	return new PlanNames(
		users.flatMap(({ credentials, name }) => credentials.map(({ id }) => [id, name] as const)),
		(seconds) => zone.offsetAt(seconds),
	);
}
