// SPDX-License-Identifier: Apache-2.0

/** `npm run fleet`: doors without radios against the real server and a real broker, on this computer. */
import { availableParallelism } from "node:os";
import { shortestSpread } from "../../site/server/spread.js";
import { commandLine, fail } from "../command-line.js";
import { BROKERS, runFleet } from "./fleet.js";
import { table } from "./table.js";

const USAGE = `npm run fleet -- [--doors N[,N…]] [--engine node] [--broker ${BROKERS.join("|")}] [--spread SECONDS] [--json]`;

const values = commandLine(USAGE, {
	doors: { type: "string", default: "100" },
	engine: { type: "string", default: "node" },
	broker: { type: "string", default: "embedded" },
	spread: { type: "string" },
	json: { type: "boolean", default: false },
});
const sizes = values.doors.split(",").map(Number);
if (!sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= 100_000))
	fail(USAGE, "--doors must be numbers of doors from 1 to 100000, with commas between them");
if (values.engine !== "node") fail(USAGE, "--engine is node: doors of a fleet have no emulated chip");
const broker =
	BROKERS.find((name) => name === values.broker) ?? fail(USAGE, `--broker is ${BROKERS.join(" or ")}`);
const spread = values.spread === undefined ? undefined : Number(values.spread);
if (spread !== undefined && !(Number.isInteger(spread) && spread >= 0 && spread <= 600))
	fail(USAGE, "--spread must be seconds from 0 to 600");

/** As the server tells so many, but that few need not wait for as long as where the site may grow. */
function spreadOf(doors: number): number {
	return Math.max(2, shortestSpread(doors));
}

const all = [];
for (const doors of sizes)
	all.push(
		await runFleet({
			...{ doors, broker, spread: spread ?? spreadOf(doors) },
			processes: doors < 500 ? 1 : availableParallelism(),
			tell: (line) => process.stderr.write(`${line}\n`),
		}),
	);
if (values.json) for (const figures of all) process.stdout.write(`${JSON.stringify(figures)}\n`);
else process.stdout.write(`${table(all)}\n`);
process.exitCode = all.every(({ eventsDoubled, eventsLost }) => eventsLost === 0 && eventsDoubled === 0)
	? 0
	: 1;
