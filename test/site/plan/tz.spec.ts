// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { assert } from "chai";
import { parseTimeZone } from "../../../protocol/plan/tz.js";
import { ZONEINFO, zoneFrom, zoneNames } from "../../../site/lib/plan/zoneinfo.js";
import { missing } from "../../sim/installed.js";

/**
 * Every zone of tzdata, every hour of 2026 to 2037. Two independent sources: the C library (`zdump`, the same code and
 * data as `date`) for all hours, and ICU through Intl: with LINTEL_TZ=full for all hours of each zone that differs
 * from the others (`npm run test:tz`), else for every 97th hour of every zone.
 */
const FROM = Date.UTC(2026, 0, 1) / 1000;
const TO = Date.UTC(2038, 0, 1) / 1000;
const HOUR = 3600;
const FULL = process.env.LINTEL_TZ === "full";

/** Version of the system's tzdata: first line of its source. */
const SYSTEM_TZ = existsSync(`${ZONEINFO}/tzdata.zi`)
	? /version (\S+)/.exec(readFileSync(`${ZONEINFO}/tzdata.zi`, "latin1"))?.[1]
	: undefined;

const here = existsSync(`${ZONEINFO}/Europe/Vienna`);

describe("time zones of tzdata against the C library and Intl", function () {
	this.timeout(FULL ? 600_000 : 60_000);

	before(function () {
		if (!here) missing(this, `${ZONEINFO}. On Debian: apt-get install tzdata`);
	});

	it("every zone has a footer that we read; shifts are given where the footer alone would be wrong, and only there", () => {
		const names = zoneNames();
		assert.isAbove(names.length, 400);
		let shifted = 0;
		for (const name of names) {
			const zone = zoneFrom(name, FROM);
			if (zone === undefined) throw new Error(`${name} has no footer`);
			const rules = parseTimeZone(zone.posix);
			assert.isDefined(rules, name);
			if (zone.shifts.length === 0) continue;
			shifted++;
			const wrong = dumped(name).some(([from, to, offset]) => {
				for (let t = from; t < to; t += HOUR) if (rules!.offsetAt(t) !== offset) return true;
				return false;
			});
			assert.isTrue(wrong, `${name} is given shifts that it does not need before 2038`);
		}
		// Morocco and Palestine (Ramadan), and places whose laws change in these years.
		assert.isAtLeast(shifted, 1);
		assert.isAtMost(shifted, 40);
	});

	it("every hour of 2026 to 2037 in every zone is zdump's", function () {
		if (!existsSync("/usr/bin/zdump")) missing(this, "zdump. On Debian: apt-get install libc-bin");
		let hours = 0;
		for (const name of zoneNames()) {
			const { posix, shifts } = zoneFrom(name, FROM)!;
			const zone = parseTimeZone(posix, shifts)!;
			for (const [from, to, offset] of dumped(name)) {
				for (let t = from; t < to; t += HOUR, hours++) {
					if (zone.offsetAt(t) !== offset)
						assert.fail(`${name} at ${t}: ${zone.offsetAt(t)}, zdump says ${offset}`);
				}
			}
		}
		assert.isAtLeast(hours, ((TO - FROM) / HOUR) * 400);
	});

	it(
		FULL ? "every hour is Intl's, in each zone that is unlike the others" : "every 97th hour is Intl's",
		() => {
			const alike = new Set<string>();
			/** Zones whose laws changed between Node's copy of tzdata and the system's; `zdump` above has judged them. */
			const newer = new Set<string>();
			let hours = 0;
			for (const name of zoneNames()) {
				if (!known(name)) continue;
				const { posix, shifts } = zoneFrom(name, FROM)!;
				const key = `${posix} ${shifts.map((s) => `${s.at}:${s.offset}`).join()}`;
				const full = FULL && !alike.has(key);
				alike.add(key);
				const zone = parseTimeZone(posix, shifts)!;
				const format = new Intl.DateTimeFormat("sv-SE", {
					timeZone: name,
					dateStyle: "short",
					timeStyle: "short",
				});
				for (let t = FROM; t < TO; t += full ? HOUR : 97 * HOUR, hours++) {
					const ours = new Date((t + zone.offsetAt(t)) * 1000).toISOString().slice(0, 16).replace("T", " ");
					const theirs = format.format(t * 1000);
					if (ours === theirs) continue;
					if (SYSTEM_TZ === process.versions.tz) assert.fail(`${name} at ${t}: ${ours}, Intl says ${theirs}`);
					newer.add(name);
				}
			}
			if (newer.size > 0)
				console.log(`      tzdata ${SYSTEM_TZ}, ICU ${process.versions.tz}: ${[...newer].join(", ")}`);
			assert.isAtMost(newer.size, 40);
			assert.isAtLeast(hours, FULL ? 80 * 105_000 : 400_000);
		},
	);
});

/** Whether ICU has the zone: a few of tzdata's names are not for users (Factory) or stand for no place (posixrules). */
function known(name: string): boolean {
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		assert.include(["Factory"], name, "ICU does not know it");
		return false;
	}
}

/** Spans of whole hours with their offsets, by `zdump -v`: it prints the second before each change and the second of it. */
function dumped(name: string): [from: number, to: number, offset: number][] {
	const text = execFileSync("/usr/bin/zdump", ["-v", "-c", "2025,2039", name], { encoding: "latin1" });
	const changes: { at: number; offset: number }[] = [];
	for (const line of text.split("\n")) {
		const match = / (\w{3}) +(\d+) (\d\d):(\d\d):(\d\d) (\d{4}) UT = .* gmtoff=(-?\d+)$/.exec(line);
		if (match === null) continue;
		const at =
			Date.parse(`${match[2]} ${match[1]} ${match[6]} ${match[3]}:${match[4]}:${match[5]} UTC`) / 1000;
		if (at >= Date.UTC(2024, 0, 1) / 1000 && at < Date.UTC(2040, 0, 1) / 1000)
			changes.push({ at, offset: Number(match[7]) });
	}
	changes.sort((a, b) => a.at - b.at);
	const spans: [number, number, number][] = [];
	let from = FROM;
	for (const [i, change] of changes.entries()) {
		// The first of each pair ends a span, the second begins the next.
		if (i % 2 !== 0) continue;
		const end = Math.min(change.at + 1, TO);
		if (end > from) {
			spans.push([from, end, change.offset]);
			from += Math.ceil((end - from) / HOUR) * HOUR;
		}
	}
	const last = changes.at(-1);
	const offset = last?.offset ?? constantOffset(name);
	if (from < TO) spans.push([from, TO, offset]);
	return spans;
}

/** Of a zone without changes. */
function constantOffset(name: string): number {
	const text = execFileSync("/bin/date", ["-d", "2030-06-01T00:00Z", "+%::z"], {
		encoding: "latin1",
		env: { TZ: name, PATH: "/usr/bin:/bin" },
	}).trim();
	const [, sign, hours, minutes, seconds] = /^([+-])(\d\d):(\d\d):(\d\d)$/.exec(text)!;
	return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}
