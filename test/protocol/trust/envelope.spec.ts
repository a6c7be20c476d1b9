// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, fromHex, toHex } from "../../../protocol/bytes.js";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import { listToBeSigned, MAX_SIGNED_LIST, openList } from "../../../protocol/trust/envelope.js";
import { decodeList, MAX_LIST, type TrustList } from "../../../protocol/trust/list.js";
import { rootOf } from "../../../sim/practice-keys.js";
import { encodeList, type RootSigner, signList, type TrustModel } from "../../../site/lib/trust/model.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const root = (n: number): RootSigner => rootOf(crypto, new Uint8Array(32).fill(n));
const [OLD, NEW, SECOND, STRANGER] = [root(1), root(2), root(3), root(4)];

const FIRST: TrustModel = {
	...{ site: "ACME", version: 1, epoch: 1, issued: 1_800_000_000, threshold: 1 },
	...{ roots: [OLD.publicKey], keys: [{ publicKey: root(9).publicKey, roles: ["issue"] }], revoked: [] },
};
const BEFORE = decodeList(encodeList(FIRST))!;

const sign = (change: Partial<TrustModel>, ...roots: RootSigner[]): Uint8Array =>
	signList(encodeList({ ...FIRST, version: 2, ...change }), roots);

const publicKeys = (...roots: RootSigner[]): Uint8Array[] => roots.map(({ publicKey }) => publicKey);

/** What becomes of a list that is to follow version 1: its version, or the refusal. */
function following(signed: Uint8Array, before: TrustList | undefined = BEFORE): number | string {
	const opened = openList(signed, before, crypto);
	return typeof opened === "string" ? opened : opened.version;
}

describe("signed trust list", () => {
	it("is taken by its roots, and the next one by both, with any crypto", () => {
		for (const provider of providers) {
			const first = openList(signList(encodeList(FIRST), [OLD]), undefined, provider) as TrustList;
			assert.deepEqual(first.payload, encodeList(FIRST));
			const next = sign({ roots: publicKeys(NEW) }, OLD, NEW);
			assert.equal((openList(next, first, provider) as TrustList).version, 2);
			assert.equal(openList(sign({ roots: publicKeys(NEW) }, OLD), BEFORE, provider), "not-by-new-roots");
			const forged = next.slice();
			forged[forged.length - 1]! ^= 1;
			assert.equal(openList(forged, BEFORE, provider), "not-by-new-roots");
		}
	});

	it("is the next version, of the same site, no older in epoch and date", () => {
		const cases: readonly (readonly [Partial<TrustModel>, number | string])[] = [
			[{}, 2],
			[{ epoch: 2 }, 2],
			[{ epoch: 3 }, "skipped-epoch"],
			[{ epoch: 2 ** 21 - 1 }, "skipped-epoch"],
			[{ issued: FIRST.issued + 1 }, 2],
			[{ version: 1 }, "not-newer"],
			[{ version: 3 }, "skipped-version"],
			[{ version: 2 ** 32 - 1 }, "skipped-version"],
			[{ issued: FIRST.issued - 1 }, "older"],
			[{ site: "OTHER" }, "wrong-site"],
		];
		for (const [change, result] of cases)
			assert.equal(following(sign(change, OLD)), result, JSON.stringify(change));
		const third = decodeList(encodeList({ ...FIRST, version: 3, epoch: 2 }))!;
		assert.equal(following(sign({ version: 4, epoch: 1 }, OLD), third), "older");
		assert.equal(following(sign({ version: 2 }, OLD), third), "not-newer");
		assert.equal(following(sign({ version: 4, epoch: 2 }, OLD), third), 4);
		const last = decodeList(encodeList({ ...FIRST, version: 2 ** 32 - 1 }))!;
		assert.equal(following(sign({ version: 2 ** 32 - 1 }, OLD), last), "not-newer");
	});

	it("changes its roots by the old and the new ones, and not by either alone", () => {
		const rotated = { roots: publicKeys(NEW) };
		assert.equal(following(sign(rotated, OLD, NEW)), 2);
		assert.equal(following(sign(rotated, NEW, OLD)), 2, "in either order");
		assert.equal(following(sign(rotated, NEW)), "not-by-roots");
		assert.equal(following(sign(rotated, OLD)), "not-by-new-roots");
		assert.equal(following(sign(rotated, OLD, STRANGER)), "not-by-new-roots");
		assert.equal(following(sign({}, STRANGER)), "not-by-roots");
		// A second administrator comes by either of its own roots, and goes by one that stays.
		const both = { roots: publicKeys(OLD, SECOND) };
		assert.equal(following(sign(both, OLD)), 2);
		assert.equal(following(sign(both, SECOND)), "not-by-roots");
		assert.equal(
			following(sign({ version: 3 }, SECOND), decodeList(encodeList({ ...FIRST, version: 2, ...both }))!),
			"not-by-new-roots",
		);
	});

	it("drops no last root: there is no such list", () => {
		const payload = encodeList({ ...FIRST, version: 2 });
		const none = concat(payload.subarray(0, 28), payload.subarray(60));
		none[25] = 0;
		assert.equal(following(signList(none, [OLD])), "malformed");
	});

	it("wants both roots where the threshold is 2, before and after", () => {
		const two = { threshold: 2, roots: publicKeys(OLD, NEW) };
		assert.equal(following(sign(two, OLD)), "not-by-new-roots");
		assert.equal(following(sign(two, OLD, OLD)), "not-by-new-roots", "one root twice is one");
		assert.equal(following(sign(two, OLD, NEW)), 2);
		const before = decodeList(encodeList({ ...FIRST, ...two }))!;
		assert.equal(following(sign({ roots: publicKeys(OLD) }, OLD), before), "not-by-roots");
		assert.equal(following(sign({ roots: publicKeys(OLD) }, OLD, NEW), before), 2);
		const others = { threshold: 2, roots: publicKeys(SECOND, STRANGER) };
		assert.equal(following(sign(others, OLD, NEW, SECOND), before), "not-by-new-roots");
		assert.equal(following(sign(others, OLD, SECOND, STRANGER), before), "not-by-roots");
		assert.equal(following(sign(others, OLD, NEW, SECOND, STRANGER), before), 2);
	});

	it("as the first one is believed by its own roots alone", () => {
		const first = (...roots: RootSigner[]) => openList(signList(encodeList(FIRST), roots), undefined, crypto);
		assert.notEqual(typeof first(OLD), "string");
		assert.equal(first(NEW), "not-by-new-roots");
		// A phone begins with any version: its enrolment has the newest.
		assert.equal((openList(sign({ version: 77 }, OLD), undefined, crypto) as TrustList).version, 77);
	});

	it("counts a signature by a key of the list for nothing", () => {
		assert.equal(following(sign({}, root(9))), "not-by-roots");
		assert.equal(following(sign({}, root(9), OLD)), 2, "one too many does no harm");
	});

	it("is not what a root has signed as something else, nor with one signature, nor with five", () => {
		const payload = encodeList({ ...FIRST, version: 2 });
		const kid = OLD.publicKey.subarray(0, 4);
		assert.equal(following(encodeSign1(payload, OLD, { kid, tagged: true })), "malformed");
		// The same signature, with another context or none.
		const good = sign({}, OLD);
		for (const context of ["", "lintel plan", "lintel trust "]) {
			const aad = Uint8Array.from(context, (c) => c.charCodeAt(0));
			const other: RootSigner = {
				...OLD,
				sign: (message) => {
					const at = message.length - payload.length - 2 - 13;
					assert.equal(message[at], 0x4c, "12 bytes of context");
					const rest = message.subarray(at + 13);
					return OLD.sign(concat(message.subarray(0, at), Uint8Array.of(0x40 + aad.length), aad, rest));
				},
			};
			assert.equal(following(signList(payload, [other])), "not-by-roots", context);
		}
		assert.equal(following(good), 2);
		assert.equal(following(sign({}, OLD, NEW, SECOND, STRANGER, root(5))), "malformed");
		assert.equal(following(signList(payload, [])), "malformed");
	});

	it("signs what RFC 9052 4.4 says: context, both protected headers, external_aad, payload", () => {
		const of = listToBeSigned(new Uint8Array(0), fromHex("a10127"), Uint8Array.of(1, 2, 3));
		assert.equal(toHex(of), `85695369676e617475726540${"43a10127"}4c6c696e74656c207472757374${"43010203"}`);
	});

	it("any byte changed, cut off anywhere, or with a byte behind it: refused", () => {
		const signed = sign({ roots: publicKeys(OLD, NEW) }, OLD);
		const reasons = new Set<unknown>();
		for (let at = 0; at < signed.length; at++)
			for (const bit of [1, 0x10, 0x80]) {
				const other = signed.slice();
				other[at]! ^= bit;
				const result = following(other);
				assert.equal(typeof result, "string", `byte ${at}`);
				reasons.add(result);
			}
		assert.includeMembers(
			[...reasons],
			["malformed", "wrong-site", "skipped-version", "older", "not-by-roots"],
		);
		for (let length = 0; length < signed.length; length++)
			assert.equal(following(signed.subarray(0, length)), "malformed");
		assert.equal(following(concat(signed, Uint8Array.of(0))), "malformed");
		assert.equal(following(new Uint8Array(MAX_SIGNED_LIST + 1)), "malformed");
	});

	it("is within its bound where it is as large as it gets", () => {
		const largest = {
			roots: publicKeys(OLD, NEW, SECOND, STRANGER),
			revoked: Array.from({ length: 50 }, () => new Uint8Array(8)),
			keys: Array.from({ length: 7 }, (_, n) => ({
				publicKey: root(10 + n).publicKey,
				roles: ["issue"] as const,
				doors: Array.from({ length: n < 6 ? 1 : 2 }, (_, d) => `door-${d}`),
			})),
		};
		const signed = sign(largest, OLD, NEW, SECOND, STRANGER);
		assert.isAbove(signed.length, MAX_LIST);
		assert.isAtMost(signed.length, MAX_SIGNED_LIST);
		assert.equal(following(signed), 2);
	});

	it("random bytes are refused", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
				assert.equal(following(bytes), "malformed");
				assert.equal(following(signList(bytes, [OLD])), "malformed");
			}),
			{ numRuns: 200 },
		);
	});
});
