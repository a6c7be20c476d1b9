// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../../protocol/bytes.js";
import type { Crypto, KeyPair } from "../../../protocol/crypto.js";
import { openList } from "../../../protocol/trust/envelope.js";
import type { TrustList } from "../../../protocol/trust/list.js";
import { Failure } from "../files/failure.js";
import type { SiteLists } from "../keys-text.js";
import { fingerprintOf } from "./fingerprint.js";
import { encodeList, rootSigner, signList, type TrustModel } from "./model.js";

/** Refuses a root that cannot sign the next list alone. Throws `Failure`. */
export function checkRoot(
	trust: TrustList,
	root: { readonly site: string; readonly publicKey: Uint8Array },
): void {
	if (root.site !== trust.site || !trust.roots.some((one) => equal(one, root.publicKey)))
		throw new Failure(
			"refused",
			"root-not-listed",
			`root ${fingerprintOf(root.publicKey)} of site ${root.site} is not in list ${trust.version} of site ${trust.site}`,
			"Give the file of a root that `lintel site show` lists, and the newest site.json of its site.",
		);
	if (trust.threshold > 1)
		throw new Failure(
			"refused",
			"threshold",
			`the lists of site ${trust.site} are signed by ${trust.threshold} roots together, which this lintel cannot do yet`,
			"Update lintel on this computer.",
		);
}

/** A site's lists with one more, signed by `roots` and checked as a reader checks it. */
export function signNext(
	{ lists, trust }: SiteLists,
	next: TrustModel,
	roots: readonly KeyPair[],
	crypto: Crypto,
): SiteLists {
	return signed(lists, trust, next, roots, crypto);
}

/** A site's first list. */
export function signFirst(first: TrustModel, root: KeyPair, crypto: Crypto): SiteLists {
	return signed([], undefined, first, [root], crypto);
}

function signed(
	before: readonly Uint8Array[],
	trust: TrustList | undefined,
	model: TrustModel,
	roots: readonly KeyPair[],
	crypto: Crypto,
): SiteLists {
	const list = signList(
		encodeList(model),
		roots.map((root) => rootSigner(root, crypto)),
	);
	const opened = openList(list, trust, crypto);
	if (typeof opened === "string") throw new Error(`signed a list that is ${opened}`);
	return { lists: [...before, list], trust: opened };
}
