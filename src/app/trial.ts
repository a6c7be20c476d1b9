// SPDX-License-Identifier: Apache-2.0

import type { Wifi } from "../../hal/contracts/wifi.js";
import { CONFIGURATION_CHANGES, EVENTS } from "../../protocol/events.js";
import type { ConfigStore } from "../config/store.js";
import type { Device } from "./device.js";

/** How long a network that the site has set has for a session, beside the wait before the first connection, ms. */
export const TRIAL_MS = 300_000;

/** The network that is tried counts once it has brought a session. Else the one before it comes back: the site cannot lose its door. */
export function tryNetwork({ events, platform }: Device, wifi: Wifi, store: ConfigStore): void {
	const { clock, trace } = platform;
	const ends = clock.alarm(() => {
		ends.close();
		// A session has come, or an installer.
		if (store.trial === undefined) return;
		store.endTrial(false);
		trace("Wi-Fi: the new network has brought no session; back to the former one");
		events.record(EVENTS.configuration, CONFIGURATION_CHANGES.fallback, store.revision);
		const former = store.wifi;
		if (former !== undefined) wifi.join(former.ssid, former.password, () => undefined);
	});
	ends.set(TRIAL_MS + 1000 * (store.server?.spread ?? 0));
}
