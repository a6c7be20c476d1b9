// SPDX-License-Identifier: Apache-2.0

/** Hosts that are this computer to a browser on it. */
const LOCAL = ["localhost", "127.0.0.1", "[::1]"] as const;

/** Where browsers find the server. */
export class SiteAddress {
	/** Without a path: `https://doors.example.org`, or `http://localhost:4191`. */
	readonly origin: string;
	readonly #own: ReadonlySet<string>;
	readonly #anyHost: boolean;

	/** `publicUrl`: how people reach it, if it was said; `listens`: what it listens at. */
	constructor(listens: string, publicUrl?: string) {
		const at = new URL(listens);
		const local = LOCAL.map((host) => `${at.protocol}//${host}${at.port === "" ? "" : `:${at.port}`}`);
		this.origin = publicUrl === undefined ? local[0]! : new URL(publicUrl).origin;
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
