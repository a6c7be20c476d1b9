// SPDX-License-Identifier: Apache-2.0

/** The log: a record, and an image of its flash. */
import { decodeRecord, RECORD_SIZE } from "../../../protocol/log/record.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { Power, SimFlash } from "../../../sim/flash.js";
import { type FuzzTarget, never, target } from "../target.js";
import { crypto, random } from "../world.js";

const LOG_SIZE = 3 * 4096;

export const LOG_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target("log-record", [new Uint8Array(RECORD_SIZE)], never, (input) => {
		if (input.length >= RECORD_SIZE) decodeRecord(input.subarray(0, RECORD_SIZE));
	}),
	target(
		"log-image",
		[new Uint8Array(640).fill(0xff), random.bytes(640)],
		never,
		(input) => {
			const flash = new SimFlash({ size: LOG_SIZE, power: new Power() });
			flash.bytes.set(input.subarray(0, LOG_SIZE));
			verifyLog(flash, crypto);
		},
		{ share: 0.02 },
	),
]);
