// SPDX-License-Identifier: Apache-2.0

import { MAX_LIST_PIECE } from "../../../protocol/provisioning/bounds.js";
import type { ParametersOf, TrustState } from "../../../protocol/provisioning/messages.js";
import type { Requester } from "./client.js";

/** The parameters of `trust` for each piece of a signed list. */
export function* listPieces(signed: Uint8Array, alone = false): Generator<ParametersOf<"trust">> {
	for (let at = 0; at < signed.length; at += MAX_LIST_PIECE) {
		const next = at + MAX_LIST_PIECE;
		const more = next < signed.length;
		yield { list: signed.subarray(at, next), at, ...(more ? { more } : alone && { alone }) };
	}
}

/**
 * Gives the reader signed lists, the oldest first: those that it lacks, or of one without a site all. Needs no authority. `alone`: they
 * take effect without a replacement of the plan. What the reader has then; `undefined` for no lists.
 */
export async function sendLists(
	client: Requester,
	lists: readonly Uint8Array[],
	alone = false,
): Promise<TrustState | undefined> {
	let state: TrustState | undefined;
	for (const signed of lists)
		for (const piece of listPieces(signed, alone)) state = await client.request("trust", piece);
	return state;
}
