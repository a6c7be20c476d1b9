// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from "node:fs";
import { assert } from "chai";
import { parseTimeZone } from "../../../protocol/plan/tz.js";
import { ZONEINFO, zoneFrom, zoneNames } from "../../../site/lib/plan/zoneinfo.js";
import {
	ageWarning,
	formatTable,
	parseTable,
	zoneDoubt,
	zoneNamed,
	zoneTable,
} from "../../../site/lib/plan/zones.js";
import { missing } from "../../sim/installed.js";

const FROM = Date.UTC(2027, 0, 1) / 1000;
const TO = Date.UTC(2038, 0, 1) / 1000;
const HOUR = 3600;
const DAY = 24 * HOUR;

describe("the table of time zones", () => {
	it("has every zone of tzdata, as the computer's own files have it where they are of the same version", function () {
		if (!existsSync(`${ZONEINFO}/tzdata.zi`)) missing(this, `${ZONEINFO}. On Debian: apt-get install tzdata`);
		const system = /version (\S+)/.exec(readFileSync(`${ZONEINFO}/tzdata.zi`, "latin1"))?.[1];
		const names = zoneNames();
		const other = names.filter((name) => {
			const [mine, theirs] = [zoneNamed(name, FROM), zoneFrom(name, FROM)];
			if (mine === undefined || theirs === undefined || mine.posix !== theirs.posix) return true;
			const [a, b] = [mine, theirs].map(({ posix, shifts }) => parseTimeZone(posix, shifts)!);
			// With one string they can differ only from one of their changes on.
			return [...mine.shifts, ...theirs.shifts]
				.flatMap(({ at }) => [at - 1, at])
				.some((at) => at >= FROM && at < TO && a!.offsetAt(at) !== b!.offsetAt(at));
		});
		if (system === zoneTable().version) assert.isEmpty(other);
		else assert.isAtMost(other.length, 40, `tzdata ${system} beside ${zoneTable().version}`);
		assert.isAbove(names.length, 400);
	});

	it("needs no file of the computer: every 97th hour of each line is Intl's, but where Intl's data are older", () => {
		const lines = new Map<string, string>();
		for (const name of zoneTable().zones.keys()) {
			const { posix, shifts } = zoneNamed(name, FROM)!;
			const line = `${posix} ${shifts.map(({ at }) => at).join()}`;
			if (name !== "Factory" && !lines.has(line)) lines.set(line, name);
		}
		assert.isAbove(lines.size, 80);
		const other: string[] = [];
		for (const name of lines.values()) {
			const { posix, shifts } = zoneNamed(name, FROM)!;
			const zone = parseTimeZone(posix, shifts)!;
			const format = new Intl.DateTimeFormat("sv-SE", {
				timeZone: name,
				dateStyle: "short",
				timeStyle: "short",
			});
			for (let t = FROM; t < TO; t += 97 * HOUR) {
				const ours = new Date((t + zone.offsetAt(t)) * 1000).toISOString().slice(0, 16).replace("T", " ");
				if (ours === format.format(t * 1000)) continue;
				other.push(name);
				break;
			}
		}
		if (zoneTable().version === process.versions.tz) assert.isEmpty(other);
		else assert.isAtMost(other.length, 12, other.join());
	});

	it("is written as it is read", () => {
		const { version, made, zones } = zoneTable();
		const day = new Date(made * 1000).toISOString().slice(0, 10);
		assert.match(version, /^20\d\d[a-z]$/);
		assert.deepEqual(parseTable(formatTable(version, day, zones)), { version, made, zones });
	});

	it("is warned of once it is older than a year", () => {
		const { version, made } = zoneTable();
		assert.isUndefined(ageWarning(made));
		assert.isUndefined(ageWarning(made + 360 * DAY));
		assert.include(ageWarning(made + 370 * DAY)!, version);
	});

	it("leaves out the changes that are past, but for the last, which holds", () => {
		const shifts = [10, 20, 30].map((at) => ({ at, offset: at * 60 }));
		const one = { version: "2026a", made: 0, zones: new Map([["A", { posix: "CET-1", shifts }]]) };
		assert.deepEqual(zoneNamed("A", 25, one)!.shifts, shifts.slice(1));
		assert.deepEqual(zoneNamed("A", 5, one)!.shifts, shifts);
		assert.isEmpty(zoneNamed("A", 30, one)!.shifts, "then the string holds");
		assert.isUndefined(zoneNamed("B", 5, one));
	});
});

describe("a time zone that mostly means another than whoever wrote it thinks", () => {
	it("is asked back, with what to write for either meaning", () => {
		assert.include(zoneDoubt("UTC+1")!, `is 1 h WEST of UTC`);
		assert.include(zoneDoubt("UTC+1")!, `"<+01>-1" for east, "<-01>1" for west`);
		assert.include(zoneDoubt("GMT-10")!, "is 10 h EAST of UTC");
		for (const text of ["GMT+1", "UTC1", "Etc/GMT+5", "utc-02", "Factory"])
			assert.isString(zoneDoubt(text), text);
		for (const [written, east] of [
			["<+01>-1", 1],
			["<-01>1", -1],
		] as const)
			assert.equal(parseTimeZone(written)!.offsetAt(0), east * HOUR);
	});

	it("as are hours and minutes of other than their digits", () => {
		for (const text of [
			"CET-1:5",
			"CET-001",
			"CET-1:005",
			"<+01>-001",
			"CET-1CEST-002,M3.5.0,M10.5.0",
			"CET-1CEST,M3.5.0/003,M10.5.0",
		])
			assert.include(zoneDoubt(text)!, "two ways", text);
	});

	it("and no zone of tzdata is, neither by its name nor by its string, but those", () => {
		for (const [name, { posix }] of zoneTable().zones) {
			assert.isUndefined(zoneDoubt(posix), posix);
			if (!/^(Etc\/)?GMT[+-][1-9]|^Factory$/.test(name)) assert.isUndefined(zoneDoubt(name), name);
		}
		for (const text of ["UTC", "UTC0", "GMT0", "Etc/GMT", "CET-1CEST,M3.5.0/-1,M10.5.0/167", "IST-5:30"])
			assert.isUndefined(zoneDoubt(text), text);
	});
});
