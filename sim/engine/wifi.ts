// SPDX-License-Identifier: Apache-2.0

/** The Wi-Fi station that the firmware finds on the bus; the access points are the world's. */
import type { Wifi, WifiLoss, WifiNetwork } from "../../hal/contracts/wifi.js";
import type { Bus } from "./device.js";
import { CALL, WIFI_LOSSES } from "./wire.js";

export class BusWifi implements Wifi {
	readonly #bus: Bus;
	/** Requests that have no answer yet. */
	#pending = 0;

	constructor(bus: Bus) {
		this.#bus = bus;
	}

	get joined(): boolean {
		return this.#bus.call(CALL.wifiJoined) === 1;
	}

	get busy(): boolean {
		return this.#pending > 0;
	}

	scan(done: (networks: readonly WifiNetwork[]) => void): void {
		this.#pending++;
		const id = this.#bus.listen(() => {
			this.#bus.forget(id);
			this.#pending--;
			done(JSON.parse(this.#bus.text()) as WifiNetwork[]);
		});
		this.#bus.call(CALL.wifiScan, id);
	}

	join(ssid: string, password: string, done: (joined: boolean) => void): void {
		this.#pending++;
		const id = this.#bus.listen((value) => {
			this.#bus.forget(id);
			this.#pending--;
			done(value === 1);
		});
		this.#bus.sendText(CALL.wifiJoin, JSON.stringify([ssid, password]), id);
	}

	watch(lost: (why: WifiLoss) => void): void {
		this.#bus.call(
			CALL.wifiWatch,
			this.#bus.listen((index) => lost(WIFI_LOSSES[index]!)),
		);
	}
}
