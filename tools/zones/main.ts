// SPDX-License-Identifier: Apache-2.0

/** `npm run zones`: the table of time zones that `lintel` compiles plans with, from this computer's tzdata (Debian's package). */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ZoneData } from "../../site/lib/plan/compile.js";
import { ZONEINFO, zoneFrom, zoneNames } from "../../site/lib/plan/zoneinfo.js";
import { formatTable } from "../../site/lib/plan/zones.js";

const now = new Date();
const version = /^# version (\S+)/.exec(readFileSync(join(ZONEINFO, "tzdata.zi"), "latin1"))?.[1];
if (version === undefined) throw new Error(`${ZONEINFO}/tzdata.zi says no version`);
const zones = new Map<string, ZoneData>();
for (const name of zoneNames()) {
	const zone = zoneFrom(name, Date.UTC(now.getUTCFullYear(), 0, 1) / 1000);
	if (zone !== undefined) zones.set(name, zone);
}
const table = formatTable(version, now.toISOString().slice(0, 10), zones);
writeFileSync(
	join(import.meta.dirname, "../../../site/lib/plan/zone-table.ts"),
	`// SPDX-License-Identifier: Apache-2.0

/** Written by \`npm run zones\` from tzdata, which is in the public domain. \`zones.ts\` says what a line is. */
export const TABLE = \`
${table}
\`;
`,
);
process.stdout.write(`tzdata ${version}: ${zones.size} zones\n`);
