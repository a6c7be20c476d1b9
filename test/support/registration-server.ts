// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RegisteredReader, Registration } from "../../site/lib/registration.js";

export const TOKEN = "lintel_token-of-an-administrator";
export const BROKER = { host: "broker.example", port: 1884, password: "of-this-door", spread: 30 };

/** What `site/lib/registration.ts` says that a server does, and that it takes each configuration; no more. */
export class RegistrationServer {
	readonly readers = new Map<string, RegisteredReader>();
	readonly names = new Map<string, string>();
	/** Method and path of each request. */
	readonly asked: string[] = [];
	/** In place of what it does. */
	answer: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
	broker = BROKER;
	readonly #server: Server;

	constructor() {
		this.#server = createServer((request, response) => this.#take(request, response));
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async open(): Promise<this> {
		this.#server.listen(0, "127.0.0.1");
		await once(this.#server, "listening");
		return this;
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
		this.asked.push(`${request.method} ${request.url}`);
		let body = "";
		for await (const chunk of request) body += chunk;
		if (this.answer?.(request, response)) return;
		const say = (status: number, value: object): void => {
			response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
		};
		if (request.headers.authorization !== `Bearer ${TOKEN}`)
			return say(401, { reason: "no-token", detail: "a good token is needed" });
		const [, door] = /^\/api\/doors\/([^/]+)\/registration$/.exec(request.url ?? "") ?? [];
		if (request.method === "GET" && door !== undefined)
			return say(200, { reader: this.readers.get(door) ?? null, server: this.broker });
		if (request.method === "PUT" && /^\/api\/doors\/[^/]+\/configuration$/.test(request.url ?? ""))
			return say(200, { state: "waiting", reason: null, at: null, number: 1 });
		if (request.method !== "POST" || request.url !== "/api/doors")
			return say(404, { reason: "not-found", detail: "there is no such route" });
		this.#register(JSON.parse(body) as Registration, say);
	}

	#register(
		{ door, key, name, readerId, replaces }: Registration,
		say: (status: number, value: object) => void,
	): void {
		const former = this.readers.get(door);
		if (former !== undefined && former.key !== key && former.key !== replaces) {
			say(409, { reason: "other-reader", detail: `door ${door} has another reader` });
			return;
		}
		if (!this.names.has(door)) this.names.set(door, name);
		this.readers.set(door, { key, readerId, since: 1_790_000_000, events: 0 });
		const registered = former === undefined ? "new" : former.key === key ? "same" : "replaced";
		say(200, { registered, server: this.broker });
	}
}
