// SPDX-License-Identifier: Apache-2.0

/** A network that a scan heard. */
export interface WifiNetwork {
	readonly ssid: string;
	/** dBm. */
	readonly rssi: number;
	readonly secured: boolean;
}

/** Why a station is no longer in its network: the access point is not heard, takes its password no more, or has sent it away. */
export type WifiLoss = "unheard" | "password" | "dismissed";

/**
 * A Wi-Fi station, which starts its radio with the first request. Each `done` is called once, within 35 s or from inside the call;
 * a new request may make an earlier one fail.
 */
export interface Wifi {
	readonly joined: boolean;
	/** A scan or join is under way. */
	readonly busy: boolean;
	/** Scans for networks: at most 16, the strongest first. */
	scan(done: (networks: readonly WifiNetwork[]) => void): void;
	/**
	 * Joins a network, and leaves another one first. `ssid`: 1 to 32 bytes. `password`: empty for an open network, else 8 to
	 * 63 bytes; never traced. A name or password of another length fails at once and leaves nothing.
	 */
	join(ssid: string, password: string, done: (joined: boolean) => void): void;
	/** Calls back, from the event loop, at each loss of a joined network that nobody asked for. Replaces an earlier callback. */
	watch(lost: (why: WifiLoss) => void): void;
}
