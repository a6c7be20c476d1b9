import type { Wifi, WifiNetwork } from "../hal/contracts.js";
import type { VirtualTime } from "./time.js";

/** How long a scan and a join take, ms: about what a station needs for 13 channels, and for its handshake and lease. */
const SCAN_MS = 1500;
const JOIN_MS = 2000;

/** A station among simulated access points. A reader's restart ends the connection; a lost one is not joined again. */
export class SimWifi implements Wifi {
	readonly networks: { readonly ssid: string; readonly rssi: number; password: string }[] = [
		{ ssid: "Building", rssi: -51, password: "correct horse" },
		{ ssid: "Guests", rssi: -67, password: "" },
	];
	joined = false;
	/** Of each join, whether it succeeded. */
	readonly joins: boolean[] = [];
	readonly #time: VirtualTime;
	/** Counts lives of the firmware: an answer to an earlier one goes nowhere. */
	#life = 0;

	constructor(time: VirtualTime) {
		this.#time = time;
	}

	scan(done: (networks: readonly WifiNetwork[]) => void): void {
		this.#later(SCAN_MS, () =>
			done(this.networks.map(({ ssid, rssi, password }) => ({ ssid, rssi, secured: password !== "" }))),
		);
	}

	join(ssid: string, password: string, done: (joined: boolean) => void): void {
		this.joined = false;
		this.#later(JOIN_MS, () => {
			this.joined = this.networks.some((network) => network.ssid === ssid && network.password === password);
			this.joins.push(this.joined);
			done(this.joined);
		});
	}

	/** The reader has lost its power or starts again. */
	powerOff(): void {
		this.#life++;
		this.joined = false;
	}

	#later(ms: number, action: () => void): void {
		const life = this.#life;
		this.#time.after(ms * 1000, () => {
			if (life === this.#life) action();
		});
	}
}
