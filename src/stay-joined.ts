import type { Clock, Wifi } from "../hal/contracts.js";
import type { ConfigStore } from "./config/store.js";

/** How often a reader that has a network and is not in it tries again, ms: access points restart after power cuts too. */
export const REJOIN_MS = 30_000;

/** Joins the network that the reader keeps, at start and whenever it is found to be lost. */
export function stayJoined(clock: Clock, wifi: Wifi, store: ConfigStore): void {
	let joining = false;
	const look = (): void => {
		alarm.set(REJOIN_MS);
		const { wifi: kept } = store;
		if (kept === undefined || wifi.joined || joining) return;
		joining = true;
		wifi.join(kept.ssid, kept.password, () => {
			joining = false;
		});
	};
	const alarm = clock.alarm(look);
	look();
}
