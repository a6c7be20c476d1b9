// SPDX-License-Identifier: Apache-2.0

/** The commands by which a reader is given trust lists and shows them. They need no authority: a list's roots have signed it. */

import type { CborMap } from "../../protocol/cbor/value.js";
import type { Crypto } from "../../protocol/crypto.js";
import { MAX_LIST_PIECE } from "../../protocol/provisioning/bounds.js";
import { ProvisioningError } from "../../protocol/provisioning/error.js";
import type { ListInfo, TrustInfo, TrustPart, TrustState } from "../../protocol/provisioning/messages.js";
import { LIST_HASH, listHash, type TrustList } from "../../protocol/trust/list.js";
import type { ConfigStore } from "../config/store.js";
import type { ProvisioningTarget } from "./target.js";

/** A piece of a list; with the last one the list is taken. */
export function takeList(
	{ lists, membership }: ConfigStore,
	device: ProvisioningTarget,
	crypto: Crypto,
	{ alone, at = 0, list, more }: CborMap,
): TrustState {
	if (!(list instanceof Uint8Array) || list.length > MAX_LIST_PIECE || !isOffset(at))
		throw new ProvisioningError("malformed", `a list comes in pieces of at most ${MAX_LIST_PIECE} bytes`);
	if (!lists.add(list, at))
		throw new ProvisioningError("malformed", "the pieces of a list come in their order");
	const refusal = more === true ? undefined : lists.take(alone === true, membership && device.plan);
	const { candidate, newest } = lists;
	if (refusal !== undefined)
		throw new ProvisioningError(
			"trust-refused",
			`the trust list is refused: ${refusal}; this reader has ${newest.version === 0 ? "none" : `version ${newest.version}`}`,
			{ refusal, version: newest.version },
		);
	return { ...infoOf(newest, crypto), held: candidate !== undefined };
}

/** A piece of the list in force, or of the candidate of a reader without a site. */
export function showList({ lists, membership }: ConfigStore, { at = 0 }: CborMap): TrustPart {
	const { payload, version } = membership?.trust ?? lists.newest;
	const size = version === 0 ? 0 : payload.length;
	if (!isOffset(at) || at > size) throw new ProvisioningError("malformed", "outside the list");
	return { size, list: payload.subarray(at, Math.min(size, at + MAX_LIST_PIECE)), anchor: lists.anchor };
}

/** What `info` says of the lists; nothing where the reader has no site. */
export function trustInfo({ lists, membership }: ConfigStore, crypto: Crypto): { trust?: TrustInfo } {
	if (membership === undefined) return {};
	const { candidate } = lists;
	return { trust: { ...infoOf(membership.trust, crypto), ...(candidate && { held: candidate.version }) } };
}

function infoOf(list: TrustList, crypto: Crypto): ListInfo {
	const { version } = list;
	return { version, hash: version === 0 ? new Uint8Array(LIST_HASH) : listHash(list, crypto) };
}

function isOffset(at: unknown): at is number {
	return typeof at === "number" && Number.isInteger(at) && at >= 0;
}
