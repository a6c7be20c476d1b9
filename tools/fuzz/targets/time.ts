// SPDX-License-Identifier: Apache-2.0

/** What time servers answer, and what the registers of a clock chip hold. */
import { DS3231 } from "../../../drivers/clock/ds3231.js";
import { MAX_TIME, MIN_TIME } from "../../../protocol/provisioning/bounds.js";
import { i2cClass } from "../../../sim/bus/i2c.js";
import { DS3231Chip } from "../../../sim/ds3231/ds3231.js";
import { timeServer } from "../../../sim/network.js";
import { VirtualTime } from "../../../sim/time.js";
import { readSntpAnswer, SNTP_SIZE, writeSntpRequest } from "../../../src/time/sntp.js";
import { type FuzzTarget, never, target } from "../target.js";

const NONCE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const request = new Uint8Array(SNTP_SIZE);
writeSntpRequest(request, NONCE);
const answers = [1_800_000_000, 2_100_000_000].flatMap((seconds) => timeServer(() => seconds)(request));
const kiss = answers[0]!.slice();
kiss.set([0x52, 0x41, 0x54, 0x45], 12);
kiss[1] = 0;

const chip = new DS3231Chip(new VirtualTime());
chip.setPower(true);
const clock = new DS3231({ io: i2cClass(chip) });
clock.set(1_800_000_000, 1_800_000_000);
const registers = Uint8Array.from({ length: 16 }, (_, at) => chip.register(at));

export const TIME_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target("sntp-answer", [...answers, kiss], never, (input) => {
		const time = readSntpAnswer(input, NONCE);
		if (typeof time === "number" && !(Number.isInteger(time) && time >= MIN_TIME && time <= MAX_TIME))
			throw new Error(`no time: ${time}`);
	}),
	target("clock-chip", [registers], never, (input) => {
		for (const [at, value] of input.subarray(0, 15).entries()) chip.poke(at, value);
		const reading = clock.read();
		// The years 2000 to 2099, whatever the registers hold.
		if (reading !== undefined && !(reading.seconds >= 946_684_800 && reading.seconds <= 4_102_531_200))
			throw new Error(`no time: ${reading.seconds}`);
	}),
]);
