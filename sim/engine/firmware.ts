// SPDX-License-Identifier: Apache-2.0

/**
 * The firmware's process: XS runs this module. The world's first event starts the firmware on a platform whose every part
 * is in the world; time, random and all costs are the world's, so that a run is the one that Node makes.
 */
import { startDevice } from "../../src/app/device.js";
import { Bus } from "./device.js";
import { platformOnBus } from "./platform.js";
import type { WorldFacts } from "./wire.js";

const bus = new Bus(() => {
	startDevice(platformOnBus(bus, JSON.parse(bus.text()) as WorldFacts));
});
