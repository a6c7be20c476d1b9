// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { writeUint32 } from "../../../protocol/bytes.js";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import {
	decodeLockdown,
	isForDoor,
	type LockdownNotice,
	lockdownContext,
	openLockdown,
} from "../../../protocol/notice/lockdown.js";
import { MAX_NOTICE } from "../../../protocol/notice/notice.js";
import {
	decodeRevocation,
	openRevocation,
	type Revocation,
	revocationContext,
} from "../../../protocol/notice/revocation.js";
import { planContext } from "../../../protocol/plan/format.js";
import { encodeMessage } from "../../../protocol/sync/messages.js";
import { practiceKeys } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import { signLockdown, signRevocation, signRevocations } from "../../../site/lib/notice/sign.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const NOW = 1_800_000_000;
const pair = crypto.ed25519KeyPair(new Uint8Array(32).fill(1));
const keys = practiceKeys("ACME", pair, crypto);
const by = { crypto, ...keys.signing };
const notice = { site: "ACME", sequence: 3, issued: NOW };
const ids = (count: number): Uint8Array[] =>
	Array.from({ length: count }, (_, n) => new SeededRandom(n).bytes(8));

/** Signed as it is, with no look at it. */
const sealed = (payload: Uint8Array, externalAad: Uint8Array): Uint8Array =>
	encodeSign1(payload, by.signer, { tagged: true, externalAad, kid: by.kid });

const revoked = (signed: Uint8Array, trust = keys.trust): Revocation | string =>
	openRevocation(signed, trust, "front", crypto);
const locked = (signed: Uint8Array, trust = keys.trust): LockdownNotice | string =>
	openLockdown(signed, trust, "front", NOW, crypto);

/** Payload of a revocation of one id, with 4 bytes changed. */
function changed(at: number, value: number): Uint8Array {
	const payload = new Uint8Array(32);
	payload.set([0x4c, 0x4e, 0x52, 0x31, 0x41, 0x43, 0x4d, 0x45]);
	writeUint32(payload, 12, 1);
	writeUint32(payload, 16, 1);
	writeUint32(payload, at, value);
	return payload;
}

describe("revocation notice", () => {
	it("is read as it was signed, by each provider, and by this key alone", () => {
		const signed = signRevocation(notice, ids(2), by);
		for (const provider of providers) {
			const opened = openRevocation(signed, keys.trust, "front", provider) as Revocation;
			const { epoch, sequence, issued, site } = opened;
			assert.deepEqual({ epoch, sequence, issued, site }, { epoch: 1, ...notice });
			assert.deepEqual(opened.ids, Uint8Array.from(ids(2).flatMap((id) => [...id])));
			const forged = signed.slice();
			forged[forged.length - 1]! ^= 1;
			assert.equal(openRevocation(forged, keys.trust, "front", provider), "bad-signature");
		}
	});

	it("travels whole with as many ids as it may have, and no more", () => {
		const signed = signRevocation({ ...notice, site: "ACME0001" }, ids(100), by);
		assert.isAtMost(signed.length, MAX_NOTICE);
		assert.isAbove(encodeMessage({ name: "notice", id: 1, envelope: signed }).length, signed.length);
		for (const count of [0, 101]) assert.throws(() => signRevocation(notice, ids(count), by), RangeError);
		const all = signRevocations(notice, ids(250), by).map((one) => revoked(one) as Revocation);
		assert.deepEqual(
			all.map(({ sequence, ids: { length } }) => [sequence, length / 8]),
			[
				[3, 100],
				[4, 100],
				[5, 50],
			],
		);
	});

	it("is refused where it is out of its bounds, or another kind of thing", () => {
		assert.isDefined(decodeRevocation(changed(16, 1)));
		for (const payload of [
			changed(0, 0x4c4e4c31),
			changed(4, 0),
			changed(12, 0),
			changed(12, 0x20_0000),
			changed(16, 0),
			changed(16, 1).subarray(0, 31),
			changed(16, 1).subarray(0, 24),
			new Uint8Array(33),
		])
			assert.isUndefined(decodeRevocation(payload));
		assert.equal(revoked(sealed(changed(12, 0), revocationContext())), "malformed");
		assert.equal(revoked(new Uint8Array(MAX_NOTICE + 1)), "malformed");
		assert.equal(revoked(Uint8Array.of(1, 2, 3)), "malformed");
		for (const context of [planContext(), lockdownContext()])
			assert.equal(revoked(sealed(changed(16, 1), context)), "bad-signature");
	});

	it("is of the site and the epoch of the list", () => {
		assert.equal(revoked(signRevocation({ ...notice, site: "OTHER" }, ids(1), by)), "wrong-site");
		for (const epoch of [1, 3])
			assert.equal(
				revoked(
					signRevocation(notice, ids(1), { ...by, epoch }),
					practiceKeys("ACME", pair, crypto, [], 2).trust,
				),
				"wrong-epoch",
			);
	});
});

describe("lockdown notice", () => {
	it("is read as it was signed, and says for which doors it is", () => {
		const some = locked(
			signLockdown({ ...notice, length: 60, doors: ["front", "back"] }, by),
		) as LockdownNotice;
		const { epoch, sequence, issued, site, length } = some;
		assert.deepEqual({ epoch, sequence, issued, site, length }, { epoch: 1, ...notice, length: 60 });
		assert.deepEqual(
			["front", "back", "fron", "front2", ""].map((door) => isForDoor(some, door)),
			[true, true, false, false, false],
		);
		const all = locked(signLockdown({ ...notice, length: 86_400 }, by)) as LockdownNotice;
		assert.isTrue(isForDoor(all, "any"));
	});

	it("travels whole with as many doors as it may have, and no more", () => {
		const doors = (count: number) => Array.from({ length: count }, (_, n) => `door-${n}`);
		const signed = signLockdown({ ...notice, length: 60, doors: doors(100) }, by);
		assert.isAtMost(signed.length, MAX_NOTICE);
		assert.isTrue(isForDoor(locked(signed) as LockdownNotice, "door-99"));
		assert.throws(() => signLockdown({ ...notice, length: 60, doors: doors(101) }, by), RangeError);
	});

	it("is refused where it has no end, none within a day, or a door without a name", () => {
		for (const length of [0, 86_401, 2 ** 32 - 1])
			assert.throws(() => signLockdown({ ...notice, length }, by), RangeError);
		const payload = new Uint8Array(36);
		payload.set(changed(16, 1).subarray(0, 24));
		writeUint32(payload, 0, 0x4c4e4c31);
		writeUint32(payload, 24, 60);
		payload[28] = 0x41;
		assert.isDefined(decodeLockdown(payload));
		payload[28] = 0;
		assert.isUndefined(decodeLockdown(payload));
		for (const length of [24, 27, 35]) assert.isUndefined(decodeLockdown(payload.subarray(0, length)));
		assert.equal(locked(sealed(payload, lockdownContext())), "malformed");
		assert.equal(locked(sealed(payload.subarray(0, 28), revocationContext())), "bad-signature");
	});

	it("is of the site and the epoch of the list", () => {
		const model = { ...notice, length: 60 };
		assert.equal(locked(signLockdown({ ...model, site: "OTHER" }, by)), "wrong-site");
		assert.equal(locked(signLockdown(model, { ...by, epoch: 2 })), "wrong-epoch");
	});
});
