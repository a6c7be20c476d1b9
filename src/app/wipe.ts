// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import type { Platform } from "../../hal/contracts/platform.js";

/** Bytes that are looked at at once; divides a sector. */
const PART = 1024;

/**
 * Erases all that a partition holds; a power cut leaves it to the next start. An erase takes some 45 ms, so blank sectors, which
 * are most of a new reader's, are told by their hash.
 */
export function wipe({ crypto, watchdog }: Platform, flash: Flash): void {
	const { sectorSize, size } = flash;
	const part = new Uint8Array(PART).fill(0xff);
	const blank = crypto.sha256(part);
	for (let sector = 0; sector < size / sectorSize; sector++) {
		watchdog.feed();
		for (let at = sector * sectorSize; at < (sector + 1) * sectorSize; at += PART) {
			flash.read(at, part);
			if (crypto.equal(crypto.sha256(part), blank)) continue;
			flash.erase(sector);
			break;
		}
	}
}
