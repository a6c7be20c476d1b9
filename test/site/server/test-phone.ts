// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { toHex, utf8Encode } from "../../../protocol/bytes.js";
import type { KeyPair } from "../../../protocol/crypto.js";
import type { Answer, TestSite } from "./test-site.js";

/** A phone's page, without the page: it has a key, and says what docs/formats/phone-api.md says. */
export class TestPhone {
	readonly #site: Pick<TestSite, "ask" | "now">;
	readonly #crypto = new NodeCrypto();
	readonly #key: KeyPair;
	credential = "";

	constructor(site: Pick<TestSite, "ask" | "now">) {
		this.#site = site;
		this.#key = this.#crypto.ed25519KeyPair(new Uint8Array(randomBytes(32)));
	}

	get publicKey(): string {
		return toHex(this.#key.publicKey);
	}

	sign(message: string): string {
		return toHex(this.#crypto.ed25519Sign(utf8Encode(message), this.#key.secretKey));
	}

	look(link: string): Promise<Answer> {
		const headers = { "lintel-page": "1" };
		return this.#site.ask("GET", `/api/phone/invitations/${tokenOf(link)}`, { token: "", headers });
	}

	async accept(link: string): Promise<Answer> {
		const token = tokenOf(link);
		const signature = this.sign(`lintel accept 1\n${token}`);
		const body = { token, publicKey: this.publicKey, signature };
		const answer = await this.#site.ask("POST", "/api/phone/accept", { token: "", body });
		if (answer.status === 200) this.credential = answer.body.credential;
		return answer;
	}

	/** A signed request. */
	async ask(
		path: string,
		content: object | undefined,
		{ method = "POST", time = this.#site.now } = {},
	): Promise<Answer> {
		const body = content === undefined ? undefined : JSON.stringify(content);
		const headers = await this.signed(path, body ?? "", time);
		return this.#site.ask(method, path, { token: "", headers, ...(body !== undefined && { body }) });
	}

	/** The headers that sign it. */
	async signed(path: string, body: string, time = this.#site.now): Promise<Record<string, string>> {
		const hash = toHex(this.#crypto.sha256(utf8Encode(body)));
		const lines = ["lintel phone 1", "ACME", this.credential, path, `${time}`, hash];
		return {
			"lintel-credential": this.credential,
			"lintel-time": `${time}`,
			"lintel-signature": this.sign(lines.join("\n")),
		};
	}
}

export function tokenOf(link: string): string {
	return link.split("/i/")[1]!;
}
