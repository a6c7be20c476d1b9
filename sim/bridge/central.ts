// SPDX-License-Identifier: Apache-2.0

import { fromHex, toHex } from "../../protocol/bytes.js";
import { SERVICE_UUID } from "../../protocol/link/ble-service.js";
import { ATT_OVERHEAD } from "../../protocol/link/frames.js";
import { PDU } from "../ble/att.js";
import { type Discovered, GattClient } from "../ble/client.js";
import { IOS } from "../ble/profile.js";
import type { CentralSide, SimLink, SimRadio } from "../ble/radio.js";
import type { BridgedPhone, Wire } from "./bridge.js";

/** Characters that wait to be understood; a whole transaction is less. */
const MAX_TEXT = 8192;
/** A phone further away than this hears no reader, m. */
const MAX_METRES = 15;

/** A connection whose service has been discovered. */
interface Connection {
	readonly link: SimLink;
	readonly client: GattClient;
	readonly mtu: number;
	readonly found: Discovered;
}

/** A phone's Bluetooth at the command of a program: a line of words each way, one command after the other. */
export class BridgedCentral implements CentralSide, BridgedPhone {
	readonly interval = IOS.interval;
	readonly perEvent = IOS.perEvent;
	readonly supervision = IOS.supervision;
	readonly peer: number;
	readonly #wire: Wire;
	readonly #radio: SimRadio;
	readonly #decoder = new TextDecoder();
	#text = "";
	#metres = 0.2;
	/** A command is under way. */
	#busy = false;
	#gone = false;
	#stopWaiting: (() => void) | undefined;
	#link: SimLink | undefined;
	#client: GattClient | undefined;
	#connection: Connection | undefined;

	constructor(wire: Wire, radio: SimRadio) {
		this.#wire = wire;
		this.#radio = radio;
		this.peer = radio.newAddress();
	}

	distance(): number {
		return this.#metres;
	}

	onPdu(pdu: Uint8Array): void {
		this.#client?.received(pdu);
	}

	onDisconnect(): void {
		this.#link = undefined;
		this.#connection = undefined;
		this.#done("disconnected");
	}

	received(bytes: Uint8Array): void {
		this.#text += this.#decoder.decode(bytes, { stream: true });
		if (this.#text.length > MAX_TEXT) this.#refuse("too much at once");
		else this.#next();
	}

	gone(): void {
		this.#gone = true;
		this.#stopWaiting?.();
		this.#link?.close();
	}

	#say(line: string): void {
		this.#wire.send(`${line}\n`);
	}

	#refuse(why: string): void {
		this.#say(`error ${why}`);
		this.#wire.end();
	}

	#done(line: string): void {
		this.#say(line);
		this.#busy = false;
		this.#next();
	}

	#next(): void {
		while (!this.#busy && !this.#gone) {
			const end = this.#text.indexOf("\n");
			if (end < 0) return;
			const [command = "", first = "", second = ""] = this.#text.slice(0, end).trim().split(" ");
			this.#text = this.#text.slice(end + 1);
			this.#run(command, first, second);
		}
	}

	#run(command: string, first: string, second: string): void {
		const connection = this.#connection;
		if (command === "distance") {
			const metres = Number.parseFloat(first);
			if (metres >= 0 && metres <= MAX_METRES) this.#metres = metres;
			else this.#refuse(`distance takes 0 to ${MAX_METRES} metres`);
		} else if (command === "connect" && connection === undefined) this.#connect();
		else if (!["disconnect", "read", "subscribe", "write"].includes(command))
			this.#refuse("connect once, then read, subscribe, write, disconnect; distance at any time");
		// The reader may have ended it while the command was on its way.
		else if (connection === undefined) this.#say("disconnected");
		else if (command === "disconnect") {
			this.#busy = true;
			connection.link.close();
		} else if (command === "write") this.#write(connection, first, second);
		else this.#request(connection, command, first);
	}

	/** Waits until the reader advertises, then finds out what it has, as a phone does that has not been there. */
	#connect(): void {
		this.#busy = true;
		this.#stopWaiting = this.#radio.initiate(this, 1, (link) => {
			const client = new GattClient(link);
			this.#link = link;
			this.#client = client;
			client.exchangeMtu(IOS.mtu, (mtu) =>
				client.discover(SERVICE_UUID, (found) => {
					this.#connection = { link, client, mtu, found };
					const uuids = new Map([...found.values].map(([uuid, handle]) => [handle, uuid]));
					client.onNotification = (value, handle) => this.#say(`notify ${uuids.get(handle)} ${toHex(value)}`);
					this.#done(`connected ${mtu}`);
				}),
			);
		});
	}

	/** Without response, and no faster than the link takes them. */
	#write({ link, client, mtu, found }: Connection, uuid: string, hex: string): void {
		const handle = found.values.get(uuid);
		const max = mtu - ATT_OVERHEAD;
		if (handle === undefined) this.#refuse(`no characteristic ${uuid}`);
		else if (!/^([0-9a-f]{2})*$/.test(hex) || hex.length > 2 * max)
			this.#refuse(`write takes up to ${max} bytes, hexadecimal`);
		else {
			this.#busy = true;
			client.writeWithoutResponse(handle, fromHex(hex));
			this.#radio.time.after((1000 * this.interval) / this.perEvent, () => {
				if (link !== this.#link) return;
				this.#busy = false;
				this.#next();
			});
		}
	}

	#request({ client, found }: Connection, command: string, uuid: string): void {
		const handle = (command === "read" ? found.values : found.cccds).get(uuid);
		if (handle === undefined) {
			this.#refuse(`no characteristic to ${command} ${uuid}`);
			return;
		}
		this.#busy = true;
		const answered = (response: Uint8Array): void => {
			if (response[0] === PDU.error) this.#done(`refused ${uuid} ${response[4]}`);
			else if (command === "read") this.#done(`value ${uuid} ${toHex(response.subarray(1))}`);
			else this.#done(`subscribed ${uuid}`);
		};
		if (command === "read") client.request([PDU.read, handle & 255, handle >> 8], answered);
		else client.subscribe(handle, answered);
	}
}
