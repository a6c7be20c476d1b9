// SPDX-License-Identifier: Apache-2.0

import type { News, Port, ToScene } from "./messages.js";
import { decodeNews } from "./wire.js";

/** A scene at the far end of a WebSocket: in Node, on XS, with real hardware. */
export class SocketPort implements Port {
	onNews: ((news: News) => void) | undefined;
	readonly #socket: WebSocket;
	/** What was said before it was open. */
	#waiting: ToScene[] | undefined = [];

	constructor(address: string) {
		this.#socket = new WebSocket(address);
		this.#socket.onopen = () => {
			const waiting = this.#waiting ?? [];
			this.#waiting = undefined;
			for (const message of waiting) this.post(message);
		};
		this.#socket.onmessage = ({ data }: MessageEvent<string>) => this.onNews?.(decodeNews(data));
		this.#socket.onclose = ({ reason }) =>
			this.onNews?.({ refused: reason || "The world has ended: the program that ran it has." });
	}

	post(message: ToScene): void {
		if (this.#waiting !== undefined) this.#waiting.push(message);
		else this.#socket.send(JSON.stringify(message));
	}
}
