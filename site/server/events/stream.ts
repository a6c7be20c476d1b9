// SPDX-License-Identifier: Apache-2.0

import type { ServerResponse } from "node:http";
import type { FeedEvent } from "../store/feed.js";

/** So often a stream says that it is there, ms; proxies end what is silent for a minute. */
export const HEARTBEAT_MS = 15_000;
/** What a client may leave unread, bytes; then it has to come again. */
const MAX_UNREAD = 1_000_000;
/** After a stream has ended a client comes again after this, ms. */
const RETRY_MS = 3000;

/** One client's stream of server-sent events (HTML, section 9.2). */
export class EventStream {
	readonly #response: ServerResponse;
	readonly #heartbeat: NodeJS.Timeout;
	readonly #ended: () => void;
	readonly #alive: () => Promise<boolean>;
	#isOpen = true;

	/** `alive`: whether the client may still listen, asked at each heartbeat and by `check`. `ended`: once, whoever ends it. */
	constructor(response: ServerResponse, alive: () => Promise<boolean>, ended: () => void) {
		this.#response = response;
		this.#ended = ended;
		response.writeHead(200, {
			"content-type": "text/event-stream",
			"cache-control": "no-store",
			"x-accel-buffering": "no",
			"x-content-type-options": "nosniff",
		});
		this.#write(`retry: ${RETRY_MS}\n\n`);
		response.on("close", () => this.end());
		this.#alive = alive;
		this.#heartbeat = setInterval(async () => {
			await this.check();
			this.#write(":\n\n");
		}, HEARTBEAT_MS);
	}

	/** Ends where the client may listen no more. */
	async check(): Promise<void> {
		if (!(await this.#alive().catch(() => false))) this.end();
	}

	event({ id, kind, at, door, body }: FeedEvent): void {
		this.#write(`id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ at, door, body })}\n\n`);
	}

	/** Events that the client has asked for are not there any more: it has to read anew what it shows. */
	gap(newest: number): void {
		this.#write(`id: ${newest}\nevent: gap\ndata: {}\n\n`);
	}

	end(): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		clearInterval(this.#heartbeat);
		this.#response.end();
		this.#ended();
	}

	#write(text: string): void {
		if (!this.#isOpen) return;
		this.#response.write(text);
		if (this.#response.writableLength > MAX_UNREAD) {
			this.#response.destroy();
			this.end();
		}
	}
}
