// SPDX-License-Identifier: Apache-2.0

/**
 * The SDK's Wi-Fi station (modules/io/wifi/esp32/wifi-esp32.c, 8.2.3) without a chip: what its C keeps, throws and tells,
 * in its order, over a driver that answers as ESP-IDF's does.
 */
import type { Station, StationClass, StationResult } from "../../hal/esp32/wifi.js";
import { utf8Encode } from "../../protocol/bytes.js";
import type { VirtualTime } from "../../sim/time.js";

export interface AirNetwork {
	readonly ssid: string;
	readonly rssi: number;
	readonly password: string;
	/** How many associations it drops before it lets somebody in. */
	drops?: number;
}

const SCAN_MS = 2000;
const ASSOCIATE_MS = 300;
const LEASE_MS = 700;
/** WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT. */
const HANDSHAKE_MS = 4000;
/** WIFI_REASON_NO_AP_FOUND. */
const SEARCH_MS = 2400;
/** WIFI_REASON_ASSOC_LEAVE. */
const LEAVE_MS = 30;
/** WIFI_REASON_BEACON_TIMEOUT. */
const BEACON_MS = 6000;

/** The driver, the access points, and the globals of the SDK's C. */
export class SdkWifi {
	networks: AirNetwork[] = [];
	/** How often the radio was asked to start. */
	opened = 0;
	closed = 0;
	/** Passwords that reached the driver. */
	readonly connects: string[] = [];
	/** What goes wrong. */
	silentScan = false;
	noMemory = false;
	noLease = false;
	/** As ESP-IDF's event has it (esp_wifi_types_generic.h). */
	reason = 0;
	readonly io: StationClass;

	constructor(time: VirtualTime) {
		const air = this;
		/** `gScan`, the list of stations, and the driver's: its settings, the join under way, the network it is in. */
		let scanner: SdkStation | undefined;
		let stations: SdkStation[] = [];
		let settings = { ssid: "", password: "" };
		let attempt = 0;
		let busy = false;
		let network: string | undefined;

		const tell = (event: "connected" | "disconnected" | "address"): void => {
			for (const station of [...stations]) station.deliver(event);
		};
		const later = (ms: number, mine: number, action: () => void): void => {
			time.after(ms * 1000, () => {
				if (mine === attempt) action();
			});
		};
		const ended = (reason: number): void => {
			air.reason = reason;
			busy = false;
			network = undefined;
			tell("disconnected");
		};
		const associate = (): void => {
			const mine = ++attempt;
			busy = true;
			const { ssid, password } = settings;
			const found = air.networks.find((one) => one.ssid === ssid);
			if (found === undefined) later(SEARCH_MS, mine, () => ended(201));
			else if (found.drops) {
				found.drops--;
				later(ASSOCIATE_MS, mine, () => ended(203));
			} else if (found.password !== password) later(HANDSHAKE_MS, mine, () => ended(15));
			else
				later(ASSOCIATE_MS, mine, () => {
					busy = false;
					network = ssid;
					tell("connected");
					if (!air.noLease) later(LEASE_MS, mine, () => tell("address"));
				});
		};

		this.vanish = (ssid) => {
			this.networks = this.networks.filter((one) => one.ssid !== ssid);
			if (network === ssid) later(BEACON_MS, attempt, () => ended(200));
		};
		this.lose = (reason) => {
			if (network !== undefined) ended(reason);
		};

		class SdkStation implements Station {
			#connecting = false;
			#connected = false;
			#address = false;
			#onFound: ((found: StationResult) => void) | undefined;
			#onComplete: (() => void) | undefined;
			readonly #onChanged: () => void;

			constructor(options: { onChanged(): void }) {
				if (air.noMemory) throw new Error("no memory");
				this.#onChanged = options.onChanged;
				air.opened++;
				this.#connected = this.#address = network !== undefined;
				stations.push(this);
			}

			get connection(): number {
				if (this.#connected) return this.#address ? 500 : 400;
				return this.#connecting ? 300 : 200;
			}

			get SSID(): string | undefined {
				return network;
			}

			close(): void {
				air.closed++;
				if (scanner === this) scanner = undefined;
				stations = stations.filter((station) => station !== this);
			}

			scan(options: { onFound(found: StationResult): void; onComplete(): void }): void {
				if (scanner !== undefined) throw new Error("already scanning");
				if (busy) throw new Error("scan failed");
				this.#onFound = options.onFound;
				this.#onComplete = options.onComplete;
				scanner = this;
				if (!air.silentScan) time.after(SCAN_MS * 1000, () => this.#scanDone());
			}

			#scanDone(): void {
				if (scanner !== this) return;
				scanner = undefined;
				for (const { ssid, rssi, password } of air.networks)
					try {
						const security = password === "" ? "none" : "wpa2_psk";
						this.#onFound!({ SSID: ssid, RSSI: rssi, security });
					} catch {
						// xsTry … xsCatch {}
					}
				this.#onComplete?.();
			}

			connect({ SSID, password = "" }: { SSID: string; password?: string }): void {
				if (this.#connecting) throw new Error("already connecting");
				const [name, secret] = [utf8Encode(SSID).length, utf8Encode(password).length];
				if (name > 32 || secret > 64) throw new RangeError("cannot buffer string");
				// esp_wifi_set_config's refusal is not looked at: the settings before stay.
				if (name > 0 && (secret === 0 || secret >= 8)) settings = { ssid: SSID, password };
				air.connects.push(settings.password);
				this.#connecting = true;
				if (busy || scanner !== undefined) {
					this.#connecting = false;
					throw new Error("connect failed");
				}
				associate();
			}

			disconnect(): void {
				this.#connecting = this.#connected = this.#address = false;
				if (!busy && network === undefined) return;
				const mine = ++attempt;
				// Told late: whoever connects meanwhile takes it for the end of that.
				time.after(LEAVE_MS * 1000, () => {
					if (mine === attempt) ended(8);
					else tell("disconnected");
				});
			}

			deliver(event: "connected" | "disconnected" | "address"): void {
				const before = [this.#connecting, this.#connected, this.#address].join();
				const hadAddress = this.#address;
				this.#connecting = event === "address" && this.#connecting;
				this.#connected = event !== "disconnected";
				this.#address = event === "address";
				if (before !== [this.#connecting, this.#connected, this.#address].join()) this.#onChanged();
				if (this.#address && !hadAddress) this.#onChanged();
			}
		}
		this.io = SdkStation;
	}

	/** An access point is switched off. */
	vanish: (ssid: string) => void;
	/** The network is lost for a reason of ESP-IDF. */
	lose: (reason: number) => void;
}
