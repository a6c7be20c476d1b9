import { assert } from "chai";
import type { RestartCause } from "../../hal/contracts.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { World } from "../../sim/world.js";
import { EVENTS, RESTARTS } from "../../src/audit/events.js";
import { describe as described, inWords } from "../../tools/log/describe.js";

const crypto = new NodeCrypto();
/** The longest lease of the relay (drivers/relay). */
const LEASE_MS = 2000;

describe("a restart of the reader while the strike is released", function () {
	this.timeout(60_000);

	for (const cause of Object.keys(RESTARTS) as RestartCause[])
		it(`${cause}: the relay is off until the next grant, and the log says why`, () => {
			const world = new World({ seed: 7, crypto });
			world.installPlan();
			world.powerOn();
			world.settle();
			const phone = world.nfcPhone("valid");
			world.board.field.present(phone);
			assert.isTrue(world.time.runUntil(() => world.door.relay.on, 3000));
			world.board.field.remove(phone);

			const died = world.time.now();
			let off = died;
			let moved = 0;
			world.door.relay.watch(() => {
				moved++;
				off = world.time.now();
			});
			if (cause === "watchdog") world.hang();
			else world.restart(cause);
			const restarts = () => world.log().filter(({ kind }) => kind === EVENTS.restart);
			assert.isTrue(world.time.runUntil(() => restarts().length === 2, 6000));
			world.time.run(10_000);
			assert.isFalse(world.door.relay.on);
			assert.equal(moved, 1, "it fell, once");
			assert.isAtMost(off - died, cause === "watchdog" ? LEASE_MS : 0);

			const entry = restarts().at(-1)!;
			assert.equal(entry.detail, RESTARTS[cause]);
			assert.equal(inWords(entry), `restart ${cause}`);
			assert.equal(described(entry).what, cause, "as `lintel log export` has it");

			world.board.field.present(world.nfcPhone("valid"));
			assert.isTrue(
				world.time.runUntil(() => world.door.relay.on, 3000),
				"the door opens",
			);
		});
});
