// SPDX-License-Identifier: Apache-2.0

import { MqttClient, type MqttPlatform } from "../../drivers/mqtt/client.js";
import type { MQTTClient, MQTTOptions } from "../../hal/contracts/network.js";
import type { Clock, WallClock } from "../../hal/contracts/time.js";
import type { Crypto, Random } from "../../protocol/crypto.js";
import type { ConfigStore } from "../config/store.js";
import type { AuditLog } from "../log/log.js";
import type { Uplink } from "../sync/bearer.js";
import { Sync } from "../sync/sync.js";
import type { SyncTarget, Vitals } from "../sync/target.js";
import type { Timekeeper } from "../time/timekeeper.js";
import type { Device } from "./device.js";
import { IMAGE } from "./installer-view.js";
import { DeviceVitals } from "./vitals.js";

/** Sync with the reader's site; `undefined` where it has none, no server of it, or no way there. */
export function syncOf(device: Device): Sync | undefined {
	const { platform, store } = device;
	if (platform.network?.tcp === undefined || platform.wifi === undefined) return undefined;
	if (store!.membership === undefined || store!.server === undefined) return undefined;
	const reader = new SyncedReader(device);
	const sync = new Sync(reader, reader);
	device.events.listeners.add((kind) => sync.recorded(kind));
	return sync;
}

/** The reader as sync sees it, once its door has begun. */
class SyncedReader implements SyncTarget, Uplink {
	readonly clock: Clock;
	readonly health: Vitals;
	readonly image = IMAGE;
	private readonly device: Device;

	constructor(device: Device) {
		this.clock = device.platform.clock;
		this.health = new DeviceVitals(device);
		this.device = device;
	}

	get timekeeper(): Timekeeper {
		return this.device.timekeeper;
	}

	get crypto(): Crypto {
		return this.device.platform.crypto;
	}

	get random(): Random {
		return this.device.platform.random;
	}

	get wall(): WallClock {
		return this.device.platform.wall;
	}

	get store(): ConfigStore {
		return this.device.store!;
	}

	get log(): AuditLog {
		return this.device.events.log!;
	}

	get reader(): SyncTarget["reader"] {
		return this.device.view!;
	}

	get joined(): boolean {
		return this.device.platform.wifi!.joined;
	}

	busy(): boolean {
		const { door, radios } = this.device;
		return radios!.engaged || door!.access.hasJustDecided;
	}

	get trace(): SyncTarget["trace"] {
		return this.device.platform.trace;
	}

	connect(options: MQTTOptions): MQTTClient {
		// `syncOf` has seen that it has TCP.
		return new MqttClient(options, this.device.platform as MqttPlatform);
	}
}
