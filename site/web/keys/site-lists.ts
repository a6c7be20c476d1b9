// SPDX-License-Identifier: Apache-2.0

import { parseJson } from "../../lib/files/json-text.js";
import { keysIn, listsIn, type SiteLists } from "../../lib/keys-text.js";
import type { SiteKeys } from "../../lib/site-keys.js";
import { get } from "../api.js";
import { crypto } from "./crypto.js";
import type { NamedText } from "./root.js";

/** What the server says of its site's trust lists; their signatures say whether it is true. */
export interface Trust {
	readonly site: string;
	readonly version: number;
	readonly epoch: number;
	readonly issued: string;
	readonly threshold: number;
	readonly roots: readonly { readonly fingerprint: string }[];
	readonly keys: readonly ListedKey[];
	/** Ids of revoked readers. */
	readonly revoked: readonly string[];
	/** Each as it was signed, hexadecimal. */
	readonly lists: readonly string[];
}

export interface ListedKey {
	readonly fingerprint: string;
	readonly roles: readonly Role[];
	readonly state: "good" | "past" | "ended" | "stolen";
	readonly days?: number;
	/** ISO 8601. */
	readonly until?: string;
	readonly doors?: readonly string[];
}

export const ROLES = ["issue", "plan", "commission", "release", "sync", "install"] as const;
export type Role = (typeof ROLES)[number];

export const loadTrust = (): Promise<Trust> => get<Trust>("/api/trust");

/** Throws `Failure` where they are not what the site's roots have signed. */
export function listsOf({ lists, site }: Trust): SiteLists {
	return listsIn({ site, lists }, "the server", crypto);
}

/** A key file with the lists that the server has, where they go on from the file's. Throws `Failure`. */
export function keysOf({ name, text }: NamedText, trust: Trust): SiteKeys {
	const own = keysIn(parseJson(text, "the key file", name), name, crypto);
	const newest = listsOf(trust);
	return newest.lists.length > own.lists.length ? { ...own, ...newest } : own;
}
