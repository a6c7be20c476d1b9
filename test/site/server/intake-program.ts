// SPDX-License-Identifier: Apache-2.0

/** A server that takes logs of 20 readers at once, from where each is, and says whom it has acknowledged what, until it is killed. */
import { writeSync } from "node:fs";
import { openStore } from "../../../site/server/store/store.js";
import { LogChain } from "./log-chain.js";
import { SITE, SiteBench } from "./site-bench.js";

const [place] = process.argv.slice(2);
const bench = new SiteBench({ place: place!, open: () => openStore(place!), end: async () => undefined });
await bench.open();
const doors = Array.from({ length: 20 }, (_, i) => `d${i}`);
if (
	bench.core.planner.content.users.length === 0 &&
	Object.keys(bench.core.planner.document.doors).length === 0
) {
	const entries = Object.fromEntries(doors.map((door) => [door, {}]));
	await bench.bring({ site: SITE, timeZone: "UTC0", accessPlans: {}, doors: entries, users: [] });
	for (const [i, door] of doors.entries())
		await bench.core.books.register(door, {
			publicKey: new Uint8Array(32).fill(i),
			credential: new Uint8Array(8).fill(i),
		});
}
for (const [i, door] of doors.entries()) {
	const chain = new LogChain(i);
	const reader = new Uint8Array(32).fill(i);
	const next = (): void => {
		const { serial } = bench.core.books.cursor(door, reader);
		const message = serial === 0 ? chain.batch(1) : chain.batch(serial + 1);
		bench.core.books.takeLog(door, reader, message, (result) => {
			if (typeof result === "string") throw new Error(result);
			writeSync(1, `${door} ${result.serial}\n`);
			next();
		});
	};
	bench.core.books.takeLog(door, reader, chain.begin(), next);
}
// Nothing else holds it.
setInterval(() => undefined, 1000);
