// SPDX-License-Identifier: Apache-2.0

import type { FleetFigures } from "./fleet.js";

const ROWS: readonly (readonly [name: string, key: keyof FleetFigures])[] = Object.freeze([
	["doors", "doors"],
	["edit -> opens, half of the doors, ms", "editToOpenP50Ms"],
	["edit -> opens, 99 % of the doors, ms", "editToOpenP99Ms"],
	["edit -> opens, the last door, ms", "editToOpenWorstMs"],
	["revoke -> denied, half of the doors, ms", "revokeToDeniedP50Ms"],
	["revoke -> denied, 99 % of the doors, ms", "revokeToDeniedP99Ms"],
	["revoke -> denied, the last door, ms", "revokeToDeniedWorstMs"],
	["spread, ms", "spreadMs"],
	["all back after a power cut of all, ms", "reconnectAllMs"],
	["events at the server", "eventsTaken"],
	["events lost", "eventsLost"],
	["events doubled", "eventsDoubled"],
	["server: CPU a door, ms", "cpuMsPerDoor"],
	["server: memory a door, bytes", "bytesPerDoor"],
	["doors' processes: CPU a door, ms", "doorCpuMsPerDoor"],
	["doors' processes: memory a door, bytes", "doorBytesPerDoor"],
	["this measurement, s", "seconds"],
]);

/** A column for each size, and behind two sizes how a figure goes with the number of doors: N to the power of what it says. */
export function table(all: readonly FleetFigures[]): string {
	const width = Math.max(...ROWS.map(([name]) => name.length));
	return ROWS.map(([name, key]) => {
		const values = all.map((figures) => Number(figures[key]));
		const cells = values.map((value, i) => {
			const slope = i === 0 ? "" : slopeOf(values[i - 1]!, value, all[i - 1]!.doors, all[i]!.doors);
			return String(value).padStart(10) + slope.padEnd(8);
		});
		return `${name.padEnd(width)}${cells.join("")}`.trimEnd();
	}).join("\n");
}

function slopeOf(before: number, value: number, doorsBefore: number, doors: number): string {
	if (before <= 0 || value <= 0 || doors === doorsBefore) return "";
	return ` N^${(Math.log(value / before) / Math.log(doors / doorsBefore)).toFixed(2)}`;
}
