// SPDX-License-Identifier: Apache-2.0

import { sha256 } from "@noble/hashes/sha2.js";
import { toHex, utf8Encode } from "../../../protocol/bytes.js";

/** A link that invites: `https://SERVER/i/TOKEN`. */
export interface Link {
	/** Of the site's server. */
	readonly origin: string;
	readonly token: string;
	/** SHA-256 of both, in hexadecimal: what is kept of it. */
	readonly hash: string;
}

/** What a person pasted; `undefined` where it is no link that invites. */
export function linkOf(text: string): Link | undefined {
	let url: URL;
	try {
		url = new URL(text.trim());
	} catch {
		return undefined;
	}
	const token = /^\/i\/([\w-]{43})$/.exec(url.pathname)?.[1];
	if (token === undefined || url.username !== "" || url.password !== "") return undefined;
	// As the browser does: a key by a link in the clear would be anybody's.
	if (url.protocol !== "https:" && !(url.protocol === "http:" && url.hostname === "localhost"))
		return undefined;
	return { origin: url.origin, token, hash: toHex(sha256(utf8Encode(`${url.origin}/i/${token}`))) };
}
