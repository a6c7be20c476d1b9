// SPDX-License-Identifier: Apache-2.0

import type { Platform } from "../../hal/contracts/platform.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { AT, LINK_SIZE, RECORD_SIZE } from "../../protocol/log/record.js";
import { SectorWalk } from "../../protocol/log/sector.js";
import type { ConfigStore } from "../config/store.js";
import { AuditLog } from "../log/log.js";
import { LogState, recoverLog } from "../log/recovery.js";
import { SectorRing } from "../log/ring.js";

/**
 * Opens the log and puts the restart into it. A reader that has a site signs it by its Ed25519 key. `failed`: starts in a
 * row before this one that failed.
 */
export function openLog(platform: Platform, store: ConfigStore, failed: number): AuditLog {
	const { clock, wall, crypto } = platform;
	const key = store.membership && store.keys![0]!;
	const own = key && signer(crypto, EDDSA, key.secretKey);
	const log = new AuditLog({
		flash: platform.flash.log,
		crypto,
		clock,
		wall,
		reader: key ? crypto.sha256(key.publicKey).subarray(0, 8) : new Uint8Array(8),
		sign: own && ((message) => own.sign(message)),
	});
	log.open(platform.restartCause, failed);
	return log;
}

/** The last serial of the log in flash, and the reader that signed its newest sector, 8 bytes: zeros where none did. */
export function endOfLog({ crypto, flash }: Platform): {
	readonly last: number;
	readonly reader: Uint8Array;
} {
	const ring = new SectorRing(flash.log, crypto);
	const walk = new SectorWalk(flash.log, crypto);
	const state = new LogState();
	recoverLog(ring, walk, state, new Uint8Array(LINK_SIZE + RECORD_SIZE), undefined);
	const signed = ring.newest >= 0 && walk.open(ring.placeOf(ring.newest));
	const reader = signed ? walk.checkpoint.slice(AT.reader, AT.reader + 8) : new Uint8Array(8);
	return { last: state.serial - 1, reader };
}
