// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Holder, type HolderResult } from "../../phone/holder.js";
import { anchorList, type SiteTrust, takeLists } from "../../phone/site-trust.js";
import { fromHex } from "../../protocol/bytes.js";
import { CborReader } from "../../protocol/cbor/reader.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { CredentialError } from "../../protocol/credential/credential.js";
import { issueCredential } from "../../protocol/credential/issue.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { readEad } from "../../protocol/edhoc/ead.js";
import { byKcwt, type OwnCredential } from "../../protocol/edhoc/id-cred.js";
import { decodeListVersion, decodeReceipt } from "../../protocol/link/read-receipt.js";
import { EAD_LIST_VERSION, encodeReceipt } from "../../protocol/link/receipt.js";
import { decodeList, type TrustList } from "../../protocol/trust/list.js";
import { nfcTap } from "../../sim/nfc/tap.js";
import { rootOf } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { encodeList, type RootSigner, signList, type TrustModel } from "../../site/lib/trust/model.js";
import { Edhoc } from "../../src/schemes/edhoc/scheme.js";
import { providers } from "../support/providers.js";

const crypto = providers[0]!;
const random = new SeededRandom(4);
const pair = (n: number): KeyPair => crypto.ed25519KeyPair(new Uint8Array(32).fill(n));
const root = (n: number): RootSigner => rootOf(crypto, new Uint8Array(32).fill(n));
const [ROOT, NEXT, STRANGER] = [root(1), root(2), root(3)];
const [FIRST, SECOND, PHONE, READER] = [pair(11), pair(12), pair(13), pair(14)];
const READER_ID = new Uint8Array(8).fill(5);

const MODEL: TrustModel = {
	...{ site: "ACME", version: 1, epoch: 1, issued: 1_800_000_000, threshold: 1, roots: [ROOT.publicKey] },
	keys: [{ publicKey: FIRST.publicKey, roles: ["issue", "commission"] }],
	revoked: [],
};
const sign = (change: Partial<TrustModel>, ...roots: RootSigner[]): Uint8Array =>
	signList(encodeList({ ...MODEL, ...change }), roots);

/** Another root; another key; the reader is revoked. */
const LISTS: readonly Uint8Array[] = (() => {
	const rotated = { version: 2, roots: [NEXT.publicKey] };
	const added = {
		...{ ...rotated, version: 3 },
		keys: [...MODEL.keys, { publicKey: SECOND.publicKey, roles: ["commission"] as const }],
	};
	return [
		sign({}, ROOT),
		sign(rotated, ROOT, NEXT),
		sign(added, NEXT),
		sign({ ...added, version: 4, revoked: [READER_ID] }, NEXT),
	];
})();

const anchor = (version: number): SiteTrust => anchorList(LISTS[version - 1]!, crypto) as SiteTrust;

function own(
	by: KeyPair,
	subject: string | undefined,
	id: Uint8Array,
	{ publicKey, secretKey }: KeyPair,
): OwnCredential {
	const cwt = issueCredential(
		{ issuer: "ACME", ...(subject !== undefined && { subject }), id, key: { algorithm: EDDSA, publicKey } },
		signer(crypto, EDDSA, by.secretKey),
		subject === undefined ? { kid: by.publicKey.slice(0, 4) } : undefined,
	);
	return { ...byKcwt(cwt), ...signer(crypto, EDDSA, secretKey) };
}

/** A tap of a phone with `phone` at a reader with `reader`, which `by` has commissioned. */
function tap(phone: TrustList, reader: TrustList, by = FIRST) {
	let result: HolderResult | undefined;
	const edhoc = new Edhoc({
		...{ crypto, random, suites: [4], door: "FRONT", site: { trust: reader } },
		credentials: [own(by, "FRONT", READER_ID, READER)],
	});
	const session = edhoc.nfc({
		onIdentity: () => ({ granted: true, reason: "granted" }),
		onRefused: () => undefined,
	});
	const holder = new Holder({
		...{ crypto, random, suite: 4, trust: phone },
		credential: own(FIRST, undefined, new Uint8Array(8).fill(6), PHONE),
		onResult: (told) => {
			result = told;
		},
	});
	const exchanges = nfcTap(session, holder);
	return { exchanges, result: result! };
}

describe("the trust lists of a phone", () => {
	it("begin with the enrolment's, whichever version that has, by its own roots", () => {
		for (const version of [1, 2, 3, 4]) assert.equal(anchor(version).list.version, version);
		assert.equal(anchorList(sign({}, STRANGER), crypto), "not-by-new-roots");
		assert.equal(anchorList(Uint8Array.of(1), crypto), "malformed");
	});

	it("are taken one after the other, and what comes back is stored and opens again", () => {
		for (const from of [1, 2, 3, 4]) {
			const taken = takeLists(anchor(from), LISTS, crypto) as SiteTrust;
			assert.equal(taken.list.version, 4);
			assert.equal(taken.signed, LISTS[3]);
			assert.deepEqual((anchorList(taken.signed, crypto) as SiteTrust).list.payload, taken.list.payload);
		}
		const current = anchor(2);
		assert.deepEqual(takeLists(current, LISTS.slice(0, 2), crypto), current, "nothing new");
		assert.deepEqual(takeLists(current, [], crypto), current);
	});

	it("are not taken where one is left out, is by another root, or is another site's", () => {
		const take = (lists: readonly Uint8Array[]) => takeLists(anchor(1), lists, crypto);
		assert.equal(take([LISTS[2]!]), "skipped-version");
		assert.equal(take([LISTS[1]!, LISTS[3]!]), "skipped-version");
		assert.equal(take([sign({ version: 2 }, STRANGER)]), "not-by-roots");
		assert.equal(take([sign({ version: 2, site: "OTHER" }, ROOT)]), "wrong-site");
		assert.equal(take([LISTS[1]!, sign({ version: 3, roots: [NEXT.publicKey] }, ROOT)]), "not-by-roots");
		assert.equal(take([new Uint8Array(9)]), "malformed");
	});

	it("are known to be old by a tap, and to be the newest", () => {
		for (const [phone, reader] of [
			[1, 4],
			[3, 3],
			[3, 2],
		] as const) {
			const { result } = tap(anchor(phone).list, anchor(reader).list, FIRST);
			const decision = { granted: true, reason: "granted" } as const;
			const wanted = { kind: "decision", decision, door: "FRONT", listVersion: reader } as const;
			assert.deepEqual(result, wanted);
		}
	});

	it("that are newer believe a reader of a newer key, and no more one that was revoked", () => {
		const failed = (trust: TrustList, by: KeyPair): string => {
			const { exchanges, result } = tap(trust, anchor(3).list, by);
			if (result.kind === "decision") return "believed";
			assert.instanceOf(result.error, CredentialError);
			assert.isBelow(exchanges[1]!.response.length, 40, "an error, not a message_3");
			return (result.error as CredentialError).reason;
		};
		assert.equal(failed(anchor(1).list, SECOND), "bad-signature");
		const fetched = takeLists(anchor(1), LISTS.slice(0, 3), crypto) as SiteTrust;
		assert.equal(failed(fetched.list, SECOND), "believed");
		assert.equal(failed((takeLists(fetched, LISTS, crypto) as SiteTrust).list, SECOND), "revoked");
	});

	it("have a version that fits message_4 in one short command, however high", () => {
		const highest = decodeList(encodeList({ ...MODEL, version: 2 ** 32 - 1 }))!;
		const sizes = [anchor(1).list, highest].map((reader) => {
			const { exchanges, result } = tap(anchor(1).list, reader);
			assert.lengthOf(exchanges, 3);
			assert.equal(result.kind === "decision" && result.listVersion, reader.version);
			return exchanges[2]!.command.length;
		});
		// Label (3), head (1), version (1 or 5) beside the decision.
		assert.deepEqual(sizes, [5 + 1 + 6 + 5 + 16, 5 + 1 + 6 + 9 + 16]);
	});

	it("a receipt without a version, or with what is none, is a receipt all the same", () => {
		const items = readEad(new CborReader(encodeReceipt("granted", 7)), []);
		assert.equal(decodeListVersion(items), 7);
		const decision = { granted: true, reason: "granted" } as const;
		assert.deepEqual(decodeReceipt(items), decision);
		for (const hex of ["", "00", "20", "1b0000000100000000", "6137", "0707", "07ff", "1b7fffffffffffffff"]) {
			const value = fromHex(hex);
			const others = [items[0]!, { label: EAD_LIST_VERSION, critical: false, value }];
			assert.isUndefined(decodeListVersion(others), hex);
			assert.deepEqual(decodeReceipt(others), decision);
		}
		assert.isUndefined(decodeListVersion([{ label: EAD_LIST_VERSION, critical: false }]));
		assert.isUndefined(decodeListVersion(items.slice(0, 1)));
		assert.isUndefined(decodeReceipt(items.slice(1)));
	});
});
