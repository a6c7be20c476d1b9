// SPDX-License-Identifier: Apache-2.0

import type { Platform } from "../../hal/contracts/platform.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import type { ConfigStore } from "../config/store.js";
import { AuditLog } from "../log/log.js";

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
