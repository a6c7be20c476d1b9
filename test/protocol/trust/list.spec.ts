// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, toHex, utf8Encode, writeUint32 } from "../../../protocol/bytes.js";
import {
	decodeList,
	KEY_STATES,
	MAX_LIST,
	NO_TRUST,
	ROLES,
	type Role,
	type TrustList,
} from "../../../protocol/trust/list.js";
import { encodeList, type KeyModel, modelOf, type TrustModel } from "../../../site/lib/trust/model.js";

const DAY = 86_400;
const ISSUED = 1_800_000_000;
const ALL = Object.keys(ROLES) as Role[];

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
	fc.uint8Array({ minLength: length, maxLength: length });
const uint32 = (least: number): fc.Arbitrary<number> => fc.integer({ min: least, max: 0xffff_ffff });
const name = fc.constantFrom("a", "FRONT", "side-2", "B.9_longe");

/** A key as `modelOf` gives it: nothing is there that says what its absence does. */
const key: fc.Arbitrary<KeyModel> = fc
	.record({
		publicKey: bytes(32),
		roles: fc.subarray(ALL, { minLength: 1 }),
		state: fc.constantFrom(...KEY_STATES),
		days: fc.nat(0xffff),
		until: fc.integer({ min: 1, max: ISSUED + 90 * DAY }),
		ends: fc.boolean(),
		doors: fc.uniqueArray(
			name.map((text) => text.slice(0, 8)),
			{ maxLength: 4 },
		),
	})
	.map(({ publicKey, roles, state, days, until, ends, doors }) => ({
		...{ publicKey, roles, state },
		...(days > 0 && { days }),
		...((ends || roles.includes("sync") || roles.includes("install")) && { until }),
		...(doors.length > 0 && { doors }),
	}));

const model: fc.Arbitrary<TrustModel> = fc
	.record({
		site: fc.constantFrom("A", "ACME", "HARBOUR1", "~!#"),
		version: uint32(1),
		epoch: fc.integer({ min: 1, max: 2 ** 21 - 1 }),
		issued: uint32(ISSUED),
		threshold: fc.constantFrom(1, 2),
		roots: fc.array(bytes(32), { minLength: 2, maxLength: 4 }),
		keys: fc.array(key, { maxLength: 20 }),
		revoked: fc.array(bytes(8), { maxLength: 64 }),
	})
	.filter(({ roots, keys, revoked }) => {
		const kids = [...roots, ...keys.map(({ publicKey }) => publicKey)].map((k) => toHex(k.subarray(0, 4)));
		const doors = keys.reduce((sum, { doors: d = [] }) => sum + d.length, 0);
		const size = 28 + 32 * roots.length + 41 * keys.length + 8 * (doors + revoked.length);
		return new Set(kids).size === kids.length && size <= 2048;
	});

const root = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const GOOD: TrustModel = {
	...{ site: "ACME", version: 7, epoch: 2, issued: ISSUED, threshold: 1, roots: [root(1)] },
	keys: [
		{ publicKey: root(3), roles: ["issue"], days: 30, doors: ["FRONT", "SIDE"] },
		{ publicKey: root(4), roles: ["install"], until: ISSUED + 365 * DAY },
	],
	revoked: [new Uint8Array(8).fill(9)],
};
/** Where the first key of `GOOD` is. */
const KEY = 28 + 32;

function changed(change: (payload: Uint8Array) => unknown): TrustList | undefined {
	const payload = encodeList(GOOD);
	change(payload);
	return decodeList(payload);
}

describe("trust list", () => {
	it("decode is the reverse of encode", () => {
		fc.assert(
			fc.property(model, (given) => {
				const list = decodeList(encodeList(given))!;
				assert.deepEqual(modelOf(list), given);
				for (const one of given.keys) {
					const found = list.find(one.publicKey.subarray(0, 4))!;
					assert.deepEqual(found.publicKey, one.publicKey);
					assert.isDefined(list.findKey(one.publicKey));
					for (const role of ALL) assert.equal(found.has(role), one.roles.includes(role));
				}
				for (const one of given.roots) {
					assert.isTrue(list.isRoot(one));
					assert.isUndefined(list.find(one.subarray(0, 4)), "a root is none of the keys");
				}
				for (const id of given.revoked) assert.isTrue(list.isRevoked(id));
			}),
		);
	});

	it("has the layout of docs/formats/trust.md", () => {
		const of = (...parts: (string | Uint8Array)[]): string =>
			parts.map((p) => (typeof p === "string" ? p : toHex(p))).join("");
		const padded = (text: string): string => toHex(utf8Encode(text)).padEnd(16, "0");
		assert.equal(
			toHex(encodeList(GOOD)),
			of(
				...["4c544c31", "00000007", "00000002", "6b49d200", padded("ACME"), "01", "01", "02", "01", root(1)],
				...[root(3), "01", "00", "001e", "00000000", "02", padded("FRONT"), padded("SIDE")],
				...[root(4), "20", "00", "0000", "6d2b0580", "00"],
				"09".repeat(8),
			),
		);
	});

	it("refuses what is out of bounds", () => {
		assert.isDefined(changed(() => undefined));
		const wrong: Readonly<Record<string, (payload: Uint8Array) => unknown>> = {
			magic: (p) => p.fill(0x32, 3, 4),
			"version 0": (p) => writeUint32(p, 4, 0),
			"epoch 0": (p) => writeUint32(p, 8, 0),
			"epoch 2^21": (p) => writeUint32(p, 8, 2 ** 21),
			"no site": (p) => p.fill(0, 16, 24),
			"a site behind NUL": (p) => p.fill(0x41, 23, 24),
			"a site that is not ASCII": (p) => p.fill(0x80, 16, 17),
			"threshold 0": (p) => p.fill(0, 24, 25),
			"threshold 2 of one root": (p) => p.fill(2, 24, 25),
			"threshold 3": (p) => p.fill(3, 24, 25),
			"no root": (p) => p.fill(0, 25, 26),
			"another number of roots": (p) => p.fill(2, 25, 26),
			"another number of keys": (p) => p.fill(1, 26, 27),
			"21 keys": (p) => p.fill(21, 26, 27),
			"another number of revoked": (p) => p.fill(0, 27, 28),
			"65 revoked": (p) => p.fill(65, 27, 28),
			"no role": (p) => p.fill(0, KEY + 32, KEY + 33),
			"a role that is none": (p) => p.fill(64, KEY + 32, KEY + 33),
			"a state that is none": (p) => p.fill(3, KEY + 33, KEY + 34),
			"another number of doors": (p) => p.fill(1, KEY + 40, KEY + 41),
			"17 doors": (p) => p.fill(17, KEY + 40, KEY + 41),
			"a door without a name": (p) => p.fill(0, KEY + 41, KEY + 49),
			"a door that begins as none may": (p) => p.fill(0x2b, KEY + 41, KEY + 42),
			"an installer's key without an end": (p) => p.fill(32, KEY + 32, KEY + 33),
			"a server's key without an end": (p) => p.fill(16, KEY + 32, KEY + 33),
			"a key's kid twice": (p) => p.copyWithin(KEY + 57, KEY, KEY + 4),
			"a root's kid among the keys": (p) => p.copyWithin(KEY, 28, 32),
		};
		for (const [what, change] of Object.entries(wrong)) assert.isUndefined(changed(change), what);
		const payload = encodeList(GOOD);
		assert.isUndefined(decodeList(concat(payload, Uint8Array.of(0))), "a byte behind it");
		for (let length = 0; length < payload.length; length++)
			assert.isUndefined(decodeList(payload.subarray(0, length)), `${length} bytes`);
	});

	it("takes a server's key for 90 days at most, and an installer's for any time", () => {
		const ending = (role: Role, until: number): TrustModel => ({
			...GOOD,
			keys: [{ publicKey: root(3), roles: [role], until }],
		});
		assert.isDefined(decodeList(encodeList(ending("sync", ISSUED + 90 * DAY))));
		assert.throws(() => encodeList(ending("sync", ISSUED + 90 * DAY + 1)), RangeError);
		assert.isDefined(decodeList(encodeList(ending("install", 0xffff_ffff))));
	});

	it("has room for 20 keys and two roots, or fewer with doors and revoked readers, and no more", () => {
		const keys = Array.from(
			{ length: 20 },
			(_, n): KeyModel => ({ publicKey: root(10 + n), roles: ["issue"] }),
		);
		// 28, 2 roots, 20 keys.
		const large = { ...GOOD, roots: [1, 2].map(root), keys, revoked: [] };
		assert.equal(encodeList(large).length, MAX_LIST);
		assert.throws(() => encodeList({ ...large, revoked: [new Uint8Array(8)] }), RangeError);
		const revoked = Array.from({ length: 64 }, () => new Uint8Array(8));
		assert.isDefined(decodeList(encodeList({ ...large, keys: keys.slice(0, 7), revoked })));
	});

	it("is not made of what does not fit its fields", () => {
		const [first] = GOOD.keys;
		const wrong: readonly Partial<TrustModel>[] = [
			{ version: 2 ** 32 + 1 },
			{ version: 1.5 },
			{ epoch: 2 ** 21 },
			{ epoch: 2 ** 32 + 1 },
			{ issued: -1 },
			{ site: "nine char" },
			{ roots: [new Uint8Array(31)] },
			{ roots: [] },
			{ roots: [1, 2, 3, 4, 5].map(root) },
			{ revoked: [new Uint8Array(7)] },
			{ revoked: Array.from({ length: 65 }, () => new Uint8Array(8)) },
			{ keys: [{ ...first!, publicKey: new Uint8Array(33) }] },
			{ keys: [{ ...first!, days: 65_536 }] },
			{ keys: [{ ...first!, until: 2 ** 32 }] },
			{ keys: [{ ...first!, doors: ["no door"] }] },
			{ keys: [{ ...first!, doors: Array.from({ length: 17 }, (_, n) => `${n}`) }] },
			{ keys: [{ ...first!, roles: [] }] },
			{ keys: Array.from({ length: 21 }, (_, n) => ({ ...first!, publicKey: root(10 + n) })) },
		];
		for (const [n, change] of wrong.entries())
			assert.throws(() => encodeList({ ...GOOD, ...change }), RangeError, undefined, `number ${n}`);
	});

	it("says of a key why it may not: the role first, then the theft, the door, the end", () => {
		const of = (change: Partial<KeyModel>, door = "FRONT", role: Role = "issue") =>
			decodeList(encodeList({ ...GOOD, keys: [{ ...GOOD.keys[0]!, ...change }] }))!.keys[0]!.refusal(
				role,
				door,
			);
		assert.isUndefined(of({}));
		assert.isUndefined(of({}, "SIDE"));
		assert.isUndefined(of({ doors: [] }, "BACK"), "for all doors");
		for (const door of ["BACK", "FRON", "FRONTS", "front", "", "FRONT...1"])
			assert.equal(of({}, door), "beyond-limits", door);
		assert.equal(of({ state: "stolen" }, "BACK"), "key-stolen");
		assert.equal(of({ state: "stolen" }, "FRONT", "plan"), "wrong-role");
		assert.equal(of({ state: "ended" }, "BACK"), "beyond-limits");
		assert.equal(of({ state: "ended" }), "key-ended");
	});

	it("finds no key by half a kid, another one, or none; and of no list any", () => {
		const list = decodeList(encodeList(GOOD))!;
		assert.isDefined(list.find(root(3).subarray(0, 4)));
		for (const kid of [undefined, root(3).subarray(0, 3), root(3), root(5).subarray(0, 4), new Uint8Array(0)])
			assert.isUndefined(list.find(kid));
		const other = root(3);
		other[31] = 0;
		assert.isUndefined(list.findKey(other), "the same kid is not the same key");
		assert.isUndefined(NO_TRUST.find(new Uint8Array(4)));
		assert.isFalse(NO_TRUST.isRoot(new Uint8Array(32)));
		assert.isUndefined(decodeList(NO_TRUST.payload));
	});

	it("any byte changed: refused, or a list that says what it says", () => {
		const payload = encodeList(GOOD);
		fc.assert(
			fc.property(fc.nat(payload.length - 1), fc.nat(255), (at, value) => {
				const other = payload.slice();
				other[at] = value;
				const list = decodeList(other);
				if (list !== undefined) assert.deepEqual(encodeList(modelOf(list)), other);
			}),
			{ numRuns: 2000 },
		);
	});
});
