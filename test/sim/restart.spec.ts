// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { RestartCause } from "../../hal/contracts/chip.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { EVENTS, RESTARTS } from "../../protocol/events.js";
import { EngineEnded } from "../../sim/engine/bus.js";
import { World } from "../../sim/world.js";
import { describe as described, inWords } from "../../site/lib/log/describe.js";
import { HEALTHY_MS } from "../../src/app/startup.js";
import { ConfigStore } from "../../src/config/store.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();
/** The longest lease of the relay (drivers/relay). */
const LEASE_MS = 2000;

describe("a restart of the reader while the strike is released", () => {
	for (const cause of Object.keys(RESTARTS) as RestartCause[])
		it(`${cause}: the relay is off until the next grant, and the log says why`, () => {
			const world = new World({ seed: 7, crypto });
			world.plan.install();
			world.powerOn();
			world.settle();
			// So that its end is not that of a start that failed (src/app/startup.ts).
			world.time.run(HEALTHY_MS);
			const phone = world.phones.nfc("valid");
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
			const restarts = () => world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart);
			assert.isTrue(world.time.runUntil(() => restarts().length === 2, 6000));
			world.time.run(10_000);
			assert.isFalse(world.door.relay.on);
			assert.equal(moved, 1, "it fell, once");
			assert.isAtMost(off - died, cause === "watchdog" ? LEASE_MS : 0);

			const entry = restarts().at(-1)!;
			assert.equal(entry.detail, RESTARTS[cause]);
			assert.equal(inWords(entry), `restart ${cause}`);
			assert.equal(described(entry).what, cause, "as `lintel log export` has it");

			world.board.field.present(world.phones.nfc("valid"));
			assert.isTrue(
				world.time.runUntil(() => world.door.relay.on, 3000),
				"the door opens",
			);
		});
});

/** Takes any 32 bytes for a P-256 scalar. */
class LaxCrypto extends NodeCrypto {
	override p256KeyPair(secretKey: Uint8Array): KeyPair {
		return super.p256KeyPair(secretKey) ?? { publicKey: new Uint8Array(65), secretKey };
	}
}

/** A defect that wrote 0 in place of the P-256 key, which is none: nothing notices before a phone wants it. */
function spoilP256Key({ flash, sealed }: World): void {
	const seeds: Uint8Array[] = [];
	const store = new ConfigStore(flash.config, sealed(), new LaxCrypto(), {
		fill: (into) => into.set(seeds.shift()!),
	});
	store.open();
	const { membership, config, keys } = store;
	seeds.push(keys![0]!.secretKey.subarray(0, 32), new Uint8Array(32));
	store.reset();
	store.makeKeys();
	store.join(membership!, config!);
	// Of the reset.
	store.wiped();
}

describe("crypto called wrongly in a callback while the strike is released", () => {
	for (const [name, why, begin] of [
		["Node", /secret key: not in 1\.\.n-1/, () => undefined],
		["XS", /a secret key is in 1\.\.n-1/, engineFor],
	] as const)
		it(`${name}: the relay is off, the reader restarts clean, the log says why`, function () {
			const engine = begin(this);
			let ended: Error | undefined;
			const world: World = new World({
				seed: 6,
				crypto,
				suite: 5,
				...(engine ? { start: engine.start } : {}),
				onException: (error) => {
					ended = error as Error;
					assert.isTrue(world.door.relay.on, "up to the moment of its end");
					world.self.restore(whole);
					world.restart(error instanceof EngineEnded ? error.restartCause : "exception");
					assert.isFalse(world.door.relay.on);
				},
			});
			const whole = world.self.snapshot();
			try {
				spoilP256Key(world);
				world.plan.install();
				world.powerOn();
				world.settle();
				world.time.run(HEALTHY_MS);
				world.door.press(true);
				world.time.run(200);
				world.door.press(false);
				assert.isTrue(world.door.relay.on, "request-to-exit has released the strike");
				world.board.field.present(world.phones.nfc("valid"));
				assert.isTrue(world.time.runUntil(() => ended !== undefined, 3000));
				assert.match(ended!.message, why);
				assert.isTrue(
					world.time.runUntil(() => world.door.relay.on, 3000),
					"the phone, still there, is let in",
				);
				const restarts = world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart);
				assert.deepEqual(restarts.map(inWords), ["restart power-on", "restart exception"]);
			} finally {
				engine?.close();
			}
		});
});
