// SPDX-License-Identifier: Apache-2.0

/** `npm run year`: a year of a busy door over its log, as a table. */
import { BUSY, simulateYear, type YearOptions } from "./year.js";

const cases: readonly (readonly [string, Partial<YearOptions>])[] = [
	["4 MB, the site connected", {}],
	["4 MB, no site for the whole year", { acknowledgeEvery: 0 }],
	["256 KB, the site connected", { size: 256 * 1024 }],
	["256 KB, one sync a day", { size: 256 * 1024, acknowledgeEvery: 2000 }],
];

console.log(
	"| log, 2,000 events a day for 365 days | records | erases of a sector | bytes written | gap records kept | intact | s |",
);
console.log("|---|---|---|---|---|---|---|");
for (const [name, options] of cases) {
	const began = Date.now();
	const year = simulateYear({ ...BUSY, ...options });
	if (!year.intact) process.exitCode = 1;
	const seconds = ((Date.now() - began) / 1000).toFixed(1);
	console.log(
		`| ${name} | ${year.records} | ${year.wear.join(" to ")} | ${year.writtenBytes} | ${year.gapRecords} | ${year.intact ? "yes" : "NO"} | ${seconds} |`,
	);
}
