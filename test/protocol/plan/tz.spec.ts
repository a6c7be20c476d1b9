// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { dayNumber, weekday, yearOf } from "../../../protocol/plan/calendar.js";
import { parseTimeZone } from "../../../protocol/plan/tz.js";

function offset(zone: string, iso: string): number {
	return parseTimeZone(zone)!.offsetAt(Date.parse(iso) / 1000) / 3600;
}

describe("local time by POSIX TZ strings", () => {
	it("changes at the second that the rule gives", () => {
		const vienna = "CET-1CEST,M3.5.0,M10.5.0/3";
		assert.equal(offset(vienna, "2026-03-29T00:59:59Z"), 1);
		assert.equal(offset(vienna, "2026-03-29T01:00:00Z"), 2);
		assert.equal(offset(vienna, "2026-10-25T00:59:59Z"), 2);
		assert.equal(offset(vienna, "2026-10-25T01:00:00Z"), 1);
	});

	it("takes southern summers, half hours, negative daylight time, times beyond a day and before it", () => {
		assert.equal(offset("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-01-01T00:00Z"), 11);
		assert.equal(offset("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-07-01T00:00Z"), 10.5);
		assert.equal(offset("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00Z"), 0);
		assert.equal(offset("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00Z"), 1);
		// Jerusalem: on the Friday before the last Sunday of March, written as Thursday 26:00.
		assert.equal(offset("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-26T23:59:59Z"), 2);
		assert.equal(offset("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27T00:00:00Z"), 3);
		// Nuuk: on Saturday, written as Sunday -1:00.
		assert.equal(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z"), -2);
		assert.equal(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z"), -1);
	});

	it("takes days by number, with and without February 29, and daylight time all the year (RFC 8536 3.3.1)", () => {
		assert.equal(offset("AAA3BBB,J60/0,J61/0", "2028-03-01T03:00Z"), -2);
		assert.equal(offset("AAA3BBB,J60/0,J61/0", "2028-02-29T12:00Z"), -3);
		assert.equal(offset("AAA3BBB,59/0,60/0", "2028-02-29T12:00Z"), -2);
		for (const day of ["2026-01-01T00:00Z", "2026-07-01T00:00Z", "2026-12-31T23:59Z"]) {
			assert.equal(offset("XXX3EDT4,0/0,J365/23", day), -4);
		}
	});

	it("lets known shifts rule between the first and the last of them", () => {
		const zone = parseTimeZone("<+01>-1", [
			{ at: 1000, offset: 0 },
			{ at: 2000, offset: 3600 },
			{ at: 3000, offset: 0 },
			{ at: 4000, offset: 3600 },
		])!;
		assert.deepEqual(
			[999, 1000, 1999, 2000, 3500, 4000].map((t) => zone.offsetAt(t)),
			[3600, 0, 0, 3600, 0, 3600],
		);
	});

	for (const text of [
		"",
		"CET",
		"C1",
		"CET-1CEST",
		"CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,M3.5.0/168,M10.5.0",
		"CET-1CEST,M3.5.0,M10.5.0/3x",
		"CET-1CEST,J0,J365",
		"CET-25",
		"CET-1:60",
		"<+01-1",
		"Europe/Vienna",
		`${"A".repeat(70)}-1`,
	]) {
		it(`refuses "${text.slice(0, 30)}"`, () => {
			assert.isUndefined(parseTimeZone(text));
		});
	}

	it("random strings: never an exception, and an answer that is an offset", () => {
		const piece = fc.constantFrom(
			"CET",
			"<-03>",
			"-1",
			"3",
			",M3.5.0",
			",J60",
			"/26",
			"/-1",
			",0",
			"CEST",
			":30",
			"x",
		);
		fc.assert(
			fc.property(
				fc.array(piece, { maxLength: 10 }),
				fc.integer({ min: 0, max: 0xffffffff }),
				(pieces, t) => {
					const at = parseTimeZone(pieces.join(""))?.offsetAt(t) ?? 0;
					assert.isTrue(Number.isInteger(at) && Math.abs(at) <= 25 * 3600);
				},
			),
		);
	});

	it("days and weekdays are those of Date", () => {
		fc.assert(
			fc.property(fc.integer({ min: -100_000, max: 100_000 }), (day) => {
				const date = new Date(day * 86_400_000);
				assert.equal(yearOf(day), date.getUTCFullYear());
				assert.equal(weekday(day), date.getUTCDay());
				assert.equal(dayNumber(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()), day);
			}),
		);
	});
});
