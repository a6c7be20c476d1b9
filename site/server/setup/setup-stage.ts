// SPDX-License-Identifier: Apache-2.0

import { timingSafeEqual } from "node:crypto";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { equal } from "../../../protocol/bytes.js";
import { openList } from "../../../protocol/trust/envelope.js";
import type { TrustList } from "../../../protocol/trust/list.js";
import { traceOf } from "../../lib/files/failure.js";
import { SERVER_ROLES } from "../../lib/server-key.js";
import { SiteAddress } from "../address.js";
import { type Api, bareApi, withRoutes } from "../api/app.js";
import { checkPage } from "../api/authenticate.js";
import { healthz } from "../api/health.js";
import { Problem } from "../api/problem.js";
import { FailedTries } from "../api/tries.js";
import { type DataFolder, openFolder } from "../data-folder.js";
import { OwnKeys } from "../own-keys.js";
import { hashOf } from "../secrets.js";
import { checkHttp, listen, nowSeconds, type ServeOptions, type SiteServer, startSite } from "../serve.js";
import { noKey } from "../server-keys.js";
import { newStartLink } from "../sign-in/start-link.js";
import { web } from "../web.js";
import { type Setup, setup } from "./routes.js";

export interface SetupOptions extends Omit<ServeOptions, "keys"> {
	/** The site was made, and its server runs from now on. */
	readonly made: (server: Omit<SiteServer, "close">) => void;
}

/** A server whose folder has no site yet. */
export interface SetupServer {
	readonly url: string;
	/** Where a person makes the site, once. */
	readonly link: string;
	/** Ends the site's server too, where there is one by then. */
	close(): Promise<void>;
}

/** The clocks of a page and of its server may be so far apart, s. */
const APART_S = 86_400;

/** Waits for a person to make a site in the page, then goes on as its server in the same process. Throws `Failure`. */
export async function serveSetup(options: SetupOptions): Promise<SetupServer> {
	checkHttp(options);
	return SetupStage.open(options);
}

class SetupStage implements Setup {
	readonly now: () => number;
	readonly #options: SetupOptions;
	readonly #own: OwnKeys;
	readonly #crypto = new NodeCrypto();
	readonly #tries = new FailedTries();
	/** Until the site is made. */
	#folder: DataFolder | undefined;
	#secret = "";
	#url = "";
	/** The list that has made the site; its server may not have started yet. */
	#list: Uint8Array | undefined;
	#isStarting = false;
	/** Answers from then on. */
	#next: Api | undefined;
	#site: SiteServer | undefined;

	static async open(options: SetupOptions): Promise<SetupServer> {
		const folder = await emptyFolder(options);
		try {
			return await new SetupStage(options, folder).#listen(folder);
		} catch (error) {
			await folder.close();
			throw error;
		}
	}

	private constructor(options: SetupOptions, folder: DataFolder) {
		this.now = options.now ?? nowSeconds;
		this.#options = options;
		this.#folder = folder;
		this.#own = new OwnKeys(options.folder, this.#crypto);
	}

	async #listen({ store }: DataFolder): Promise<SetupServer> {
		const { http, https, log, publicUrl } = this.#options;
		// Before a link is shown: the folder may be one that no key can be written into.
		this.#own.next();
		this.#secret = (await newStartLink(store, this.now())).secret;
		const api = await bareApi((error) => log(traceOf(error)), {
			...{ https, isBehindProxy: publicUrl !== undefined },
		});
		api.addHook("onRequest", async (request, reply) => {
			if (this.#next !== undefined) {
				reply.hijack();
				this.#next.routing(request.raw, reply.raw);
			} else if (request.routeOptions.config.fromPage) checkPage({ address }, request);
		});
		await withRoutes(api, [healthz, web, (scope) => setup(scope, this)]);
		this.#url = await listen(api, http);
		const address = new SiteAddress(this.#url, publicUrl);
		return {
			url: this.#url,
			link: `${address.origin}/start#${this.#secret}`,
			close: async () => {
				await api.close();
				await (this.#site ?? this.#folder)?.close();
			},
		};
	}

	check(secret: string, from: string): void {
		if (timingSafeEqual(hashOf(secret), hashOf(this.#secret))) return;
		const wait = this.#tries.failed(from, this.now());
		if (wait > 0)
			throw new Problem(429, "too-many-tries", "too many wrong links came from this address", wait);
		throw new Problem(
			403,
			"no-link",
			"this link has ended: start the server again, and open the one that it prints",
		);
	}

	serverKey(): Uint8Array {
		return this.#own.next();
	}

	async make(name: string, signed: Uint8Array): Promise<{ site: string }> {
		if (this.#isStarting) throw new Problem(409, "being-made", "another page is making the site");
		this.#isStarting = true;
		try {
			await this.#write(name, signed);
			return { site: await this.#go() };
		} finally {
			this.#isStarting = false;
		}
	}

	/** The same list again changes nothing: the start may have failed for a port that was taken. Throws `Problem`. */
	async #write(name: string, signed: Uint8Array): Promise<void> {
		if (this.#list === undefined) {
			const trust = this.#checked(signed);
			await this.#folder?.store.facts.set("siteName", name);
			this.#own.adopt({ lists: [signed], trust });
			this.#list = signed;
			await this.#folder?.close();
			this.#folder = undefined;
		} else if (!equal(this.#list, signed))
			throw new Problem(409, "made-already", "the site is made already: start the server again");
	}

	/** The first list of a site that names this server's key. Throws `Problem`. */
	#checked(signed: Uint8Array): TrustList {
		const refused = (reason: string, detail: string): Problem => new Problem(422, reason, detail);
		const trust = openList(signed, undefined, this.#crypto);
		if (typeof trust === "string") throw refused(trust, "that is no trust list that its roots have signed");
		if (trust.version !== 1 || trust.epoch !== 1)
			throw refused("not-first", "that is not a site's first trust list");
		if (Math.abs(trust.issued - this.now()) > APART_S)
			throw refused("clock", "this computer's clock and the server's are more than a day apart: set them");
		const key = trust.findKey(this.serverKey());
		if (key === undefined)
			throw refused("other-key", "the list does not name this server's key: load the page again");
		const lacks = SERVER_ROLES.find((role) => key.refusalAt(role, "", this.now()) !== undefined);
		if (lacks !== undefined)
			throw refused("wrong-role", `the list does not give this server the role ${lacks}`);
		return trust;
	}

	/** The site's server takes over. Throws `Failure`. */
	async #go(): Promise<string> {
		const keys = this.#own.read();
		if (keys === undefined) throw new Error("a site without the server's key");
		let api: Api | undefined;
		const open = async (ofSite: Api): Promise<string> => {
			api = ofSite;
			await ofSite.ready();
			return this.#url;
		};
		// This one's HTTPS stays in front of it.
		const options = { ...this.#options, https: undefined, keys };
		this.#site = await startSite(options, { open, isLinked: true });
		this.#next = api;
		this.#options.made(this.#site);
		return keys.site;
	}
}

/** Throws `Failure`: `no-key` where it has a site. */
async function emptyFolder({ folder: path, store, broker }: SetupOptions): Promise<DataFolder> {
	const shared = broker instanceof URL;
	const folder = await openFolder(
		path,
		undefined,
		0,
		store === undefined ? undefined : { url: store, shared },
	);
	if ((await folder.store.facts.get("site")) === undefined) return folder;
	await folder.close();
	throw noKey();
}
