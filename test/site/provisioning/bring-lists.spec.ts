// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { CborMap, CborValue } from "../../../protocol/cbor/value.js";
import { listIn } from "../../../protocol/trust/envelope.js";
import { bringLists, fetchTrusted, hashOf } from "../../../site/lib/provisioning/bring-lists.js";
import { type ClientError, RequestRefused } from "../../../site/lib/provisioning/errors.js";
import { providers } from "../../support/providers.js";
import { TrustedSite } from "../../support/trusted-site.js";
import { readerOf } from "./reader.js";

const crypto = providers[0]!;
const NONE = new Uint8Array(8);

describe("a site's lists on their way to a reader", () => {
	let site: TrustedSite;
	/** What the reader has: so many of the site's lists, and of how many it was sent since. */
	let has: number;
	let sent: number;

	beforeEach(() => {
		site = new TrustedSite("ACME", "11".repeat(32), crypto);
		for (let i = 0; i < 3; i++) site.next(() => ({}));
		sent = 0;
	});

	const hash = (version: number): Uint8Array => hashOf(site.lists[version - 1]!, crypto);
	const info = (version: number): CborMap & { trust: { version: number; hash: Uint8Array } } => ({
		trust: { version, hash: hash(version) },
	});

	function refusal(reason: string, refusal?: string): RequestRefused {
		return new RequestRefused("trust", { reason, message: "", problems: [], refusal, version: has });
	}

	/** `trust` of what answers; each list is one piece. */
	function reader(trust: () => CborValue = taken): ReturnType<typeof readerOf> {
		return readerOf((name) => {
			if (name === "info") return info(has);
			if (name === "trusted") return trusted();
			sent++;
			return trust();
		});
	}

	const taken = (): CborValue => ({ version: ++has, hash: hash(has), held: false });
	const trusted = (): CborMap => ({ size: 0, list: new Uint8Array(0), anchor: NONE });

	it("are those that it lacks; none where it has all, or more", async () => {
		for (const [from, expected] of [
			[1, 3],
			[3, 1],
			[4, 0],
		] as const) {
			has = from;
			sent = 0;
			const brought = await bringLists(reader(), info(from), site, crypto);
			assert.deepEqual({ ...brought, sent }, { from, to: 4, held: false, sent: expected });
		}
		const newer = { trust: { version: 9, hash: NONE } };
		assert.deepEqual(await bringLists(reader(), newer, site, crypto), { from: 9, to: 9, held: false });
	});

	it("are those that it lacks still, where another program was there since, or it has started again", async () => {
		for (const first of [
			refusal("trust-refused", "not-newer"),
			refusal("trust-refused", "skipped-version"),
			refusal("malformed"),
		]) {
			has = 3;
			let asked = 0;
			const once = (): CborValue => {
				if (asked++ === 0) throw first;
				return taken();
			};
			// What it was when it was first asked.
			const brought = await bringLists(reader(once), info(1), site, crypto);
			assert.deepEqual(brought, { from: 3, to: 4, held: false }, first.message);
			has = 3;
			const never = (): CborValue => {
				throw first;
			};
			const error = await bringLists(reader(never), info(1), site, crypto).catch((e: unknown) => e);
			assert.equal(error, first, "tried once more, and no oftener");
		}
	});

	it("are a fork where the reader's roots have not signed them, or it says another hash of what it took", async () => {
		has = 2;
		const reasons: string[] = [];
		for (const answer of [
			() => {
				throw refusal("trust-refused", "not-by-roots");
			},
			() => ({ version: 4, hash: NONE, held: false }),
			() => ({ version: 2, hash: NONE, held: false }),
		]) {
			const one = readerOf((name) =>
				name === "trusted" ? { size: whole.length, list: whole, anchor: hash(1) } : answer(),
			);
			const whole = listIn(site.lists[1]!)!;
			const error = await bringLists(one, info(2), site, crypto).catch((e: unknown) => e);
			reasons.push((error as ClientError).reason);
		}
		assert.deepEqual(reasons, ["fork", "fork", "fork"]);
	});

	it("cannot be told where the reader says nothing of its list", async () => {
		const error = await bringLists(reader(), {}, site, crypto).catch((e: unknown) => e);
		assert.equal((error as ClientError).reason, "bad-reply");
	});

	it("are read from the reader in pieces, and nothing that is none is believed or waited for", async () => {
		const whole = listIn(site.lists[3]!)!;
		const by =
			(step: number, size = whole.length) =>
			(_: string, { at = 0 }: CborMap): CborMap => ({
				size,
				list: whole.slice(at as number, (at as number) + step),
				anchor: hash(1),
			});
		for (const step of [whole.length, 100, 1]) {
			const { anchor, trust } = await fetchTrusted(readerOf(by(step)));
			assert.deepEqual([trust.version, anchor], [4, hash(1)]);
		}
		for (const wrong of [by(0), by(100, whole.length + 1), by(100, whole.length - 1), by(100, 0)]) {
			const error = await fetchTrusted(readerOf(wrong)).catch((e: unknown) => e);
			assert.equal((error as ClientError).reason, "bad-reply");
		}
	});
});
