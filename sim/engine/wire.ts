// SPDX-License-Identifier: Apache-2.0

/**
 * How the firmware in an XS process and its world in Node speak over two pipes; the other end is hal/xs/bus.c. The
 * firmware calls and waits for the answer; the world sends an event and waits until the firmware is idle. All numbers
 * little-endian.
 *
 * From the world, 32 bytes: kind (u32), length of what follows (u32), ms since the firmware's start, id of the event's
 * listener, value (f64 each). From the firmware, 40 bytes: call (u32), length (u32), three arguments, instructions of the
 * firmware until now (f64 each).
 */
import type { WifiLoss } from "../../hal/contracts/wifi.js";

export const WORD = Object.freeze({
	answer: 0,
	event: 1,
	refused: 2,
	figures: 3,
	sample: 4,
	squeeze: 5,
	resetPeaks: 6,
});
export const WORD_SIZE = 32;
export const CALL_SIZE = 40;

/** Below `ALARM_OPEN`: by the engine itself, see bus.c. */
export const CALL = Object.freeze({
	idle: 0,
	ended: 1,
	spend: 2,
	told: 3,
	/** (listener). */
	alarmOpen: 16,
	/** (listener, ms). */
	alarmSet: 17,
	alarmClear: 18,
	alarmClose: 19,
	wallNow: 20,
	/** Answer: index in `TIME_TRUSTS`. */
	wallTrust: 21,
	/** (seconds, index in `TIME_TRUSTS`). */
	wallSet: 22,
	/** As `stateRead`. */
	timeRead: 25,
	timeWrite: 26,
	random: 24,
	/** (partition, address): as in `PARTITIONS`. */
	flashRead: 32,
	flashWrite: 33,
	/** (partition, sector). */
	flashErase: 34,
	/** Answer: its bytes, none where there is nothing. */
	stateRead: 36,
	stateWrite: 37,
	/** (number of the cell). Answer: as `stateRead`. */
	usesRead: 40,
	usesWrite: 41,
	retainedRead: 38,
	retainedWrite: 39,
	/** (listener, twice the index in `PORTS`, and 1 more where room to write is to be told; baud). */
	serialOpen: 48,
	/** (listener). Answer: bytes that were read. */
	serialRead: 49,
	serialWrite: 50,
	serialClose: 51,
	/** (listener, hertz, mode). */
	spiOpen: 52,
	/** (listener); bytes out, the same number in. */
	spiTransfer: 53,
	spiRead: 54,
	spiWrite: 55,
	/** (listener, 1 where chip select rises). */
	spiFlush: 56,
	spiClose: 57,
	/** (listener, address, hertz); options as JSON, `part` for another than the PN532. */
	i2cOpen: 58,
	i2cRead: 59,
	i2cWrite: 60,
	i2cClose: 61,
	/** (listener, 1 where it listens); options as JSON. */
	digitalOpen: 64,
	digitalRead: 65,
	digitalWrite: 66,
	digitalClose: 67,
	/** (listener); the part's name. Answer: bits of a reading. */
	analogOpen: 72,
	analogRead: 73,
	analogClose: 74,
	relayOpen: 80,
	/** (ms). */
	relayHold: 81,
	relayRelease: 82,
	relayRead: 83,
	relayClose: 84,
	/** (hertz). */
	tone: 88,
	restart: 89,
	trace: 90,
	/** (ms). */
	stall: 91,
	/** (listener); services as JSON. */
	gattOpen: 96,
	/** (bytes of the advertisement, interval); advertisement, then scan response. */
	gattAdvertise: 97,
	gattStop: 98,
	/** (connection, characteristic); value. */
	gattNotify: 99,
	/** (connection). Answer: dBm, `NO_RSSI` for none. */
	gattRssi: 100,
	gattMaximumWrite: 101,
	gattClose: 102,
	/** Answer: 1 while it advertises. */
	gattAdvertising: 103,
	/** Answer: 1 where the station is in its network. */
	wifiJoined: 112,
	/** (listener), which hears networks as JSON. */
	wifiScan: 113,
	/** (listener), which hears 1 or 0; name and password as JSON. */
	wifiJoin: 114,
	/** (listener), which hears the port with the address, a 0 and the bytes of each datagram. */
	udpOpen: 115,
	/** (listener, port); address, a 0, bytes. */
	udpWrite: 116,
	udpClose: 117,
	/** (listener), which hears the address; the host's name. */
	resolve: 118,
	/** (listener), which hears the index in `WIFI_LOSSES` of each loss. */
	wifiWatch: 119,
	/** (listener, port), which hears bytes that can be read, room to write as a negative number, 0 at the end; address. */
	tcpOpen: 120,
	/** (listener, bytes). */
	tcpRead: 121,
	/** (listener); bytes. Answer: room, `ENDED` once there is no connection. */
	tcpWrite: 122,
	tcpClose: 123,
});

/** What a call does in the world: gives the answer's number, or its bytes, whose length is the number then; else 0. */
export type Handler = (a: number, b: number, c: number, bytes: Uint8Array) => unknown;
export type Handlers = Readonly<Record<number, Handler>>;

/** How the world tells the firmware's listener. */
export interface Events {
	event(id: number, value?: number, bytes?: Uint8Array): void;
}

export const NO_RSSI = 128;
export const ENDED = -1;

export const WIFI_LOSSES: readonly WifiLoss[] = Object.freeze(["unheard", "password", "dismissed"]);
export const PARTITIONS = Object.freeze(["plan", "log", "config", "notices"] as const);
export const PORTS = Object.freeze(["serial", "console", "scanner"] as const);

/** What happens to a GATT server; `value` of its events is this · 65536 + characteristic · 256 + connection. */
export const GATT = Object.freeze({
	ready: 1,
	connect: 2,
	disconnect: 3,
	write: 4,
	subscribe: 5,
	unsubscribe: 6,
	/** A notification was taken off the queue; `failed`: it was not sent. */
	notified: 7,
	failed: 8,
	warning: 9,
});

/** Characteristics' properties on this bus. */
export const PROPERTIES = Object.freeze({ read: 1, write: 2, writeWithoutResponse: 4, notify: 8 });

export interface WiredService {
	readonly uuid: string;
	readonly characteristics: readonly {
		readonly uuid: string;
		readonly properties: number;
		/** Hexadecimal. */
		readonly value?: string;
		readonly handlers: readonly ("onWrite" | "onSubscribe" | "onUnsubscribe")[];
	}[];
}

/** The listener of the first event, which starts the firmware; `WorldFacts` as JSON come with it. */
export const BOOT = -1;

/** What the firmware has to know before it starts. */
export interface WorldFacts {
	readonly restartCause: string;
	/** Hexadecimal. */
	readonly deviceKey: string;
	readonly flash: Readonly<Record<(typeof PARTITIONS)[number], { size: number; sectorSize: number }>>;
	/** What reads each input, by its name in `Platform`. */
	readonly inputs: Readonly<Record<string, readonly ("digital" | "analog")[]>>;
	readonly light: Readonly<Record<"red" | "green" | "blue", unknown>>;
	/** The options of its bus and lines, by their name in `Platform`. */
	readonly pn532: Readonly<Record<string, object>>;
	readonly clockChip?: boolean;
	readonly timeStore?: boolean;
	readonly console?: boolean;
	readonly scanner?: boolean;
	readonly bluetooth?: boolean;
	readonly wifi?: boolean;
	readonly network?: boolean;
	readonly resetButton?: unknown;
	readonly hardware?: { readonly chip: string; readonly board: string };
}
