// SPDX-License-Identifier: Apache-2.0

/** A log that is full. */
import { NodeCrypto } from "../hal/node/crypto.js";
import type { SimFlash } from "../sim/flash.js";
import { VirtualTime } from "../sim/time.js";
import { AuditLog } from "../src/log/log.js";

const crypto = new NodeCrypto();

/** Appends until the ring has gone round and is in the middle of a sector; `share`: until so much of it is used. */
export function fillLog(flash: SimFlash, share?: number): void {
	const time = new VirtualTime();
	const log = new AuditLog({
		flash,
		crypto,
		clock: time,
		wall: { now: () => 1_800_000_000, trust: () => "synced", set: () => undefined },
		reader: new Uint8Array(8),
	});
	log.open("power-on");
	const sectors = flash.size / flash.sectorSize;
	const until = share === undefined ? sectors + 2 : Math.floor(share * sectors);
	while (log.newestSector < until) {
		log.append(1, 0, 0);
		log.acknowledge(log.last);
	}
}
