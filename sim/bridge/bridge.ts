// SPDX-License-Identifier: Apache-2.0

/**
 * Lets programs play phones at a simulated reader: two TCP ports of this computer alone, one before the reader's NFC
 * antenna and one in its Bluetooth's reach. `docs/phone-app.md` has what goes over them.
 */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { SeededRandom } from "../random.js";
import type { RealTime } from "../realtime.js";
import type { World } from "../world.js";
import { BridgedCard } from "./card.js";
import { BridgedCentral } from "./central.js";

/** Programs at each port at the same time; the next is hung up on. */
const MAX_PHONES = 4;
/** Bytes that wait for a program that does not read; with more it is hung up on. */
const MAX_UNSENT = 64 * 1024;

/** The program at the other end of a connection, as a phone of the world sees it. */
export interface Wire {
	send(bytes: Uint8Array | string): void;
	/** Hangs up once what was sent is out; nothing of the program is heard any more. */
	end(): void;
}

/** A phone of the world that a program plays, for as long as its connection lasts. */
export interface BridgedPhone {
	received(bytes: Uint8Array): void;
	/** The program has hung up. */
	gone(): void;
}

export interface Bridge {
	readonly nfcPort: number;
	readonly blePort: number;
	close(): void;
}

export interface BridgeOptions {
	readonly world: World;
	readonly real: RealTime;
	/** Of NFC; Bluetooth's is the next. 0: two that are free. */
	readonly port: number;
}

/** Rejects where a port is taken. */
export async function startBridge({ world, real, port }: BridgeOptions): Promise<Bridge> {
	const { radio } = world;
	const { field } = world.board;
	// Its own dice: the seed's run stays the same without these phones.
	const random = new SeededRandom(0xb41d);
	const sockets = new Set<Socket>();
	const accept = (phoneAt: (wire: Wire) => BridgedPhone) => (socket: Socket) => {
		sockets.add(socket);
		let phone: BridgedPhone | undefined;
		const over = (): void => {
			const gone = phone;
			phone = undefined;
			if (gone) real.now(() => gone.gone());
		};
		const wire: Wire = {
			send: (bytes) => {
				if (phone === undefined) return;
				socket.write(bytes);
				if (socket.writableLength > MAX_UNSENT) socket.destroy();
			},
			end: () => {
				over();
				socket.destroySoon();
			},
		};
		real.now(() => {
			phone = phoneAt(wire);
		});
		socket.on("data", (bytes) => real.now(() => phone?.received(bytes)));
		socket.on("close", () => {
			sockets.delete(socket);
			over();
		});
		// The program was ended in the middle; `close` follows.
		socket.on("error", () => undefined);
	};
	const nfc = await listen(
		port,
		accept((wire) => new BridgedCard(wire, field, random)),
	);
	try {
		const ble = await listen(
			port && port + 1,
			accept((wire) => new BridgedCentral(wire, radio)),
		);
		return {
			nfcPort: portOf(nfc),
			blePort: portOf(ble),
			close: () => {
				for (const server of [nfc, ble]) server.close();
				for (const socket of sockets) socket.destroy();
			},
		};
	} catch (error) {
		nfc.close();
		throw error;
	}
}

/** Where a program finds it, for people. */
export function describeBridge({ nfcPort, blePort }: Bridge): string {
	return `A program plays the phone (docs/phone-app.md): NFC at 127.0.0.1:${nfcPort}, BLE at 127.0.0.1:${blePort}\n`;
}

function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
	return new Promise((resolve, reject) => {
		const server = createServer(accept);
		server.maxConnections = MAX_PHONES;
		server.once("error", reject);
		server.listen(port, "127.0.0.1", () => resolve(server));
	});
}

function portOf(server: Server): number {
	return (server.address() as AddressInfo).port;
}
