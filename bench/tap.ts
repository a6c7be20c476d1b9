// SPDX-License-Identifier: Apache-2.0

/** On XS: one tap in a fresh world, reader, phone, chip and site together; prints one line of JSON. */
import { NativeCrypto } from "../hal/crypto/native/crypto.js";
import { runTap } from "../sim/scenario.js";

declare const host: { microseconds(): number; print(line: string): void };

let least = Number.POSITIVE_INFINITY;
for (let seed = 1; seed <= 5; seed++) {
	const start = host.microseconds();
	const { decision } = runTap({ crypto: new NativeCrypto(), link: "nfc", phone: "valid", suite: 4, seed });
	if (decision !== "granted") throw new Error(`the tap was ${decision}`);
	least = Math.min(least, host.microseconds() - start);
}
host.print(JSON.stringify({ tap: least / 1000 }));
