// SPDX-License-Identifier: Apache-2.0

import type { Closable } from "./io.js";

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
}
