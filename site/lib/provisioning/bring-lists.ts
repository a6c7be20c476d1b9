// SPDX-License-Identifier: Apache-2.0

import { concat, equal } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { ListInfo, ReaderInfo } from "../../../protocol/provisioning/messages.js";
import { listIn } from "../../../protocol/trust/envelope.js";
import { decodeList, LIST_HASH, type TrustList } from "../../../protocol/trust/list.js";
import type { SiteLists } from "../keys-text.js";
import type { Requester } from "./client.js";
import { ClientError, isRefused } from "./errors.js";
import { sendLists } from "./send-lists.js";

/** What came of the site's lists at a reader. */
export interface Brought {
	/** The newest version that the reader had before, and has now. */
	readonly from: number;
	readonly to: number;
	/** The newest is not in force: it waits for a plan. */
	readonly held: boolean;
}

/**
 * Gives a reader the lists of its site that it lacks, one after the other; it needs no authority. A reader may have newer ones than
 * `lists`. Throws `ClientError`: "fork" where what it has is none of them.
 */
export async function bringLists(
	client: Requester,
	info: ReaderInfo,
	site: SiteLists,
	crypto: Crypto,
): Promise<Brought> {
	try {
		return await brought(client, info, site, crypto);
	} catch (error) {
		if (!isRefused(error, "trust-refused", "malformed")) throw error;
		const { reason, refusal } = error.refusal;
		// Another program has brought it lists since `info`, or it has started again between two pieces.
		if (reason !== "malformed" && refusal !== "not-newer" && refusal !== "skipped-version") throw error;
		return brought(client, await client.request("info"), site, crypto);
	}
}

async function brought(
	client: Requester,
	{ trust: has }: ReaderInfo,
	site: SiteLists,
	crypto: Crypto,
): Promise<Brought> {
	if (has === undefined)
		throw new ClientError("bad-reply", "the reader does not say which trust list it has");
	const known = site.lists.length;
	if (has.version <= known && !isListed(has, site, crypto))
		throw await differs(client, has.version, site, crypto);
	const from = has.held ?? has.version;
	if (from > known || (from === known && has.held === undefined))
		return { from, to: from, held: has.held !== undefined };
	// One that is held says its hash when it is given again.
	const first = Math.min(from, known - 1);
	const state = await sendLists(client, site.lists.slice(first)).catch(notByRoots);
	if (!isListed(state!, site, crypto)) throw await differs(client, state!.version, site, crypto);
	return { from, to: state!.version, held: state!.held };
}

/** Whether the reader's list of a version is the site's. */
function isListed({ hash, version }: ListInfo, { lists }: SiteLists, crypto: Crypto): boolean {
	return version > 0 && version <= lists.length && equal(hashOf(lists[version - 1]!, crypto), hash);
}

/** By which a list is told from others of its number; of a site's first one its anchor. */
export function hashOf(signed: Uint8Array, crypto: Crypto): Uint8Array {
	return crypto.sha256(listIn(signed)!).subarray(0, LIST_HASH);
}

async function differs(
	client: Requester,
	version: number,
	site: SiteLists,
	crypto: Crypto,
): Promise<ClientError> {
	checkAnchor(await fetchTrusted(client), site, crypto);
	return new ClientError(
		"fork",
		`the reader's trust list ${version} of site ${site.trust.site} is another than the one here; nothing was proved to it`,
	);
}

/** Throws `ClientError`: "other-site" where the reader's lists have begun with another. */
export function checkAnchor({ anchor }: Trusted, { lists, trust }: SiteLists, crypto: Crypto): void {
	if (equal(anchor, hashOf(lists[0]!, crypto))) return;
	throw new ClientError(
		"other-site",
		`this is a reader of another site with the name ${trust.site}: its first trust list is another; nothing was proved to it`,
	);
}

function notByRoots(error: unknown): never {
	if (!isRefused(error, "trust-refused") || !error.refusal.refusal?.startsWith("not-by-")) throw error;
	throw new ClientError(
		"fork",
		`the reader cannot go on from its trust list ${error.refusal.version} to the next one here: the roots that it believes have not signed that`,
	);
}

/** What a reader trusts. */
export interface Trusted {
	readonly trust: TrustList;
	/** Of its site: the first bytes of SHA-256 of the payload of list 1. */
	readonly anchor: Uint8Array;
}

/** The list in force at a reader that has a site. Throws `ClientError`: "bad-reply". */
export async function fetchTrusted(client: Requester): Promise<Trusted> {
	let payload: Uint8Array = new Uint8Array(0);
	for (;;) {
		const { anchor, list, size } = await client.request("trusted", { at: payload.length });
		payload = concat(payload, list);
		if (list.length > 0 && payload.length < size) continue;
		const trust = payload.length === size ? decodeList(payload) : undefined;
		if (trust !== undefined) return { trust, anchor };
		throw new ClientError("bad-reply", "what the reader says of its trust list makes no sense");
	}
}
