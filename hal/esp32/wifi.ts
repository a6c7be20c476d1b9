// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../contracts/time.js";
import type { Wifi, WifiLoss, WifiNetwork } from "../contracts/wifi.js";

/** The part of `embedded:network/interface/wifi` (modules/io/wifi/esp32 of the SDK) that is used here. */
export interface Station {
	/** 200 in no network, 300 joining, 400 joined and without an address, 500 joined. */
	readonly connection: number;
	/** Name of the joined network. */
	readonly SSID: string | undefined;
	/** Throws while it scans or joins. */
	scan(options: { onFound(found: StationResult): void; onComplete(): void }): void;
	/** Throws while it joins, and for a name of more than 32 bytes or a password of more than 64. */
	connect(options: { SSID: string; password?: string }): void;
	disconnect(): void;
	close(): void;
}

export interface StationResult {
	readonly SSID: string;
	readonly RSSI: number;
	/** "none" for an open network. */
	readonly security: string;
}

export type StationClass = new (options: { onChanged(): void }) => Station;

/** The functions of `chip` that are used here. */
export interface StationChip {
	/** Whether a string made from received bytes is UTF-8. */
	isText(text: string): boolean;
	/** Whether there is memory for Wi-Fi to start. */
	wifiHasRoom(): boolean;
	/** Why the network was lost last, WIFI_REASON_… of ESP-IDF; those after the first call. */
	wifiReason(): number;
}

const MAX_NETWORKS = 16;
/** Time limit of a scan, ms: 13 channels take 120 ms each, and longer beside Bluetooth and traffic. */
export const SCAN_LIMIT_MS = 10_000;
/** Time limit of a join over all attempts, ms. The callers' own limits are 25 s (Improv) and 45 s. */
export const JOIN_LIMIT_MS = 20_000;
/** Pause between leaving a network, or failing to join it, and the next attempt, ms: the end is reported late. */
export const SETTLE_MS = 500;
/** Attempts of one join: an access point often drops the first. A wrong password fails all of them. */
export const ATTEMPTS = 3;
const IN_NO_NETWORK = 200;
const JOINED = 500;
/** WIFI_REASON_… (esp_wifi_types_generic.h): no beacons, or no acknowledgement of frames. */
const UNHEARD: readonly number[] = Object.freeze([34, 200]);
/** Likewise: 802.1X and the handshakes of WPA, those that renew keys too. */
const PASSWORD: readonly number[] = Object.freeze([15, 16, 23, 202, 204]);

type Scanned = (networks: readonly WifiNetwork[]) => void;

interface Join {
	readonly ssid: string;
	readonly password: string;
	readonly done: (joined: boolean) => void;
	attempts: number;
}

/**
 * The SDK's station in the contract's shape. The radio starts with the first scan or join, so it stays off in a reader without a
 * network. It then stays on until the chip restarts, since the SDK has no call to end it. A scan ends a join that is under way;
 * a join waits for a scan to end.
 */
export class Esp32Wifi implements Wifi {
	private readonly io: StationClass;
	private readonly chip: StationChip;
	private readonly scanLimit: Alarm;
	private readonly joinLimit: Alarm;
	private readonly settled: Alarm;
	private station: Station | undefined;
	private scanned: Scanned | undefined;
	private found: WifiNetwork[] = [];
	/** The join that is under way, or waits for a scan to end or a network to be left. */
	#join: Join | undefined;
	private connecting = false;
	private scanning = false;
	/** It has joined a network and not left it. */
	private member = false;
	private lost: ((why: WifiLoss) => void) | undefined;

	constructor(options: { readonly io: StationClass; readonly chip: StationChip; readonly clock: Clock }) {
		this.io = options.io;
		this.chip = options.chip;
		const { clock } = options;
		this.scanLimit = clock.alarm(() => this.scanLost());
		this.joinLimit = clock.alarm(() => this.joinEnds(false));
		this.settled = clock.alarm(() => this.next());
	}

	get joined(): boolean {
		return this.#join === undefined && this.station !== undefined && this.station.connection >= JOINED;
	}

	get busy(): boolean {
		return this.#join !== undefined || this.scanned !== undefined;
	}

	scan(done: Scanned): void {
		const earlier = this.scanned;
		if (earlier !== undefined) {
			this.scanned = done;
			earlier([]);
			return;
		}
		// ESP-IDF refuses to scan while it joins, and until it has left what it was joining.
		const wait = this.#join !== undefined;
		if (this.connecting) this.joinEnds(false);
		const station = this.open();
		if (station === undefined) {
			done([]);
			return;
		}
		this.scanned = done;
		this.scanLimit.set(SCAN_LIMIT_MS);
		if (wait) this.settled.set(SETTLE_MS);
		else this.#scan(station);
	}

	#scan(station: Station): void {
		this.scanning = true;
		try {
			station.scan({ onFound: (found) => this.note(found), onComplete: () => this.scanEnds() });
		} catch {
			this.scanEnds();
		}
	}

	join(ssid: string, password: string, done: (joined: boolean) => void): void {
		if (this.#join !== undefined) this.joinEnds(false);
		const station = isName(ssid) && isPassword(password) ? this.open() : undefined;
		if (station === undefined) {
			done(false);
			return;
		}
		this.#join = { ssid, password, done, attempts: 0 };
		this.joinLimit.set(JOIN_LIMIT_MS);
		this.leave(station);
		if (this.scanned === undefined) this.settled.set(SETTLE_MS);
	}

	watch(lost: (why: WifiLoss) => void): void {
		this.lost = lost;
	}

	private open(): Station | undefined {
		if (this.station === undefined && this.chip.wifiHasRoom()) {
			// Before the SDK's station, so that it is told first.
			this.chip.wifiReason();
			try {
				this.station = new this.io({ onChanged: () => this.changed() });
			} catch {
				// No memory. The next request tries again.
			}
		}
		return this.station;
	}

	private leave(station: Station): void {
		this.member = false;
		if (station.connection > IN_NO_NETWORK) station.disconnect();
	}

	private note({ SSID, RSSI, security }: StationResult): void {
		if (!this.scanning) return;
		// First of all: the engine reads past the end of a string that is not UTF-8.
		if (SSID === "" || !this.chip.isText(SSID)) return;
		const found = this.found;
		const same = found.findIndex((network) => network.ssid === SSID);
		if (same >= 0) {
			// Another access point of the same network.
			if (found[same]!.rssi >= RSSI) return;
			found.splice(same, 1);
		}
		const at = found.findIndex((network) => network.rssi < RSSI);
		if (at < 0 && found.length >= MAX_NETWORKS) return;
		found.splice(at < 0 ? found.length : at, 0, { ssid: SSID, rssi: RSSI, secured: security !== "none" });
		if (found.length > MAX_NETWORKS) found.pop();
	}

	private scanEnds(): void {
		const done = this.scanned;
		if (done === undefined) return;
		const found = this.found;
		this.scanned = undefined;
		this.scanning = false;
		this.found = [];
		this.scanLimit.clear();
		if (this.#join !== undefined) this.settled.set(SETTLE_MS);
		done(found);
	}

	/** The scan did not end. The SDK would refuse every further one until it is closed. */
	private scanLost(): void {
		this.found = [];
		this.station?.close();
		this.station = undefined;
		this.open();
		this.scanEnds();
	}

	/** The radio is free: starts the next scan or attempt to join. */
	private next(): void {
		const station = this.station;
		if (this.scanned !== undefined) {
			if (station === undefined) this.scanEnds();
			else if (!this.scanning) this.#scan(station);
		} else if (this.#join !== undefined) {
			if (station === undefined) this.joinEnds(false);
			else this.connect(station, this.#join);
		}
	}

	private connect(station: Station, join: Join): void {
		const { ssid, password } = join;
		join.attempts++;
		try {
			// Set first, because `connect` may call `onChanged` for this attempt.
			this.connecting = true;
			station.connect(password === "" ? { SSID: ssid } : { SSID: ssid, password });
		} catch {
			this.failed(join);
		}
	}

	private changed(): void {
		const station = this.station;
		const join = this.#join;
		if (station === undefined) return;
		const { connection } = station;
		if (this.member && connection <= IN_NO_NETWORK) {
			this.member = false;
			if (this.lost !== undefined) this.lost(lossOf(this.chip.wifiReason()));
		}
		if (join === undefined || !this.connecting) return;
		if (connection >= JOINED) this.joinEnds(this.isIn(station, join.ssid));
		else if (connection <= IN_NO_NETWORK) this.failed(join);
	}

	/** Whether the joined network is `ssid`. Where ESP-IDF refuses the settings, the SDK joins the previous network. */
	private isIn(station: Station, ssid: string): boolean {
		if (station.SSID === ssid) return true;
		this.leave(station);
		return false;
	}

	private failed(join: Join): void {
		this.connecting = false;
		if (join.attempts < ATTEMPTS) this.settled.set(SETTLE_MS);
		else this.joinEnds(false);
	}

	private joinEnds(joined: boolean): void {
		const join = this.#join;
		if (join === undefined) return;
		this.#join = undefined;
		this.connecting = false;
		this.joinLimit.clear();
		this.settled.clear();
		if (joined) this.member = true;
		else if (this.station !== undefined) this.leave(this.station);
		join.done(joined);
	}
}

function lossOf(reason: number): WifiLoss {
	if (UNHEARD.includes(reason)) return "unheard";
	return PASSWORD.includes(reason) ? "password" : "dismissed";
}

/** 1 to 32 bytes; the SDK's C ends a name at its first zero and would join another. */
function isName(ssid: string): boolean {
	return ssid !== "" && !ssid.includes("\0") && bytesOf(ssid) <= 32;
}

/** Empty, or a passphrase of WPA (IEEE 802.11: 8 to 63 bytes). ESP-IDF refuses others, which the SDK does not report. */
function isPassword(password: string): boolean {
	const length = bytesOf(password);
	return length === 0 || (length >= 8 && length <= 63 && !password.includes("\0"));
}

/** Length in UTF-8. Strings of XS are code points, those of Node UTF-16. */
function bytesOf(text: string): number {
	let bytes = 0;
	for (let i = 0; i < text.length; i++) {
		const code = text.codePointAt(i)!;
		bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		if (text.charCodeAt(i) !== code) i++;
	}
	return bytes;
}
