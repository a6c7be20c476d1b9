// SPDX-License-Identifier: Apache-2.0

import { connect, type Socket } from "node:net";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { NodeRandom } from "../../hal/node/random.js";
import {
	anchorList,
	byKcwt,
	EDDSA,
	GattHolder,
	Holder,
	type HolderResult,
	HostCardEmulation,
	type SiteTrust,
	signer,
	UUID_FROM_PHONE,
	UUID_TO_PHONE,
} from "../../phone/index.js";
import { fromHex, toHex } from "../../protocol/bytes.js";
import type { PracticeEnrolment } from "../../sim/enrolment.js";

const crypto = new NodeCrypto();

/** An app that has nothing of the simulator but an enrolment and a port. */
export class App {
	readonly results: HolderResult[] = [];
	/** What the reader said, hexadecimal over NFC, lines over BLE. */
	readonly heard: string[] = [];
	readonly holder: Holder;
	readonly #sockets: Socket[] = [];

	constructor(invited: PracticeEnrolment) {
		this.holder = new Holder({
			crypto,
			random: new NodeRandom(),
			credential: {
				...byKcwt(fromHex(invited.credential)),
				...signer(crypto, EDDSA, fromHex(invited.secretKey)),
			},
			suite: 4,
			trust: (anchorList(fromHex(invited.trust), crypto) as SiteTrust).list,
			onResult: (result) => this.results.push(result),
		});
	}

	get decision(): string | undefined {
		const [result] = this.results;
		return result?.kind === "decision" ? result.decision?.reason : result?.error.message;
	}

	open(port: number): Socket {
		const socket = connect(port, "127.0.0.1");
		// The bridge may hang up first.
		socket.on("error", () => undefined);
		this.#sockets.push(socket);
		return socket;
	}

	close(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	/** A phone at the antenna; `answer` may answer in the app's place, or hang up. */
	tap(port: number, answer?: (socket: Socket, command: string) => Uint8Array | "app" | undefined): Socket {
		const hce = new HostCardEmulation(() => this.holder.session());
		const socket = this.open(port);
		let rest = Buffer.alloc(0);
		socket.on("data", async (bytes) => {
			rest = Buffer.concat([rest, bytes]);
			while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE()) {
				const message = Uint8Array.from(rest.subarray(2, 2 + rest.readUInt16BE()));
				rest = rest.subarray(2 + message.length);
				this.heard.push(toHex(message));
				if (message.length === 1) {
					if (message[0] === 0) hce.deselected();
					continue;
				}
				const own = answer === undefined ? "app" : answer(socket, toHex(message));
				const response = own === "app" ? (await hce.processLater(message)).response : own;
				if (response) socket.write(Buffer.concat([Uint8Array.of(0, response.length), response]));
			}
		});
		return socket;
	}

	/** A phone's Bluetooth; `stopAt`: it hangs up when it hears a line that begins so. */
	connect(port: number, { lines = ["connect"], stopAt = "" } = {}): Socket {
		const socket = this.open(port);
		let holder: GattHolder | undefined;
		let rest = "";
		const write = (frames: readonly Uint8Array[]): void => {
			for (const frame of frames) socket.write(`write ${UUID_FROM_PHONE} ${toHex(frame)}\n`);
		};
		const heard = (line: string): void => {
			const [word, , value = ""] = line.split(" ");
			if (stopAt !== "" && line.startsWith(stopAt)) socket.destroy();
			else if (word === "connected") socket.write(`subscribe ${UUID_TO_PHONE}\n`);
			else if (word === "subscribed") {
				holder = new GattHolder({ session: this.holder.session(), mtu: 185 });
				write(holder.begin());
			} else if (word === "notify") {
				write(holder!.received(fromHex(value)));
				if (holder!.over) socket.write("disconnect\n");
			}
		};
		socket.on("data", (bytes) => {
			const whole = (rest + bytes.toString()).split("\n");
			rest = whole.pop()!;
			for (const line of whole) {
				this.heard.push(line);
				heard(line);
			}
		});
		for (const line of lines) socket.write(`${line}\n`);
		return socket;
	}
}
