// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../protocol/crypto.js";
import { type ListRefusal, openList } from "../protocol/trust/envelope.js";
import type { TrustList } from "../protocol/trust/list.js";

/** What an app keeps of a site: the newest trust list that it has taken. */
export interface SiteTrust {
	/** As the roots signed it: what the app stores. */
	readonly signed: Uint8Array;
	/** What it says: for `Holder`. */
	readonly list: TrustList;
}

/** The list that an app begins with: its enrolment's, or the stored one. It is believed by its own roots. */
export function anchorList(signed: Uint8Array, crypto: Crypto): SiteTrust | ListRefusal {
	const list = openList(signed, undefined, crypto);
	return typeof list === "string" ? list : { signed, list };
}

/**
 * Takes those of the site's lists, oldest first, that come after `current`, each by the roots of the one before it. Where one is refused
 * none is taken.
 */
export function takeLists(
	current: SiteTrust,
	lists: readonly Uint8Array[],
	crypto: Crypto,
): SiteTrust | ListRefusal {
	let { list, signed } = current;
	for (const next of lists) {
		const opened = openList(next, list, crypto);
		if (opened === "not-newer") continue;
		if (typeof opened === "string") return opened;
		list = opened;
		signed = next;
	}
	return { list, signed };
}
