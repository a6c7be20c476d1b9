// SPDX-License-Identifier: Apache-2.0

import { Failure } from "../lib/files/failure.js";

/** Hosts that are this computer to a browser on it. */
const LOCAL = ["localhost", "127.0.0.1", "[::1]"] as const;

/** A server listens there, and nobody goes there. */
const ANY: readonly string[] = ["0.0.0.0", "[::]"];

/** Where browsers find the server. */
export class SiteAddress {
	/** Without a path: `https://doors.example.org`, or `http://localhost:4191`. */
	readonly origin: string;
	/** The same for links that other computers and phones follow; `undefined`: it is not known where they find the server by HTTPS. */
	readonly forLinks: string | undefined;
	readonly #own: ReadonlySet<string>;
	readonly #anyHost: boolean;

	/** `publicUrl`: how people reach it, if it was said; `listens`: what it listens at. Throws `Failure` at a `publicUrl` that is none. */
	constructor(listens: string, publicUrl?: string) {
		const at = new URL(listens);
		const local = LOCAL.map((host) => `${at.protocol}//${host}${at.port === "" ? "" : `:${at.port}`}`);
		this.origin = publicUrl === undefined ? local[0]! : publicOrigin(publicUrl);
		this.forLinks = publicUrl === undefined ? linksAt(at, this.origin) : this.origin;
		this.#own = new Set([this.origin, at.origin, ...local]);
		this.#anyHost = publicUrl === undefined && at.protocol === "https:";
	}

	/** Whether cookies go by HTTPS alone. */
	get isSecure(): boolean {
		return this.origin.startsWith("https:");
	}

	/**
	 * Whether a page of this origin is the server's own. Over HTTPS without a name that was said, the certificate vouches for the `Host`
	 * that the browser has asked for.
	 */
	isOwn(origin: string | undefined, host: string | undefined): boolean {
		if (origin === undefined) return false;
		return this.#own.has(origin) || (this.#anyHost && origin === `https://${host}`);
	}
}

/** Throws `Failure`. */
export function publicOrigin(publicUrl: string): string {
	const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
	const isBare =
		url !== undefined && url.pathname === "/" && url.search + url.hash + url.username + url.password === "";
	if (isBare && (url.protocol === "https:" || (url.protocol === "http:" && url.hostname === "localhost")))
		return url.origin;
	throw new Failure(
		"usage",
		"bad-public-url",
		`${publicUrl} is no address at which browsers find the server`,
		"Give --public-url as https://HOST or https://HOST:PORT, without a path: phones make keys, and passkeys are asked for, at HTTPS alone.",
	);
}

/** Where nothing was said: this computer's own pages are a secure context to its browsers, too. */
function linksAt(at: URL, local: string): string | undefined {
	if ((LOCAL as readonly string[]).includes(at.hostname) || at.hostname.startsWith("127.")) return local;
	return at.protocol === "https:" && !ANY.includes(at.hostname) ? at.origin : undefined;
}
