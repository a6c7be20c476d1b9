// SPDX-License-Identifier: Apache-2.0

import type { RestartCause } from "../../../hal/contracts/chip.js";
import type { Crypto, KeyPair } from "../../../protocol/crypto.js";
import type { LogReport } from "../../../protocol/log/findings.js";
import { decodeRecord, type LogEntry } from "../../../protocol/log/record.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { SimFlash } from "../../../sim/flash.js";
import { VirtualTime } from "../../../sim/time.js";
import { AuditLog } from "../../../src/log/log.js";
import { providers } from "../../support/providers.js";

export const crypto: Crypto = providers[0]!;
export const key = crypto.ed25519KeyPair(new Uint8Array(32).fill(7));
export const reader = idOf(key.publicKey);

export function idOf(publicKey: Uint8Array): Uint8Array {
	return crypto.sha256(publicKey).slice(0, 8);
}

/** The key that the reader has after a factory reset and a new commissioning. */
export const nextKey = crypto.ed25519KeyPair(new Uint8Array(32).fill(8));

/** What a reader signs its log with; `none` before it is commissioned. */
export type Signing = KeyPair | "none";

export interface LogWorld {
	readonly flash: SimFlash;
	readonly time: VirtualTime;
	/** Starts the firmware's log over the flash as it is. */
	start(cause?: RestartCause, by?: Signing): AuditLog;
}

/** Small sectors (1,024 bytes: 27 records) keep the specs short; `sectorSize` 4096 is what devices have. */
export function logWorld(sectors = 4, sectorSize = 1024): LogWorld {
	const flash = new SimFlash({ size: sectors * sectorSize, sectorSize });
	const time = new VirtualTime();
	return {
		flash,
		time,
		start(cause = "power-on", by = key) {
			const pair = by === "none" ? undefined : by;
			const log = new AuditLog({
				flash,
				crypto,
				clock: time,
				wall: { now: () => 1_800_000_000, trust: () => "synced", set: () => {} },
				reader: pair === undefined ? new Uint8Array(8) : idOf(pair.publicKey),
				sign: pair && ((message) => crypto.ed25519Sign(message, pair.secretKey)),
			});
			log.open(cause);
			return log;
		},
	};
}

/** Copies of the log's entries: a reader has no room for all of them at once. */
export function entries(log: AuditLog, from = 1): LogEntry[] {
	const cursor = log.read(from);
	const list: LogEntry[] = [];
	for (let record = cursor.next(); record !== undefined; record = cursor.next()) {
		const entry = decodeRecord(record);
		list.push({ ...entry, subject: entry.subject.slice(), link: entry.link.slice() });
	}
	return list;
}

export function verify(
	flash: SimFlash,
	site?: { serial: number; link?: Uint8Array },
	by: Crypto = crypto,
): LogReport {
	return verifyLog(flash, by, { publicKey: key.publicKey, site });
}
