// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseTimeZone, type Shift } from "../../../protocol/plan/tz.js";
import type { ZoneData } from "./compile.js";

/** Time zones as tzdata has them: TZif files (RFC 8536) in the system's folder. */
export const ZONEINFO = "/usr/share/zoneinfo";

/** Shifts are given for so many years from `from`. */
const YEARS = 20;
const DAY = 86_400;

/** `undefined` when there is no such zone, or it has no POSIX TZ footer. `from`: seconds since 1970. */
export function zoneFrom(name: string, from: number, folder = ZONEINFO): ZoneData | undefined {
	if (!/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(name)) return undefined;
	let file: Buffer;
	try {
		file = readFileSync(join(folder, name));
	} catch {
		// No such file: no such zone. The caller names it.
		return undefined;
	}
	const zif = parseZoneFile(file);
	if (zif === undefined || zif.footer === "") return undefined;
	return { posix: zif.footer, shifts: shiftsFor(zif, from) };
}

export interface ZoneFile {
	/** Empty where the file has none. */
	readonly footer: string;
	readonly transitions: readonly Shift[];
}

/** The 64-bit part of a TZif file of version 2 or later; `undefined` when it is none. */
export function parseZoneFile(file: Buffer): ZoneFile | undefined {
	if (file.length < 44 || file.toString("latin1", 0, 4) !== "TZif" || file[4]! < 0x32) return undefined;
	const sizes = (at: number): { times: number; types: number; rest: number; first: number } => {
		const [utc, std, leaps, times, types, characters] = [20, 24, 28, 32, 36, 40].map((o) =>
			file.readUInt32BE(at + o),
		);
		return { times: times!, types: types!, rest: characters! + utc! + std!, first: leaps! };
	};
	const old = sizes(0);
	const second = 44 + old.times * 5 + old.types * 6 + old.rest + old.first * 8;
	if (file.length < second + 44) return undefined;
	const { times, types, rest, first: leaps } = sizes(second);
	const at = second + 44;
	const transitions: Shift[] = [];
	for (let i = 0; i < times; i++) {
		const type = file[at + times * 8 + i]!;
		transitions.push({
			at: Number(file.readBigInt64BE(at + i * 8)),
			offset: file.readInt32BE(at + times * 9 + type * 6),
		});
	}
	const end = at + times * 9 + types * 6 + rest + leaps * 12;
	return { footer: file.toString("latin1", end + 1, file.length - 1), transitions };
}

/** The transitions from `from` on that the footer does not give, with all that lie between them; mostly none. */
function shiftsFor(zone: ZoneFile, from: number): Shift[] {
	const rules = parseTimeZone(zone.footer);
	if (rules === undefined) return [];
	const to = from + YEARS * 31_556_952;
	const explicit = zone.transitions.filter((t) => t.at < to);
	const past = explicit.filter((t) => t.at <= from).length;
	const ahead = explicit.slice(Math.max(0, past - 1));
	const same = ahead.every((t, i) => {
		const next = ahead[i + 1]?.at ?? t.at + 1;
		// Both ends, and each day between: a year without its usual change shows at neither end.
		for (let at = Math.max(t.at, from); at < next; at += DAY)
			if (rules.offsetAt(at) !== t.offset) return false;
		return rules.offsetAt(Math.max(next - 1, from)) === t.offset;
	});
	return same ? [] : ahead.map(({ at, offset }) => ({ at, offset: Math.round(offset / 60) * 60 }));
}

/** Names of all zones in the folder, links included; without the copies in `posix` and `right`. */
export function zoneNames(folder = ZONEINFO): string[] {
	const names: string[] = [];
	const walk = (prefix: string): void => {
		for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
			const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
			if (name === "posix" || name === "right" || name === "localtime" || name === "posixrules") continue;
			if (entry.isDirectory()) walk(name);
			else if (readFileSync(join(folder, name)).toString("latin1", 0, 4) === "TZif") names.push(name);
		}
	};
	walk("");
	return names.sort();
}
