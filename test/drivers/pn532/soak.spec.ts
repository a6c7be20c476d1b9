// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { engine } from "../../support/host.js";
import { BUSES, Pn532World } from "./world.js";

/** How bad luck comes: any of the model's faults, some at once, at any moment of the work. */
const COUNTED = [
	"loseAck",
	"loseReply",
	"replyBeforeAck",
	"errorFrame",
	"truncateReply",
	"badChecksum",
	"badLengthChecksum",
	"wrongCode",
	"emptyReply",
	"doubleTfi",
	"repeatReply",
	"samForVersion",
	"loseCommand",
	"status",
	"spiGarbage",
] as const;

const strike = fc.oneof(
	fc.record({ what: fc.constantFrom(...COUNTED), times: fc.integer({ min: 1, max: 6 }) }),
	fc.record({
		what: fc.constantFrom("wedge" as const, "brownOut" as const, "phone" as const, "host" as const),
		times: fc.constant(1),
	}),
);

const plan = fc.array(fc.tuple(fc.nat(400), strike), { minLength: 1, maxLength: 12 });

/** SOAK=10000 for a long run. */
const { process: host } = globalThis as { process?: { env: Record<string, string | undefined> } };
const RUNS = Number(host?.env.SOAK ?? (engine === "node" ? 40 : 3));

describe("PN532 driver in bad luck", () => {
	for (const bus of BUSES) {
		it(`${bus}: after any faults in any order, a phone is served within 5 s`, function () {
			this.timeout(20_000 + RUNS * 20);
			let worst = 0;
			fc.assert(
				fc.property(plan, fc.nat(3000), (steps, micros) => {
					const world = new Pn532World({ bus });
					for (const [pause, { what, times }] of steps) {
						world.time.run(pause + micros / 1000);
						if (what === "wedge") world.board.chip.wedge();
						else if (what === "brownOut") world.board.chip.brownOut();
						else if (what === "host") world.restartHost();
						else if (what === "phone") {
							if (world.field.cards.length > 0) world.field.remove();
							else world.field.present(world.phone);
						} else world.faults[what] = times;
					}
					// What is still to come of the faults is over now, but a wedged chip stays wedged.
					world.faults.clear();
					world.field.remove();
					const from = world.time.now();
					world.time.run(400);
					assert.isBelow(world.tap(world.makePhone(), 5000), 5000);
					worst = Math.max(worst, world.time.now() - from);
					assert.isAtMost(world.errors.length, world.readies + world.hosts, "one error an outage");
					world.driver.close();
				}),
				{ numRuns: RUNS },
			);
			assert.isBelow(worst, 5000);
		});
	}
});
