// SPDX-License-Identifier: Apache-2.0

import { credentialCapacity } from "../../../protocol/plan/capacity.js";
import { MAX_TABLES } from "../../../protocol/plan/format.js";
import { NOTICES_SIZE } from "../../../protocol/plan/layout.js";

/**
 * How the flash of a module is divided: the firmware's slots, the access plan (two slots), the log, the configuration, notices, NVS. The
 * CSVs in `partitions/` are written from this table and checked against it.
 */

/** One line of ESP-IDF's partition table. Bytes. */
export interface Partition {
	readonly name: string;
	readonly type: "app" | "data";
	readonly subtype: string;
	readonly offset: number;
	readonly size: number;
}

export interface Module {
	/** Megabytes of flash. */
	readonly module: 4 | 8 | 16;
	/** Credentials that fit beside tables of the largest size. */
	readonly credentials: number;
	/** Events that are kept even while a sector of the ring is being erased. */
	readonly events: number;
	/** Slots for firmware. An update over the network is written to the second: a module with one takes updates by cable. */
	readonly slots: 1 | 2;
	readonly partitions: readonly Partition[];
}

/** A slot for one firmware image, KB: 2.375 MB, the same on every module, because one image runs on all. */
const SLOT = 2432;

const K = 1024;
/** A checkpoint of 160 bytes, then records of 32 (docs/log.md). */
const EVENTS_PER_SECTOR = (4096 - 160) / 32;

/** ESP-IDF wants application partitions on boundaries of 64 KB; the table itself is at 0x8000. */
function layOut(module: Module["module"], slots: Module["slots"], plan: number, log: number): Module {
	const partitions: Partition[] = [];
	let offset = 0x9000;
	const add = (name: string, type: Partition["type"], subtype: string, size: number): void => {
		if (type === "app") offset = Math.ceil(offset / (64 * K)) * 64 * K;
		partitions.push({ name, type, subtype, offset, size });
		offset += size;
	};
	if (slots === 2) add("otadata", "data", "ota", 8 * K);
	add("phy_init", "data", "phy", 4 * K);
	if (slots === 1) add("factory", "app", "factory", SLOT * K);
	else for (const name of ["ota_0", "ota_1"]) add(name, "app", name, SLOT * K);
	add("nvs", "data", "nvs", 24 * K);
	add("config", "data", "0x40", 32 * K);
	add("notices", "data", "0x43", NOTICES_SIZE);
	add("plan", "data", "0x41", plan * K);
	add("log", "data", "0x42", log * K);
	if (offset > module * K * K) throw new RangeError(`${offset} bytes do not fit ${module} MB`);
	return {
		module,
		credentials: credentialCapacity(plan * K, MAX_TABLES),
		events: (log / 4 - 1) * EVENTS_PER_SECTOR,
		slots,
		partitions,
	};
}

export const CAPACITIES: readonly Module[] = Object.freeze([
	layOut(4, 1, 1024, 488),
	layOut(8, 2, 2184, 992),
	layOut(16, 2, 8000, 3368),
]);

/** The partition table as ESP-IDF reads it. Plan and log are not encrypted: they need writes that clear single bits. */
export function partitionCsv({ module, credentials, events, slots, partitions }: Module): string {
	const lines = partitions.map(({ name, type, subtype, offset, size }) => {
		return `${name}, ${type}, ${subtype}, 0x${offset.toString(16)}, 0x${size.toString(16)},`;
	});
	return [
		`# ${module} MB of flash: ${credentials} credentials, ${events} events. Written by npm run docs.`,
		...(slots === 1
			? ["# One slot for firmware: no update over the network, by cable only (docs/HARDWARE.md)."]
			: []),
		"# Name, Type, SubType, Offset, Size, Flags",
		...lines,
		"",
	].join("\n");
}
