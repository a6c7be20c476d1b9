// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../hal/contracts/time.js";
import type { Wifi } from "../../hal/contracts/wifi.js";
import type { ConfigStore } from "../config/store.js";

/** How often a reader that has a network looks whether it is in it, ms: access points restart after power cuts too. */
export const REJOIN_MS = 30_000;
/** Each failed join doubles the time to the next, up to this, ms: each takes air time from Bluetooth. */
export const REJOIN_MAX_MS = 120_000;

/**
 * Joins the network that the reader keeps, at start and whenever it is found to be lost. Calls `onJoined` when it is found to be in
 * it, again and again.
 */
export function stayJoined(clock: Clock, wifi: Wifi, store: ConfigStore, onJoined: () => void): void {
	let wait = REJOIN_MS;
	const look = (): void => {
		alarm.set(wait);
		const kept = store.trial ?? store.wifi;
		if (wifi.joined) onJoined();
		// What an installer asks for is not cut short.
		if (kept === undefined || wifi.joined || wifi.busy) return;
		wifi.join(kept.ssid, kept.password, (joined) => {
			wait = joined ? REJOIN_MS : Math.min(2 * wait, REJOIN_MAX_MS);
			alarm.set(wait);
			if (joined) onJoined();
		});
	};
	const alarm = clock.alarm(look);
	look();
}
