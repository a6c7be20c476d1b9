// SPDX-License-Identifier: Apache-2.0

/** `npm run flood`: how long an attacker needs to push a record out of a log of 256 KB. */
import { ATTACKERS, flood } from "./flood.js";

const DAYS = 365;

console.log(
	"| attacker | acts in a year | records | an entry's record is gone after | alarm, configuration, service |",
);
console.log("|---|---|---|---|---|");
for (const attackers of [...ATTACKERS.map((one) => [one]), ATTACKERS]) {
	const { acts, records, entryGone, reservedThere, exact, intact } = flood(attackers, {
		size: 256 * 1024,
		days: DAYS,
	});
	const gone = entryGone === undefined ? `not in ${DAYS} days` : `${Math.floor(entryGone)} days`;
	const reserved = reservedThere ? "never" : "gone";
	const broken = exact && intact ? "" : " (BROKEN)";
	console.log(
		`| ${attackers.length > 1 ? "all three" : attackers[0]} | ${acts} | ${records} | ${gone} | ${reserved}${broken} |`,
	);
}
