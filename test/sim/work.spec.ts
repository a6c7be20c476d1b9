// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { afterMessage3, tap, wholeTap } from "../../bench/counted-tap.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { CPUS } from "../../sim/cpu.js";
import { COUNTED, STRETCHES } from "../../sim/instructions.js";
import { Work } from "../../sim/work.js";
import { World } from "../../sim/world.js";

const crypto = new NodeCrypto();
/** The table has means over taps of all suites and both radios, and whatever garbage was collected in them: one tap lies so far from it. */
const WHOLE = 0.03;
const AFTER_MESSAGE_3 = 0.05;

function nearly(charged: number, counted: number, near: number, what: string): void {
	const text = `${what}: ${charged} charged, ${counted} counted; did the firmware change since npm run bench:mcu?`;
	assert.closeTo(charged / counted, 1, near, text);
}

/** A reader whose work is summed as it is charged. */
function counting(suite: number): { world: World; engine: { instructions(): number }; unknown: string[] } {
	const world = new World({ seed: 1, crypto, suite });
	let sum = 0;
	const unknown: string[] = [];
	world.onStretch = (stretch, instructions) => {
		sum += instructions;
		if (STRETCHES[stretch] === undefined) unknown.push(stretch);
	};
	world.plan.install();
	world.powerOn();
	assert.isTrue(world.settle());
	world.time.run(1000);
	unknown.length = 0;
	return { world, engine: { instructions: () => sum }, unknown };
}

describe("what the firmware's work is charged", () => {
	for (const link of ["nfc", "ble"] as const)
		for (const suite of new Set(COUNTED.filter((row) => row.link === link).map((row) => row.suite)))
			it(`${link}, suite ${suite}: is what bench:mcu counted, of a first tap and of the phone's second`, () => {
				const device = counting(suite);
				tap(device, link);
				for (const again of [false, true]) {
					const row = COUNTED.find(
						(each) => each.link === link && each.suite === suite && each.again === again,
					)!;
					const marks = tap(device, link, { again });
					nearly(wholeTap(marks), row.whole, WHOLE, `again ${again}, whole`);
					nearly(afterMessage3(marks), row.afterMessage3, AFTER_MESSAGE_3, `again ${again}, after message_3`);
				}
				assert.deepEqual(device.unknown, [], "npm run bench:mcu counts them");
			});

	it("passes as time at the processor's pace, to the microsecond over many stretches", () => {
		for (const cpu of [CPUS["160"], CPUS.esp32]) {
			let [spent, charged] = [0, 0];
			const work = new Work({
				cpu,
				spend: (micros) => {
					spent += micros;
				},
				onStretch: (_, instructions) => {
					charged += instructions;
				},
			});
			for (let n = 0; n < 500; n++) {
				work.enter("alarm");
				work.meet("alarm.set");
				work.leave();
			}
			assert.closeTo(spent, charged / (cpu.mhz * cpu.perCycle), 1);
			assert.isAbove(spent, 50_000);
		}
	});

	it("is charged inside the firmware alone, and what was never counted as the usual", () => {
		const charges: [string, number][] = [];
		const work = new Work({
			cpu: CPUS["160"],
			spend: () => undefined,
			onStretch: (stretch, instructions) => charges.push([stretch, instructions]),
		});
		work.meet("random");
		work.enter("alarm");
		work.enter("onWrite");
		work.meet("x25519");
		work.leave();
		work.meet("never heard of");
		work.leave();
		work.meet("random");
		const [first, second, third] = charges;
		assert.deepEqual(
			charges.map(([stretch]) => stretch),
			["alarm>x25519", "x25519>never heard of", "never heard of>idle"],
		);
		assert.isAbove(first![1], 0);
		assert.equal(second![1], STRETCHES["x25519>sha256"]);
		assert.equal(third![1], 0);
	});
});
