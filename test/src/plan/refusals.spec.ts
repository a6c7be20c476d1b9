// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, writeUint16, writeUint32 } from "../../../protocol/bytes.js";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import { decodeDelta, decodeSnapshot, planContext, STATE } from "../../../protocol/plan/format.js";
import { PlanTables } from "../../../protocol/plan/tables.js";
import {
	encodeBody,
	type PlanImage,
	signDelta,
	signSnapshot,
	tombstone,
} from "../../../site/lib/plan/encode.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import type { PlanStore } from "../../../src/plan/store.js";
import {
	ALWAYS,
	type Device,
	device,
	id,
	image,
	install,
	open,
	start,
	testSite,
} from "../../support/plans.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const { signing, trust } = testSite(crypto);
const one = image(5, [open(1), open(2)]);
const two = image(6, [open(1), tombstone(id(2)), open(3)]);
const many = image(
	6,
	Array.from({ length: 200 }, (_, n) => open(n)),
);

/** The label of `kid`: COSE does not sign that header, and with another label there only is no hint which key to try. */
const UNSIGNED = 7;

/** A reader with version 5 in force. */
function running(): { on: Device; store: PlanStore } {
	const on = device(crypto, trust);
	const store = start(on);
	assert.equal(install(store, signSnapshot(one, signing)), "done");
	return { on, store };
}

/** The old plan is in force, now and after a restart. */
function unchanged({ on, store }: { on: Device; store: PlanStore }): void {
	const into = emptyEntry();
	for (const s of [store, start(on)]) {
		assert.equal(s.version, 5);
		assert.isUndefined(s.absence);
		assert.isTrue(s.lookup(id(1), into) && s.lookup(id(2), into));
		assert.isFalse(s.lookup(id(3), into));
	}
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
	const copy = bytes.slice();
	copy[at]! ^= 1;
	return copy;
}

/** Signed as the site would, whatever is in it. */
function forgeByInsider(payload: Uint8Array): Uint8Array {
	const { kid, signer } = signing;
	return encodeSign1(payload, signer, { kid: kid!, tagged: true, externalAad: planContext() });
}

function snapshotPayload(image: PlanImage, change: (payload: Uint8Array) => void): Uint8Array {
	const envelope = signSnapshot(image, signing).envelope;
	const payload = envelope.slice(envelope.length - 66 - STATE, envelope.length - 66);
	change(payload);
	return forgeByInsider(payload);
}

describe("access plan: what is refused, with the old plan still in force", () => {
	it("a snapshot with any byte of its header changed", () => {
		const reader = running();
		const { envelope } = signSnapshot(two, signing);
		for (let at = 0; at < envelope.length; at++) {
			if (at === UNSIGNED) continue;
			const refusal = reader.store.begin(flipped(envelope, at));
			assert.include(["bad-signature", "malformed", "unknown-issuer"], refusal, `byte ${at}`);
		}
		unchanged(reader);
	});

	it("a header cut off anywhere", () => {
		const reader = running();
		const { envelope } = signSnapshot(two, signing);
		for (let length = 0; length < envelope.length; length++) {
			assert.equal(reader.store.begin(envelope.subarray(0, length)), "malformed");
		}
		unchanged(reader);
	});

	it("a snapshot signed by a key that is not the site's", () => {
		const reader = running();
		const stranger = testSite(crypto, "ACME", 2).signing;
		assert.equal(reader.store.begin(signSnapshot(two, stranger).envelope), "unknown-issuer");
		const inItsName = { ...stranger, kid: signing.kid };
		assert.equal(reader.store.begin(signSnapshot(two, inItsName).envelope), "bad-signature");
		unchanged(reader);
	});

	it("what the site signed as something else than a plan", () => {
		const reader = running();
		const payload = new Uint8Array(STATE);
		const other = encodeSign1(payload, signing.signer, { kid: signing.kid!, tagged: true });
		assert.equal(reader.store.begin(other), "bad-signature");
		assert.equal(reader.store.begin(forgeByInsider(payload)), "malformed");
		assert.equal(reader.store.applyDelta(signSnapshot(two, signing).envelope), "malformed");
		assert.equal(reader.store.begin(signDelta(one, two, signing)), "malformed");
		unchanged(reader);
	});

	it("another site's, another door's", () => {
		const reader = running();
		const elsewhere = { ...two, site: "OTHER" };
		const backDoor = { ...two, door: "back" };
		assert.equal(reader.store.begin(signSnapshot(elsewhere, signing).envelope), "wrong-site");
		assert.equal(reader.store.begin(signSnapshot(backDoor, signing).envelope), "wrong-door");
		assert.equal(
			reader.store.applyDelta(signDelta({ ...one, site: "OTHER" }, elsewhere, signing)),
			"wrong-site",
		);
		assert.equal(
			reader.store.applyDelta(signDelta({ ...one, door: "back" }, backDoor, signing)),
			"wrong-door",
		);
		unchanged(reader);
	});

	it("an older one, and the same again", () => {
		const reader = running();
		for (const version of [1, 4, 5]) {
			assert.equal(reader.store.begin(signSnapshot({ ...two, version }, signing).envelope), "not-newer");
		}
		const old = image(3, []);
		assert.equal(reader.store.applyDelta(signDelta(old, { ...two, version: 4 }, signing)), "not-newer");
		unchanged(reader);
	});

	it("an older one after the data partition was flashed again, even a blank one", () => {
		const { on, store } = running();
		const before = on.flash.snapshot();
		assert.equal(store.applyDelta(signDelta(one, two, signing)), "applied");
		on.flash.restore(before);
		const rolledBack = start(on);
		assert.equal(rolledBack.problem, "older-than-floor");
		assert.equal(rolledBack.absence, "plan-damaged");
		assert.isTrue(rolledBack.damaged);
		assert.isFalse(rolledBack.lookup(id(1), emptyEntry()));
		assert.equal(rolledBack.begin(signSnapshot(one, signing).envelope), "not-newer");
		on.flash.bytes.fill(0xff);
		const blank = start(on);
		assert.equal(blank.problem, "lost");
		assert.equal(blank.begin(signSnapshot(one, signing).envelope), "not-newer");
		assert.equal(install(blank, signSnapshot(two, signing)), "done");
	});

	it("a delta on the wrong base: another version, or the same version with other contents", () => {
		const reader = running();
		const add = image(8, [open(1), open(2), open(3)]);
		assert.equal(reader.store.applyDelta(signDelta({ ...one, version: 7 }, add, signing)), "wrong-base");
		assert.equal(reader.store.applyDelta(signDelta(image(5, [open(2)]), add, signing)), "wrong-base");
		assert.equal(start(device(crypto, trust)).applyDelta(signDelta(one, two, signing)), "wrong-base");
		unchanged(reader);
	});

	it("a delta with any byte changed, or cut off anywhere", () => {
		const reader = running();
		const delta = signDelta(one, two, signing);
		for (let at = 0; at < delta.length; at++) {
			if (at === UNSIGNED) continue;
			assert.notInclude(["applied", "revoked-ahead"], reader.store.applyDelta(flipped(delta, at)));
			assert.equal(reader.store.applyDelta(delta.subarray(0, at)), "malformed");
		}
		unchanged(reader);
	});

	it("a delta whose counts do not add up, though it is signed", () => {
		const reader = running();
		const good = signDelta(one, two, signing);
		const payload = good.slice(indexOfMagic(good), good.length - 66);
		for (const field of [92, 94, 96, 98]) {
			const bad = payload.slice();
			writeUint16(bad, field, 0xffff);
			assert.equal(reader.store.applyDelta(forgeByInsider(bad)), "malformed");
		}
		assert.isDefined(decodeDelta(payload));
		unchanged(reader);
	});

	it("a body with any page changed, pages in another order, cut short, or too long", () => {
		const reader = running();
		const { envelope, body } = signSnapshot(many, signing);
		const pages = Array.from({ length: body.length / 1024 }, (_, n) =>
			body.subarray(n * 1024, (n + 1) * 1024),
		);
		assert.equal(pages.length, 5);
		for (let n = 0; n < pages.length; n++) {
			assert.equal(
				install(reader.store, { image: many, envelope, body: flipped(body, n * 1024 + 77) }),
				"body-mismatch",
			);
		}
		const swapped = concat(pages[0]!, pages[2]!, pages[1]!, ...pages.slice(3));
		assert.equal(install(reader.store, { image: many, envelope, body: swapped }), "body-mismatch");
		assert.equal(install(reader.store, { image: many, envelope, body: body.subarray(0, -1) }), "truncated");
		assert.equal(
			install(reader.store, { image: many, envelope, body: concat(body, new Uint8Array(1)) }),
			"too-long",
		);
		const other = image(
			6,
			Array.from({ length: 200 }, (_, n) => open(n, n % 2)),
		);
		const exchanged = encodeBody(other, crypto);
		assert.equal(
			install(reader.store, { image: many, envelope, body: exchanged }),
			"body-mismatch",
			"whole, but not the one",
		);
		unchanged(reader);
	});

	it("a plan larger than the slot, and a delta that would make it so", () => {
		const reader = running();
		const most = ((64 * 1024 - 5 * 4096) / 1024 - 1) * 63;
		const records = Array.from({ length: most + 1 }, (_, n) => open(n));
		assert.equal(reader.store.begin(signSnapshot(image(6, records), signing).envelope), "too-large");
		unchanged(reader);
		const full = image(6, records.slice(0, most));
		assert.equal(
			install(reader.store, signSnapshot(full, signing)),
			"done",
			"just as large as the slot is taken",
		);
		assert.equal(reader.store.applyDelta(signDelta(full, image(7, records), signing)), "too-large");
		assert.equal(reader.store.version, 6);
	});

	it("tables that are not well-formed, though signed", () => {
		const reader = running();
		const bad = { ...two, tables: image(6, [], { model: ALWAYS }).tables.fill(9, 6, 7) };
		assert.isUndefined(PlanTables.parse(bad.tables));
		assert.equal(install(reader.store, signSnapshot(bad, signing)), "bad-tables");
		assert.equal(
			reader.store.applyDelta(signDelta(one, { ...one, version: 6, tables: bad.tables }, signing)),
			"bad-tables",
		);
		unchanged(reader);
	});

	it("chunks without a beginning", () => {
		const reader = running();
		assert.equal(reader.store.write(new Uint8Array(10)), "no-install");
		assert.equal(reader.store.commit(), "no-install");
		unchanged(reader);
	});

	it("reserved fields that are not zero, names that are not ASCII, version 0, epoch 0 and beyond 2^21-1", () => {
		const reader = running();
		for (const change of [
			(p: Uint8Array): unknown => writeUint16(p, 42, 1),
			(p: Uint8Array): unknown => p.fill(0x80, 4, 5),
			(p: Uint8Array): unknown => p.fill(0x20, 12, 13),
			(p: Uint8Array): unknown => p.fill(0, 4, 12),
			(p: Uint8Array): unknown => writeUint32(p, 20, 0),
			(p: Uint8Array): unknown => writeUint32(p, 20, 0x20_0000),
			(p: Uint8Array): unknown => writeUint32(p, 24, 0),
			(p: Uint8Array): unknown => writeUint16(p, 40, 4097),
		]) {
			assert.equal(reader.store.begin(snapshotPayload(two, (p) => void change(p))), "malformed");
		}
		unchanged(reader);
	});

	it("random bytes: no exception from any decoder", () => {
		const { store } = running();
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
				store.begin(bytes);
				store.applyDelta(bytes);
				decodeSnapshot(bytes);
				decodeDelta(bytes);
				const tables = PlanTables.parse(bytes);
				tables?.mode(1_800_000_000);
			}),
			{ numRuns: 300 },
		);
	});

	it("tables of a later format are refused, and those with the clock's bound where they are cut", () => {
		const plain = image(1, [], { model: ALWAYS }).tables;
		const bounded = image(1, [], { model: { ...ALWAYS, maxClockError: 600 } }).tables;
		assert.equal(PlanTables.parse(plain)!.maxClockError, Number.POSITIVE_INFINITY);
		assert.equal(PlanTables.parse(bounded)!.maxClockError, 600);
		assert.equal(bounded.length, plain.length + 4);
		for (const format of [0, 3, 255])
			assert.isUndefined(PlanTables.parse(bounded.slice().fill(format, 0, 1)));
		// Read as the other format nothing is where it says.
		assert.isUndefined(PlanTables.parse(plain.slice().fill(2, 0, 1)));
		assert.isUndefined(PlanTables.parse(bounded.slice().fill(1, 0, 1)));
		for (let length = 0; length < bounded.length; length++)
			assert.isUndefined(PlanTables.parse(bounded.slice(0, length)), `${length} bytes`);
	});

	it("tables with any byte changed: refused, or used without an exception", () => {
		const good = image(1, [], {
			model: {
				...ALWAYS,
				zone: "CET-1CEST,M3.5.0,M10.5.0/3",
				shifts: [
					{ at: 100, offset: 3600 },
					{ at: 200, offset: 0 },
				],
				modes: [{ schedule: 0, mode: "unlocked" }],
				holidays: [{ year: 0, month: 12, day: 24, days: 3, kind: 1 }],
				schedules: [[{ days: 62, from: 480, to: 1020 }]],
			},
		}).tables;
		fc.assert(
			fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(0xffff_ffff), (at, value, now) => {
				const bytes = good.slice();
				bytes[at] = value;
				const tables = PlanTables.parse(bytes);
				if (tables === undefined) return;
				tables.mode(now);
				for (const plan of [0, 1, 2046]) {
					tables.need(plan);
					tables.admits(plan, now);
				}
			}),
			{ numRuns: 2000 },
		);
	});
});

describe("access plan: bit rot", () => {
	it("is noticed by the lookup that meets it, and by the scrub; the same version mends it", () => {
		const on = device(crypto, trust);
		let store = start(on);
		const snapshot = signSnapshot(many, signing);
		install(store, snapshot);
		const into = emptyEntry();
		store.lookup(id(1), into);
		// The page of credential 1 in flash: its id is there once.
		const at = find(on.flash.bytes, id(1));
		on.flash.bytes[at + 20]! ^= 0x10;
		store.lookup(id(1), into);
		assert.equal(into.kind, "damaged");
		assert.isTrue(store.damaged);
		store = start(on);
		assert.isFalse(store.damaged);
		for (let i = 0; i < 6; i++) store.work();
		assert.isTrue(store.damaged, "found by the scrub");
		assert.equal(install(store, snapshot), "done", "the same version again");
		assert.isFalse(store.damaged);
		assert.isTrue(store.lookup(id(1), into));
		assert.isTrue(start(on).lookup(id(1), into));
	});

	it("every bit of the slot in force: never another answer than the signed one, or none", () => {
		const on = device(crypto, trust, 2 * 7 * 4096);
		const store = start(on);
		install(store, signSnapshot(one, signing));
		store.applyDelta(signDelta(one, two, signing));
		const contents = on.flash.snapshot();
		const into = emptyEntry();
		let gone = 0;
		for (let at = 0; at < contents.length / 2; at += 1) {
			if (contents[at] === 0xff && at % 64 !== 0) continue;
			on.flash.restore(contents);
			on.flash.bytes[at]! ^= 1 << (at % 8);
			const rotten = start(on);
			if (rotten.absence !== undefined) {
				assert.equal(rotten.absence, "plan-damaged", `byte ${at}`);
				gone++;
				continue;
			}
			assert.equal(rotten.version, 6);
			for (const [n, kind] of [
				[1, "listed"],
				[2, "revoked"],
				[3, "listed"],
				[4, "absent"],
			] as const) {
				rotten.lookup(id(n), into);
				assert.include([kind, "damaged"], into.kind, `credential ${n}, byte ${at}`);
			}
		}
		assert.isAbove(gone, 100);
	});

	it("a page in another page's place is damage, though it is whole", () => {
		const on = device(crypto, trust);
		const store = start(on);
		const { body, envelope } = signSnapshot(many, signing);
		install(store, { image: many, envelope, body });
		const at = find(on.flash.bytes, body.subarray(1024, 1088));
		on.flash.bytes.copyWithin(at, at + 1024, at + 2048);
		const into = emptyEntry();
		const kinds = Array.from({ length: 200 }, (_, n) => {
			store.lookup(id(n), into);
			return into.kind;
		});
		assert.isAbove(kinds.filter((k) => k === "damaged").length, 50);
		assert.notInclude(kinds, "absent");
	});
});

function find(cells: Uint8Array, part: Uint8Array): number {
	for (let at = 0; at + part.length <= cells.length; at += 16) {
		if (crypto.equal(cells.subarray(at, at + part.length), part)) return at;
	}
	throw new Error("not in flash");
}

function indexOfMagic(envelope: Uint8Array): number {
	for (let at = 0; ; at++)
		if (envelope[at] === 0x4c && envelope[at + 1] === 0x50 && envelope[at + 2] === 0x44) return at;
}
