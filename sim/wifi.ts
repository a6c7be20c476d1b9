// SPDX-License-Identifier: Apache-2.0

import type { Wifi, WifiLoss, WifiNetwork } from "../hal/contracts/wifi.js";
import { utf8Encode } from "../protocol/bytes.js";
import type { VirtualTime } from "./time.js";

/** How long a scan and a join take, ms: about what a station needs for 13 channels, and for its handshake and lease. */
const SCAN_MS = 1500;
const JOIN_MS = 2000;

const MAX_NETWORKS = 16;

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
	/** Of joins: a later one makes an earlier one fail. */
	#request = 0;
	#network: string | undefined;
	#pending = 0;
	/** Counts lives of the firmware: an answer to an earlier one goes nowhere. */
	#life = 0;
	#lost: ((why: WifiLoss) => void) | undefined;

	constructor(time: VirtualTime) {
		this.#time = time;
	}

	/** The network that the station is in. */
	get network(): string | undefined {
		return this.joined ? this.#network : undefined;
	}

	get busy(): boolean {
		return this.#pending > 0;
	}

	scan(done: (networks: readonly WifiNetwork[]) => void): void {
		this.#later(SCAN_MS, () =>
			done(
				this.networks
					.map(({ ssid, rssi, password }) => ({ ssid, rssi, secured: password !== "" }))
					.sort((a, b) => b.rssi - a.rssi)
					.slice(0, MAX_NETWORKS),
			),
		);
	}

	join(ssid: string, password: string, done: (joined: boolean) => void): void {
		if (!fits(ssid, password)) {
			this.joins.push(false);
			done(false);
			return;
		}
		this.joined = false;
		const request = ++this.#request;
		this.#later(JOIN_MS, () => {
			const joined =
				request === this.#request &&
				this.networks.some((network) => network.ssid === ssid && network.password === password);
			if (request === this.#request) {
				this.joined = joined;
				this.#network = joined ? ssid : undefined;
			}
			this.joins.push(joined);
			done(joined);
		});
	}

	/** An access point is switched off. */
	vanish(ssid: string): void {
		this.networks.splice(
			0,
			this.networks.length,
			...this.networks.filter((network) => network.ssid !== ssid),
		);
		if (this.#network === ssid) this.lose("unheard");
	}

	watch(lost: (why: WifiLoss) => void): void {
		this.#lost = lost;
	}

	/** The station loses its network. */
	lose(why: WifiLoss): void {
		if (!this.joined) return;
		this.joined = false;
		const life = this.#life;
		this.#time.after(0, () => {
			if (life === this.#life) this.#lost?.(why);
		});
	}

	/** The reader has lost its power or starts again. */
	powerOff(): void {
		this.#life++;
		this.#pending = 0;
		this.#lost = undefined;
		this.joined = false;
	}

	#later(ms: number, action: () => void): void {
		const life = this.#life;
		this.#pending++;
		this.#time.after(ms * 1000, () => {
			if (life !== this.#life) return;
			this.#pending--;
			action();
		});
	}
}

/** Names and passphrases that a station takes (IEEE 802.11: 1 to 32 bytes; none, or 8 to 63). */
function fits(ssid: string, password: string): boolean {
	const [name, length] = [utf8Encode(ssid).length, utf8Encode(password).length];
	return name >= 1 && name <= 32 && (length === 0 || (length >= 8 && length <= 63));
}
