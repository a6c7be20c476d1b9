// SPDX-License-Identifier: Apache-2.0

import type { Closable, IOClass } from "./io.js";

/** The bytes of a datagram, with the address and port that it says it is from. */
export type Datagram = ArrayBuffer & { readonly address: string; readonly port: number };

/** A UDP socket, shaped as ECMA-419 has it (clause 10, "UDP socket"). */
export interface UDP extends Closable {
	/** `undefined` when there is none. */
	read(): Datagram | undefined;
	/** Throws where it cannot be sent. */
	write(data: Uint8Array, address: string, port: number): void;
}

/** The network of a station that has joined one. */
export interface Network {
	/** Opens a UDP socket at a port that the platform chooses. `onReadable`: datagrams can be read. May throw. */
	udp(onReadable: () => void): UDP;
	/** Calls back once with the address of a host, a name or an address itself; `undefined` where there is none. May throw. */
	resolve(host: string, done: (address: string | undefined) => void): void;
	/** Signal of Wi-Fi, dBm; absent where it is not known. */
	readonly signal?: number | undefined;
	/** Absent where a reader cannot connect: no server of the site is spoken with. */
	readonly tcp?: TCPClass;
}

export interface TCPOptions {
	/** Of the host, as `Network.resolve` gives it. */
	readonly address: string;
	readonly port: number;
	/** `count`: how many bytes can be read now. What is left unread is told again with the next that comes. */
	readonly onReadable: (count: number) => void;
	/** It is connected, or there is room again. `count`: how many bytes `write` takes now. */
	readonly onWritable: (count: number) => void;
	/** It could not be connected, or has ended. Comes once, when all that came before is read. */
	readonly onError: () => void;
}

/** A TCP connection, shaped as ECMA-419 has it (clause 10, "TCP socket"), format "buffer". */
export interface TCP extends Closable {
	/** Fills `buffer`, which is not longer than what can be read. */
	read(buffer: Uint8Array): number | undefined;
	/**
	 * Throws, and writes nothing, where there is no room for all of it. Gives what room is left. Once it has ended, told or not, it
	 * throws or gives `undefined`.
	 */
	write(data: Uint8Array): number | undefined;
}

export type TCPClass = IOClass<TCPOptions, TCP>;

/** Why there is no connection to a broker. The five from `protocol` on are its own words (MQTT 3.1.1, table 3.1). */
export type MQTTFailure =
	/** Its name has no address. */
	| "unresolved"
	/** Nothing took the connection at its address and port. */
	| "unreachable"
	| "protocol"
	| "identifier"
	| "unavailable"
	| "password"
	| "unauthorized"
	/** A subscription was not granted. */
	| "subscription"
	/** Nothing came for longer than the keep-alive allows. */
	| "silent"
	/** The broker, or the network, ended the connection. */
	| "ended"
	/** What came is not MQTT 3.1.1. */
	| "malformed";

/** A message as it comes. The client has one such object and fills it anew. */
export interface MQTTMessage {
	/** One of those subscribed to. */
	readonly topic: string;
	/** The broker had kept it from before the subscription. */
	readonly retain: boolean;
	/** The broker sends it again, or says so. */
	readonly duplicate: boolean;
}

export interface MQTTPublication {
	readonly topic: string;
	/** The broker keeps it for later subscribers. */
	readonly retain?: boolean;
}

/** Its callbacks are called as methods of it. */
export interface MQTTOptions {
	/** A name or an address. */
	readonly host: string;
	readonly port: number;
	/** 1 to 64 bytes, as `user` and `password`. A session of the same id ends with this one. */
	readonly id: string;
	readonly user: string;
	/** Never traced. */
	readonly password: string;
	/** Longest silence, ms: 1,000 to 65,535,000. */
	readonly keepAlive: number;
	/** Where messages are put together. A longer one is skipped. */
	readonly buffer: Uint8Array;
	/** A message has come: `buffer[0..count)`, which is kept until this returns, or until `resume` where `hold` was called in it. */
	readonly onReadable: (count: number, message: MQTTMessage) => void;
	/** It is connected, or there is room again. `count`: how many bytes `write` takes now, with the topic and 9 more. */
	readonly onWritable: (count: number) => void;
	/** A subscription was granted (`SUBACK`) or a publication taken (`PUBACK`), by the number that `write` or `subscribe` gave. */
	readonly onControl?: (operation: MQTTAcknowledgement, id: number) => void;
	/** A message was not taken: it has `count` bytes, or its topic is none of those subscribed to. */
	readonly onSkipped?: (count: number) => void;
	/** There is no connection, or no longer. The last that comes. */
	readonly onError: (failure: MQTTFailure) => void;
}

export type MQTTAcknowledgement = "PUBACK" | "SUBACK";

/**
 * A client of an MQTT 3.1.1 broker, shaped as ECMA-419 has it ("MQTT client") as far as a door needs it: clean sessions, QoS 1,
 * topics without wildcards, whole messages in one buffer. Nothing is called back from inside a call but `resume`, nor after `close`.
 */
export interface MQTTClient extends Closable {
	/** Publishes at QoS 1, and gives its number. Throws `RangeError`, and writes nothing, where there is no room or connection. */
	write(data: Uint8Array, publication: MQTTPublication): number;
	/** Subscribes at QoS 1, at most 8 topics a connection, of 1 to 64 bytes each. Throws as `write` does. */
	subscribe(topics: readonly string[]): number;
	/** Called in `onReadable`: what came stays where it is, and nothing more is read before `resume`. */
	hold(): void;
	/** Reads on. */
	resume(): void;
	/** Takes leave of the broker where there is one, and ends. */
	close(): void;
}

/** Connects. What fails is told by `onError`. */
export type ConnectMQTT = (options: MQTTOptions) => MQTTClient;
