// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { World, type WorldOptions } from "../../sim/world.js";

/** A reader with its plan that is up and waits for phones. */
export function ready(options: Partial<WorldOptions> = {}): World {
	const world = new World({ seed: 1, crypto: new NodeCrypto(), ...options });
	world.plan.install();
	world.powerOn();
	assert.isTrue(world.settle());
	return world;
}
