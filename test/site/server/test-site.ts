// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import type { KeyPair } from "../../../protocol/crypto.js";
import type { Role } from "../../../protocol/trust/list.js";
import { type NewSite, newSeed, newSite } from "../../../site/lib/new-site.js";
import type { SiteKeys } from "../../../site/lib/site-keys.js";
import type { TrustModel } from "../../../site/lib/trust/model.js";
import { withKey } from "../../../site/lib/trust/next.js";
import { signNext } from "../../../site/lib/trust/sign.js";
import type { PersonRole } from "../../../site/server/api/roles.js";
import { type ServeOptions, type SiteServer, serve } from "../../../site/server/serve.js";
import { newStartLink } from "../../../site/server/sign-in/start-link.js";

export const DAY = 86_400;
/** When the site was made, by the servers' clocks of specs. */
export const BEGAN = 1_900_000_000;

/** A site with a server's key, and a folder for its server, which specs start and stop. */
export class TestSite {
	readonly crypto = new NodeCrypto();
	readonly folder = mkdtempSync(join(tmpdir(), "lintel-server-"));
	readonly root: NewSite["root"];
	keys: SiteKeys;
	/** Of its server's key. */
	readonly seeds: Uint8Array[];
	/** Signs all that an office signs. */
	readonly office: KeyPair;
	/** Of its store, where that is not in its folder. */
	store: string | undefined;
	/** Works on readers. */
	readonly installer: KeyPair;
	/** Seconds since 1970, by the server's clock. */
	now: number;
	/** What the server could not do. */
	readonly said: string[] = [];
	server!: SiteServer;
	/** The owner's, once the server has started. */
	owner = "";

	/** `began`: when the site was made. `roles`: of its server's key. */
	constructor(began = BEGAN, roles: readonly Role[] = ["issue", "plan", "sync"]) {
		const { crypto } = this;
		const name = "ACME";
		const until = began + 89 * DAY;
		const made = newSite(name, { now: began, installUntil: began + 366 * DAY }, crypto);
		this.now = began + DAY;
		this.root = made.root;
		this.office = crypto.ed25519KeyPair(made.seeds[0]!);
		this.installer = crypto.ed25519KeyPair(made.seeds[1]!);
		this.seeds = [newSeed()];
		const pair = crypto.ed25519KeyPair(this.seeds[0]!);
		const key = { publicKey: pair.publicKey, roles: [...roles], until };
		const lists = signNext(
			made,
			withKey(made.trust, roles.includes("issue") ? { ...key, days: 30 } : key, began),
			[made.root],
			crypto,
		);
		this.keys = { site: name, keys: [pair], ...lists };
	}

	/** The list after the newest of `keys`, by the root. */
	nextList(change: (now: TrustModel) => TrustModel): Uint8Array {
		const model = withKey(
			this.keys.trust,
			{ publicKey: this.crypto.ed25519KeyPair(newSeed()).publicKey, roles: ["release"] },
			this.now,
		);
		const next = signNext(this.keys, change(model), [this.root], this.crypto);
		return next.lists.at(-1)!;
	}

	async start(options: Partial<ServeOptions> = {}): Promise<SiteServer> {
		this.server = await serve({
			folder: join(this.folder, "data"),
			store: this.store,
			keys: this.keys,
			http: { host: "127.0.0.1", port: 0 },
			broker: { host: "127.0.0.1", port: 0 },
			log: (line) => this.said.push(line),
			now: () => this.now,
			...options,
		});
		this.owner = this.server.ownerToken ?? this.owner;
		return this.server;
	}

	async end(): Promise<void> {
		await this.server?.close();
		rmSync(this.folder, { recursive: true, force: true });
	}

	/** One request. `token`: the owner's where none is said and no cookie; `""`: none. `cookie`: as a page of the server's sends it. */
	async ask(
		method: string,
		path: string,
		{
			body,
			cookie,
			headers,
			token = cookie === undefined ? this.owner : "",
		}: { body?: unknown; cookie?: string; headers?: Record<string, string>; token?: string } = {},
	): Promise<Answer> {
		const response = await fetch(this.server.url + path, {
			method,
			headers: {
				...(token !== "" && { authorization: `Bearer ${token}` }),
				...(cookie !== undefined && { cookie, origin: this.server.pages }),
				...(body !== undefined && { "content-type": "application/json" }),
				...headers,
			},
			...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
		});
		const text = await response.text();
		const isJson = /json(;|$)/.test(response.headers.get("content-type") ?? "");
		return {
			status: response.status,
			headers: response.headers,
			text,
			body: isJson && text !== "" ? JSON.parse(text) : undefined,
		};
	}

	/** A token that the API makes. */
	async token(role: "monitor" | "viewer" | "administrator", until = this.now + DAY): Promise<string> {
		const { body } = await this.ask("POST", "/api/tokens", { body: { name: `a ${role}`, role, until } });
		return body.token;
	}

	/** A person of this role who has just signed up: the session's cookie. */
	async person(role: PersonRole, doors?: readonly string[], login: string = role): Promise<string> {
		const { store } = this.server.site;
		const id = newSeed()
			.reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "")
			.slice(0, 16);
		const person = { id, name: `Some ${role}`, role, login: undefined, doors, password: undefined };
		await store.administrators.put({ ...person, made: this.now });
		const { secret } = await newStartLink(store, this.now, id);
		const body = { secret, name: person.name, login, password: PASSWORD };
		const { headers, status } = await this.ask("POST", "/api/start", { body, cookie: "" });
		if (status !== 204) throw new Error(`status ${status}`);
		return cookieIn(headers);
	}
}

/** Of everybody who signs up in specs. */
export const PASSWORD = "a long enough password";

/** What a browser sends back. */
export function cookieIn(headers: Headers): string {
	return (headers.get("set-cookie") ?? "").split(";")[0]!;
}

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	// biome-ignore lint/suspicious/noExplicitAny: what a server answers is what the spec looks at
	readonly body: any;
}
