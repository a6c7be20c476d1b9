// SPDX-License-Identifier: Apache-2.0

/** Time zones by name, as the table that comes with `lintel` has them: what a plan says does not depend on the computer. */
import type { ZoneData } from "./compile.js";
import { TABLE } from "./zone-table.js";

/** A table this old may lack a law, seconds: its data is released some three times a year. */
const OLD = 366 * 86_400;

export interface ZoneTable {
	/** Of tzdata, as "2026b". */
	readonly version: string;
	/** When the table was made, seconds since 1970. */
	readonly made: number;
	readonly zones: ReadonlyMap<string, ZoneData>;
}

/**
 * A line of the table: a POSIX TZ string, the changes of the clock that it can not express (`at:offset`, seconds, with commas between
 * them; `-` for none), and the names of the zones of which that is true.
 */
export function parseTable(text: string): ZoneTable {
	const [head, ...lines] = text.trim().split("\n");
	const [version, made] = head!.split(" ");
	const zones = new Map<string, ZoneData>();
	for (const line of lines) {
		const [posix, changes, ...names] = line.split(" ");
		const shifts =
			changes === "-"
				? []
				: changes!.split(",").map((change) => {
						const [at, offset] = change.split(":").map(Number);
						return { at: at!, offset: offset! };
					});
		for (const name of names) zones.set(name, { posix: posix!, shifts });
	}
	return { version: version!, made: Date.parse(made!) / 1000, zones };
}

/** As `parseTable` reads it. Zones that are alike share a line. */
export function formatTable(version: string, day: string, zones: ReadonlyMap<string, ZoneData>): string {
	const lines = new Map<string, string[]>();
	for (const [name, { posix, shifts }] of zones) {
		const changes = shifts.length === 0 ? "-" : shifts.map(({ at, offset }) => `${at}:${offset}`).join();
		const rule = `${posix} ${changes}`;
		const names = lines.get(rule) ?? [];
		names.push(name);
		lines.set(rule, names);
	}
	return [`${version} ${day}`, ...[...lines].map(([rule, names]) => `${rule} ${names.join(" ")}`)].join("\n");
}

let table: ZoneTable | undefined;

export function zoneTable(): ZoneTable {
	table ??= parseTable(TABLE);
	return table;
}

/** `undefined` when there is no such zone. `from`: changes before that are left out, seconds since 1970. */
export function zoneNamed(name: string, from: number, { zones } = zoneTable()): ZoneData | undefined {
	const zone = zones.get(name);
	if (zone === undefined) return undefined;
	const past = zone.shifts.filter(({ at }) => at <= from).length;
	// Behind the last change the string alone holds.
	return {
		posix: zone.posix,
		shifts: past === zone.shifts.length ? [] : zone.shifts.slice(Math.max(0, past - 1)),
	};
}

/** What to say of a table that may lack a law at `now`, seconds since 1970. */
export function ageWarning(now: number, { version, made } = zoneTable()): string | undefined {
	if (now - made < OLD) return undefined;
	return `the time zones are of tzdata ${version}, more than a year old: update lintel, or check the zone's clock changes`;
}

/** Why a time zone is asked back that could be read: it mostly means another than whoever wrote it thinks. */
export function zoneDoubt(text: string): string | undefined {
	const [, sign, hours] = /^(?:Etc\/)?(?:UTC|GMT|UCT)([+-]?)0*([1-9]\d*)$/i.exec(text) ?? [];
	if (hours !== undefined) {
		const east = sign === "-";
		const two = hours.padStart(2, "0");
		return `"${text}" is ${hours} h ${east ? "EAST" : "WEST"} of UTC, since POSIX counts westwards; write "<+${two}>-${hours}" for east, "<-${two}>${hours}" for west, or a place ("Europe/Vienna")`;
	}
	if (text === "Factory") return `"Factory" means that no time zone was set; name a place ("Europe/Vienna")`;
	const times = text.replaceAll(/<[^>]*>/g, "");
	if (
		/:(?!\d\d(?!\d))/.test(times) ||
		/^[A-Za-z]*[+-]?\d{3}/.test(times) ||
		/[/A-Za-z][+-]?0\d\d/.test(times)
	)
		return `"${text}" has a time that can be read in two ways; hours have one or two digits, minutes and seconds two ("CET-1:05")`;
	return undefined;
}
