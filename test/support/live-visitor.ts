// SPDX-License-Identifier: Apache-2.0

import { WebSocket } from "ws";
import type { News, ToScene } from "../../sim/page/messages.js";
import { decodeNews } from "../../sim/page/wire.js";

/** The simulator's page without a browser, at a world that runs in Node. */
export class Visitor {
	readonly #socket: WebSocket;
	readonly #heard: News[] = [];
	#wake = (): void => {};

	constructor(address: string, headers: Record<string, string> = {}) {
		const { origin } = new URL(address);
		this.#socket = new WebSocket(`${address.replace("http", "ws")}scene`, {
			headers: { origin, ...headers },
		});
		this.#socket.on("message", (data) => {
			this.#heard.push(decodeNews(String(data)));
			this.#wake();
		});
	}

	/** `undefined` where it is turned away. */
	opened(): Promise<this | undefined> {
		return new Promise((resolve) => {
			this.#socket.once("open", () => resolve(this));
			this.#socket.once("error", () => resolve(undefined));
		});
	}

	say(message: ToScene | string): void {
		this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
	}

	async heard<K extends keyof News>(key: K): Promise<NonNullable<News[K]>> {
		for (;;) {
			for (let news = this.#heard.shift(); news !== undefined; news = this.#heard.shift())
				if (news[key] !== undefined) return news[key];
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	ended(): Promise<string> {
		return new Promise((resolve) => this.#socket.once("close", (_code, reason) => resolve(String(reason))));
	}

	leave(): void {
		this.#socket.terminate();
	}
}
