// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../hal/node/crypto.js";
import { VERSION } from "../protocol/provisioning/frame.js";
import type { ReaderInfo } from "../protocol/provisioning/messages.js";
import { listHash } from "../protocol/trust/list.js";
import { type Brought, fetchTrusted, type Trusted } from "../site/lib/provisioning/bring-lists.js";
import type { ProvisioningClient } from "../site/lib/provisioning/client.js";
import { type Described, describeList, keyWords } from "../site/lib/trust/describe.js";
import { type Row, text } from "./labels.js";

/** What there is to say of a site's lists at a reader. `known`: the newest version here. */
export function listWords({ from, held, to }: Brought, known: number): string[] {
	const words: string[] = [];
	if (to > known)
		words.push(
			`the reader has trust list ${to}, and the files here end with ${known}: put the site's newest site.json beside the key file`,
		);
	else if (to > from)
		words.push(
			`the reader has taken ${to === from + 1 ? `trust list ${to}` : `trust lists ${from + 1} to ${to}`}`,
		);
	if (held) words.push(heldWords(to));
	return words;
}

/** Of a list by which the plan in force is void: its key was stolen, or signs no plans any more. */
export function heldWords(version: number): string {
	return `the reader holds trust list ${version} back: by that list its plan is void, and without a plan its door opens for no phone. Install a plan that is signed by a key of that list: \`lintel install-plan\`; or void the plan at once: \`lintel trust install --alone --site-key\``;
}

/** What a reader trusts, as data. */
export interface DescribedTrust extends Described {
	/** By which people compare lists. */
	readonly hash: Uint8Array;
	readonly anchor: Uint8Array;
}

/** What the reader trusts; `undefined` of one that has no site, or that knows no trust lists. */
export async function trustedBy(reader: ProvisioningClient, info: ReaderInfo): Promise<Trusted | undefined> {
	return info.commissioned === true && reader.version >= VERSION ? fetchTrusted(reader) : undefined;
}

export function describeTrusted({ anchor, trust }: Trusted): DescribedTrust {
	const hash = listHash(trust, new NodeCrypto());
	return { ...describeList(trust, Date.now() / 1000), hash, anchor };
}

/** For people: whom a reader believes, and in what. */
export function trustRows(given: DescribedTrust | undefined): Row[] {
	if (given === undefined) return [];
	const { anchor, epoch, hash, issued, keys, revoked, roots, threshold, version } = given;
	return [
		["Trusts list", `${version} (${text(hash)}), epoch ${epoch}, issued ${issued}`],
		["Anchor", text(anchor)],
		...roots.map(({ fingerprint }): Row => ["Root", fingerprint]),
		...(threshold > 1 ? [["Roots to sign", String(threshold)] satisfies Row] : []),
		...keys.map((key): Row => ["Key", `${key.fingerprint}  ${keyWords(key)}`]),
		...revoked.map((id): Row => ["Revoked reader", text(id)]),
	];
}
