// SPDX-License-Identifier: Apache-2.0

/** What a start reads from flash before its event loop, by board. Counted on Node: the firmware reads the same on every engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NodeCrypto } from "../hal/node/crypto.js";
import { World } from "../sim/world.js";
import { root } from "../tools/xs/build.js";
import { fillLog } from "./full-log.js";

/**
 * One read of flash on an ESP32, µs, and for each byte of it: from ESP-IDF's performance targets for that chip, 35,300 bytes/s by
 * 4 and 6.78 MB/s by 2 KB, each 70 % of what its tests measure (components/idf_test, esp32/idf_performance_target.h).
 */
const READ_MICROS = 79;
const BYTE_MICROS = 0.065;

export interface StartReads {
	readonly board: string;
	readonly state: string;
	readonly reads: number;
	readonly bytes: number;
	/** Of the log's partition alone. */
	readonly logReads: number;
	readonly micros: number;
}

const BOARDS = ["4MB", "8MB", "16MB"] as const;
const crypto = new NodeCrypto();

/** Bytes of the log's partition. */
function logSize(board: (typeof BOARDS)[number]): number {
	const table = readFileSync(join(root, `partitions/${board}.csv`), "utf8");
	return Number(/^log,.*,\s*(0x[0-9a-f]+),\s*$/m.exec(table)![1]);
}

function startOf(board: (typeof BOARDS)[number], state: string): StartReads {
	const world = new World({ crypto, factory: state === "factory, its first", logSize: logSize(board) });
	if (state === "in use, the log full") fillLog(world.flash.log);
	if (state !== "factory, its first") {
		world.plan.install();
		world.powerOn();
		world.time.run(60_000);
		world.powerOff();
	}
	let reads = 0;
	let bytes = 0;
	let logReads = 0;
	for (const flash of Object.values(world.flash)) {
		const read = flash.read.bind(flash);
		flash.read = (address, into) => {
			reads++;
			bytes += into.length;
			if (flash === world.flash.log) logReads++;
			read(address, into);
		};
	}
	world.powerOn();
	return {
		board,
		state,
		reads,
		bytes,
		logReads,
		micros: Math.round(reads * READ_MICROS + bytes * BYTE_MICROS),
	};
}

export function measureStarts(): readonly StartReads[] {
	return BOARDS.flatMap((board) =>
		["factory, its first", "in use", "in use, the log full"].map((state) => startOf(board, state)),
	);
}

/** For RESULTS.md. */
export function startTable(starts: readonly StartReads[]): readonly string[] {
	return [
		"What a start reads from flash before its event loop. A read is taken as 79 µs and 0.065 µs a byte, from ESP-IDF's",
		"performance targets for the ESP32; none was measured on a board.",
		"",
		"| partitions | start | reads | of the log | bytes | ms |",
		"|---|---|---|---|---|---|",
		...starts.map(
			({ board, state, reads, logReads, bytes, micros }) =>
				`| ${board} | ${state} | ${reads} | ${logReads} | ${bytes} | ${(micros / 1000).toFixed(1)} |`,
		),
		"",
	];
}
