// SPDX-License-Identifier: Apache-2.0

import type { Crypto, KeyPair } from "../protocol/crypto.js";
import { decodeList } from "../protocol/trust/list.js";
import { type SigningKey, type SiteKeys, signingKey } from "../site/lib/site-keys.js";
import {
	encodeList,
	type KeyModel,
	modelOf,
	type RootSigner,
	rootSigner,
	signList,
	type TrustModel,
} from "../site/lib/trust/model.js";

/** The keys of a simulated site: a root, and one key for all that a site signs. */
export interface PracticeKeys extends SiteKeys {
	/** It also proves itself by cable. */
	readonly root: KeyPair & RootSigner;
	readonly signing: SigningKey & { readonly epoch: number };
}

/** The root comes from the secret of `pair`, so that one seed gives one site: for practice alone. `others`: more keys of its list, which was issued then. */
export function practiceKeys(
	site: string,
	pair: KeyPair,
	crypto: Crypto,
	others: readonly KeyModel[] = [],
	epoch = 1,
	issued = 1_577_836_800,
): PracticeKeys {
	const root = rootOf(crypto, crypto.sha256(pair.secretKey));
	const key: KeyModel = { publicKey: pair.publicKey, roles: ["issue", "plan", "commission"] };
	const payload = encodeList({
		...{ site, version: 1, epoch, issued, threshold: 1 },
		...{ roots: [root.publicKey], keys: [key, ...others], revoked: [] },
	});
	const lists = [signList(payload, [root])];
	return {
		site,
		keys: [pair, root],
		lists,
		trust: decodeList(payload)!,
		root,
		signing: { ...signingKey(pair, crypto), epoch },
	};
}

export function rootOf(crypto: Crypto, seed: Uint8Array): KeyPair & RootSigner {
	const pair = crypto.ed25519KeyPair(seed);
	return { ...pair, ...rootSigner(pair, crypto) };
}

/** The site after one list more: `change` of the newest, signed by `roots`. */
export function withNextList(
	site: PracticeKeys,
	change: Partial<TrustModel> = {},
	roots: readonly RootSigner[] = [site.root],
): PracticeKeys {
	const before = modelOf(site.trust);
	const payload = encodeList({ ...before, version: before.version + 1, ...change });
	return { ...site, lists: [...site.lists, signList(payload, roots)], trust: decodeList(payload)! };
}
