// SPDX-License-Identifier: Apache-2.0

import { Indicator } from "../../drivers/indicator/indicator.js";
import { RENEWAL_MS } from "../../drivers/relay/relay.js";
import { relayOn } from "../../protocol/config/door.js";
import { Access } from "../access/access.js";
import type { SealedState } from "../config/sealed-state.js";
import type { ConfigStore } from "../config/store.js";
import { DoorController, type StrikeOutput } from "../door/controller.js";
import { SIGNALS, type Signal } from "../door/feedback.js";
import { REMEMBERED, restoredMemory } from "../door/memory.js";
import type { AuditLog } from "../log/log.js";
import { PlanStore } from "../plan/store.js";
import { endsBy } from "../sync/time.js";
import type { Device } from "./device.js";
import { connectInputs, type Inputs, levelsOf } from "./inputs.js";

/** What is known for certain of the door; locked down where that is nothing. */
function sealedMemory(sealed: SealedState): number {
	return sealed.damaged ? REMEMBERED.lockdown : sealed.door;
}

/** The door with its inputs, light and plan. */
export interface RunningDoor {
	readonly access: Access;
	readonly inputs: Inputs;
	readonly indicator: Indicator<Signal>;
}

/** A strike that gets no current. */
const NO_CURRENT: StrikeOutput = Object.freeze({ on: () => undefined, off: () => undefined, lapses: 0 });

/**
 * Whether current locks the door of a damaged reader. Its wiring is known from a record that may be old, and none may be believed
 * that opens; but with the default wiring request-to-exit would lock a magnet, so such a one gets no current at all.
 */
function currentLocks({ formerDoor }: ConfigStore): boolean {
	return formerDoor !== undefined && relayOn(formerDoor, false);
}

/** Starts the door as its configuration says. No phone reaches it before the radios' stage. */
export function startDoor(device: Device, store: ConfigStore, log: AuditLog): RunningDoor {
	const { platform, relay } = device;
	const { clock, wall, crypto, trace } = platform;
	const { record } = device.events;
	const sealed = device.events.sealed!;
	const config = store.door;
	const plan = new PlanStore({
		flash: platform.flash.plan,
		rollbackCounter: sealed,
		notices: { flash: platform.flash.notices, sealed },
		deviceKey: platform.deviceKey,
		crypto,
		get trust() {
			return store.trust;
		},
		held: store.lists,
		door: store.membership?.door ?? "",
		knownTime: () => endsBy(access.knownTime, Math.max(plan.issued, store.lists.newest.issued)),
	});
	const indicator = new Indicator({
		clock,
		patterns: SIGNALS,
		sounds: config.sounds,
		...(platform.light ? { light: platform.light } : {}),
		...(platform.sounder ? { sounder: platform.sounder } : {}),
	});
	const door: DoorController = new DoorController({
		config,
		clock,
		strike: currentLocks(store) ? NO_CURRENT : relay,
		signals: indicator,
		renewalMs: RENEWAL_MS,
		onEvent: record,
	});
	const access: Access = new Access({
		clock,
		wall,
		timekeeper: device.timekeeper,
		plan,
		log,
		record,
		limiter: device.events.limiter,
		lockdownEnd: () => sealed.lockdown.end,
		door,
		trace,
		radios: () => device.radios,
		collect: platform.collect,
	});
	const { inputs, absent } = connectInputs(config, platform.inputs ?? {}, clock, () => door);
	access.start(restoredMemory(log.doorMemory, sealedMemory(sealed)), levelsOf(inputs));
	for (const input of absent) door.inputFault(input, "absent");
	return { access, inputs, indicator };
}
