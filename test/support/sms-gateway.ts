// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A message as it was posted. */
export interface ReceivedSms {
	readonly to: string;
	readonly from: string;
	readonly body: string;
	readonly callback: string | null;
	readonly authorization: string | undefined;
}

/** An SMS gateway of Twilio's shape over HTTP, which keeps what it takes and tells what the spec says of it. */
export class SmsGateway {
	readonly messages: ReceivedSms[] = [];
	/** Answers with this instead. */
	refuse: { status: number; body: string } | undefined;
	readonly #server: Server;

	private constructor() {
		this.#server = createServer((request, response) => {
			const parts: Buffer[] = [];
			request.on("data", (part: Buffer) => parts.push(part));
			request.on("end", () => {
				const form = new URLSearchParams(Buffer.concat(parts).toString("utf8"));
				const { body, status } = this.refuse ?? {
					status: 201,
					body: JSON.stringify({ sid: "SM1", status: "queued" }),
				};
				if (status === 201)
					this.messages.push({
						...{ to: form.get("To") ?? "", from: form.get("From") ?? "", body: form.get("Body") ?? "" },
						...{ callback: form.get("StatusCallback"), authorization: request.headers.authorization },
					});
				response.writeHead(status, { "content-type": "application/json" }).end(body);
			});
		});
	}

	static async start(): Promise<SmsGateway> {
		const made = new SmsGateway();
		await once(made.#server.listen(0, "127.0.0.1"), "listening");
		return made;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/2010-04-01/Accounts/AC1/Messages.json`;
	}

	/** Says what has become of a message, as the gateway does, and gives the status that it is answered with. */
	async tell({ callback }: ReceivedSms, state: string, more: Record<string, string> = {}): Promise<number> {
		const body = new URLSearchParams({ MessageSid: "SM1", MessageStatus: state, ...more });
		return (await fetch(callback!, { method: "POST", body })).status;
	}

	async close(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}
