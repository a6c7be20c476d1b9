// SPDX-License-Identifier: Apache-2.0

import { MqttClient } from "../../drivers/mqtt/client.js";
import { Sync } from "../sync/sync.js";
import type { Device } from "./device.js";
import { IMAGE } from "./installer-view.js";
import { DeviceVitals } from "./vitals.js";

/** Sync with the reader's site; `undefined` where it has none, no server of it, or no way there. */
export function syncOf(device: Device): Sync | undefined {
	const { events, platform, radios, timekeeper, view } = device;
	const { clock, crypto, network, random, trace, wall, wifi } = platform;
	const store = device.store!;
	const io = network?.tcp;
	if (io === undefined || wifi === undefined) return undefined;
	if (store.membership === undefined || store.server === undefined) return undefined;
	const sync = new Sync({
		target: {
			...{ clock, crypto, random, store, timekeeper, trace, wall },
			log: events.log!,
			reader: view!,
			health: new DeviceVitals(device),
			image: IMAGE,
			busy: () => radios!.busy,
		},
		connect: (options) => new MqttClient({ ...options, io, network: network!, clock }),
		joined: () => wifi.joined,
	});
	events.listeners.add((kind) => sync.recorded(kind));
	return sync;
}
