// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { SimFlash } from "../../sim/flash.js";
import { SeededRandom } from "../../sim/random.js";
import { VirtualTime } from "../../sim/time.js";
import { AuditLog } from "../../src/log/log.js";

export interface YearOptions {
	days: number;
	eventsPerDay: number;
	/** Bytes of the partition. */
	size: number;
	/** The site acknowledges after so many events; 0: never. */
	acknowledgeEvery: number;
	/** The reader restarts so often a day. */
	restarts: number;
	seed: number;
}

export interface Year {
	readonly events: number;
	readonly records: number;
	/** Of the sectors, erases in the year: least and most. */
	readonly wear: readonly [number, number];
	readonly writtenBytes: number;
	readonly gapRecords: number;
	readonly intact: boolean;
	readonly unacknowledged: number;
	/** Erases that an append had to wait for, where idle work did not come first. */
	readonly waits: number;
}

export const BUSY: YearOptions = {
	days: 365,
	eventsPerDay: 2000,
	size: 4 * 1024 * 1024,
	acknowledgeEvery: 20,
	restarts: 1,
	seed: 1,
};

/** The real log through a year of a door, on simulated flash. */
export function simulateYear(options: YearOptions): Year {
	const crypto = new NodeCrypto();
	const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(5));
	const random = new SeededRandom(options.seed);
	const flash = new SimFlash({ size: options.size });
	const time = new VirtualTime();
	const reader = crypto.sha256(pair.publicKey).slice(0, 8);
	const start = (): AuditLog => {
		const log = new AuditLog({
			flash,
			crypto,
			clock: time,
			wall: {
				now: () => 1_800_000_000 + Math.floor(time.now() / 1000),
				trust: () => "synced",
				set: () => {},
			},
			reader,
			sign: (message) => crypto.ed25519Sign(message, pair.secretKey),
		});
		log.open("power-on");
		return log;
	};
	let log = start();
	let events = 0;
	let waits = 0;
	const id = new Uint8Array(8);
	const restartEvery = Math.floor(options.eventsPerDay / Math.max(1, options.restarts));
	for (let n = 0; n < options.days * options.eventsPerDay; n++) {
		time.run(86_400_000 / options.eventsPerDay);
		if (options.restarts > 0 && n % restartEvery === restartEvery - 1) log = start();
		random.fill(id);
		const before = flash.erases;
		log.append(n % 3 === 0 ? EVENTS.decision : EVENTS["door-opened"], 0, n, id);
		waits += flash.erases - before;
		events++;
		if (options.acknowledgeEvery > 0 && n % options.acknowledgeEvery === 0) log.acknowledge(log.last);
		while (log.maintain());
	}
	let gapRecords = 0;
	const report = verifyLog(flash, crypto, { publicKey: pair.publicKey }, (record) => {
		if (record[8] === EVENTS.gap) gapRecords++;
	});
	const wear = [...flash.wear];
	return {
		events,
		records: log.last,
		wear: [Math.min(...wear), Math.max(...wear)],
		writtenBytes: flash.writtenBytes,
		gapRecords,
		intact: report.intact,
		unacknowledged: log.unacknowledged,
		waits,
	};
}
