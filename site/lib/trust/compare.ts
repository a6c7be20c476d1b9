// SPDX-License-Identifier: Apache-2.0

import { isDeepStrictEqual } from "node:util";
import { equal, toHex } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { listHash, type TrustList } from "../../../protocol/trust/list.js";
import type { SiteLists } from "../keys-text.js";
import { hashOf, type Trusted } from "../provisioning/bring-lists.js";
import { describeList, keyWords } from "./describe.js";

export type TrustReason =
	| "no-list"
	/** The site's first list is another: another site, though of the same name. */
	| "other-anchor"
	/** A list with one of the site's numbers, and another. */
	| "other-list"
	| "older-list"
	| "newer-list"
	/** A newer list waits for a plan. */
	| "held-list"
	| "unexpected-root"
	| "missing-root"
	| "unexpected-key"
	| "missing-key"
	/** A key with other roles, limits, end or state. */
	| "other-key";

/** Something that a reader trusts and the site's newest list does not say, or the other way round. */
export interface TrustProblem {
	readonly reason: TrustReason;
	readonly message: string;
	/** Of the root or key. */
	readonly fingerprint?: string;
}

/** What is unexpected about what a reader trusts. `held`: the version of a list that it holds back. `now`: seconds since 1970. */
export function trustProblems(
	{ anchor, trust }: Trusted,
	held: number | undefined,
	site: SiteLists,
	now: number,
	crypto: Crypto,
): TrustProblem[] {
	const problems: TrustProblem[] = [];
	const say = (reason: TrustReason, message: string): void => void problems.push({ reason, message });
	const first = hashOf(site.lists[0]!, crypto);
	if (!equal(anchor, first))
		say("other-anchor", `its anchor is ${toHex(anchor)}, and the site's ${toHex(first)}`);
	const known = site.lists.length;
	const ahead = trust.version - known;
	if (ahead > 0)
		say(
			"newer-list",
			`trust list ${trust.version} is ${count(ahead)} newer than the newest here: fetch the site's newest site.json`,
		);
	if (ahead < 0)
		say("older-list", `trust list ${trust.version} is ${count(-ahead)} older than the newest here`);
	if (ahead <= 0 && !equal(hashOf(site.lists[trust.version - 1]!, crypto), listHash(trust, crypto)))
		say("other-list", `trust list ${trust.version} is another than the one here`);
	if (held !== undefined)
		say("held-list", `trust list ${held} waits for a plan that is signed by a key of that list`);
	return [...problems, ...keyProblems(trust, site.trust, now)];
}

function count(lists: number): string {
	return lists === 1 ? "one list" : `${lists} lists`;
}

function keyProblems(has: TrustList, wanted: TrustList, now: number): TrustProblem[] {
	const [reader, site] = [describeList(has, now), describeList(wanted, now)];
	return [
		...unlike(reader.roots, site.roots, "root", () => "a root"),
		...unlike(reader.keys, site.keys, "key", keyWords),
	];
}

function unlike<T extends { readonly fingerprint: string; readonly publicKey: Uint8Array }>(
	reader: readonly T[],
	site: readonly T[],
	what: "root" | "key",
	words: (one: T) => string,
): TrustProblem[] {
	const same =
		(a: T) =>
		(b: T): boolean =>
			equal(a.publicKey, b.publicKey);
	const problem = (reason: TrustReason, { fingerprint }: T, message: string): TrustProblem => ({
		reason,
		message: `${fingerprint} ${message}`,
		fingerprint,
	});
	return [
		...reader.flatMap((one) => {
			const wanted = site.find(same(one));
			if (wanted === undefined)
				return [
					problem(`unexpected-${what}`, one, `(${words(one)}) is trusted, and not in the site's newest list`),
				];
			return isDeepStrictEqual(one, wanted)
				? []
				: [
						problem(
							"other-key",
							one,
							`is trusted as: ${words(one)}; the site's newest list has: ${words(wanted)}`,
						),
					];
		}),
		...site
			.filter((one) => !reader.some(same(one)))
			.map((one) =>
				problem(`missing-${what}`, one, `(${words(one)}) is not trusted, and in the site's newest list`),
			),
	];
}
