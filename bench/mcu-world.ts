// SPDX-License-Identifier: Apache-2.0

/** The device that is measured: all of the firmware, commissioned, on rv32 with the memory of manifest.json. */
import { NodeCrypto } from "../hal/node/crypto.js";
import { type Creation, deviceCreation } from "../sim/engine/creation.js";
import { type XsEngine, xsEngine } from "../sim/engine/xs.js";
import type { Wiring } from "../sim/pn532/board.js";
import { World } from "../sim/world.js";

export const crypto = new NodeCrypto();

export interface McuWorld {
	readonly world: World;
	readonly engine: XsEngine;
}

/** Of a reader that has no server of its site to speak with: such a one has room to spare in `creation` of manifest.json. */
export const ALONE: Creation = { ...deviceCreation(), chunk: 28_672, heap: 4352 };

export interface McuWorldOptions {
	readonly suite?: number;
	/** How the PN532 is wired. */
	readonly bus?: Wiring;
	/** The reader speaks with its site, in all of the memory that a device gives. */
	readonly server?: boolean;
	/** As `WorldOptions.configuration`. */
	readonly configuration?: object;
	/** Before it starts. */
	readonly prepare?: (world: World) => void;
}

/** Power on, plan in force, radio and chip polled. */
export function mcuWorld({
	bus = "spi",
	configuration = {},
	prepare,
	server = false,
	suite = 4,
}: McuWorldOptions = {}): McuWorld {
	const engine = xsEngine({ target: "rv32", creation: server ? deviceCreation() : ALONE });
	const world = new World({ seed: 1, crypto, suite, bus, server, configuration, start: engine.start });
	world.plan.install();
	prepare?.(world);
	world.powerOn();
	if (!world.settle()) throw new Error("the reader does not poll");
	world.time.run(1000);
	return { world, engine };
}
