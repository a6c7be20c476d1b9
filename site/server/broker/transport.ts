// SPDX-License-Identifier: Apache-2.0

/** What carries frames between the doors and the site. It is believed in nothing: what counts is acknowledged end to end. */
export interface SiteTransport {
	/** What came from the doors: topics `l1/<site>/<door>/u` alone. */
	onMessage: (topic: string, bytes: Uint8Array) => void;
	/** It can be reached by doors as far as the site knows; told at each change. */
	onState: (state: TransportState) => void;
	readonly state: TransportState;
	/** A retained message is said again whenever the broker comes back; any other is lost without one. */
	publish(topic: string, bytes: Uint8Array, retain: boolean): void;
	/** What the broker has retained of a topic from before, and whatever comes there; absent: it has nothing of before the server's start. */
	readonly hear?: (topic: string, take: (bytes: Uint8Array) => void) => void;
	/** Whether the site has such a door now. A broker that others run does not ask. */
	knows: (door: string) => boolean;
	/** Whether a door is connected; `undefined`: another's broker does not say. */
	isConnected(door: string): boolean | undefined;
	/** Ends the connection of a door that is none any more. */
	drop(door: string): void;
	/** Messages that wait to go out. */
	readonly queued: number;
	close(): Promise<void>;
}

export interface TransportState {
	readonly connected: boolean;
	/** Seconds since 1970. */
	readonly since: number;
	/** Why it is not connected, in words. */
	readonly reason?: string;
}

export function stateNow(connected: boolean, reason?: string): TransportState {
	return { connected, since: Math.floor(Date.now() / 1000), ...(reason !== undefined && { reason }) };
}
