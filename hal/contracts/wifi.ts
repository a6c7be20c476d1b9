/** A network that a scan heard. */
export interface WifiNetwork {
	readonly ssid: string;
	/** dBm. */
	readonly rssi: number;
	readonly secured: boolean;
}

/**
 * A Wi-Fi station, which starts its radio with the first request. Each `done` comes once, later (within 35 s) or from inside
 * the call; a new request may make an earlier one fail.
 */
export interface Wifi {
	readonly joined: boolean;
	/** A scan or join is under way: what can wait should. */
	readonly busy: boolean;
	/** The strongest first, at most 16. */
	scan(done: (networks: readonly WifiNetwork[]) => void): void;
	/**
	 * `ssid`: 1 to 32 bytes. `password`: empty for an open network, else 8 to 63 bytes; it is not to be traced. Another
	 * network is left first, but not for a name or password that none can have.
	 */
	join(ssid: string, password: string, done: (joined: boolean) => void): void;
}
