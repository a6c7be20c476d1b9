// SPDX-License-Identifier: Apache-2.0

/** Notices, as anybody may send them: signed, and what is signed. */
import { decodeSign1 } from "../../../protocol/credential/cose.js";
import { decodeLockdown, isForDoor, MAX_LOCKDOWN, openLockdown } from "../../../protocol/notice/lockdown.js";
import { ITEM, MAX_ITEMS } from "../../../protocol/notice/notice.js";
import { decodeRevocation, openRevocation } from "../../../protocol/notice/revocation.js";
import { SeededRandom } from "../../../sim/random.js";
import { EPOCH } from "../../../sim/site.js";
import { signLockdown, signRevocation } from "../../../site/lib/notice/sign.js";
import { type FuzzTarget, never, target } from "../target.js";
import { crypto, site } from "../world.js";

const notice = { site: site.id, sequence: 7, issued: EPOCH };
const signing = { crypto, ...site.keys.signing };
const ids = [1, 2, 3].map((n) => new SeededRandom(n).bytes(ITEM));
const revocation = signRevocation(notice, ids, signing);
const lockdowns = [[], ["front", "back"]].map((doors) =>
	signLockdown({ ...notice, length: 3600, doors }, signing),
);
const payload = (signed: Uint8Array): Uint8Array => decodeSign1(signed).payload.slice();

export const NOTICE_TARGETS: readonly FuzzTarget[] = Object.freeze([
	target(
		"notice-signed",
		[revocation, ...lockdowns],
		never,
		(input) => {
			openRevocation(input, site.trust, "front", crypto);
			openLockdown(input, site.trust, "front", EPOCH, crypto);
		},
		{ share: 0.2 },
	),
	target("notice-revocation", [payload(revocation)], never, (input) => {
		const decoded = decodeRevocation(input);
		if (decoded === undefined) return;
		const { length } = decoded.ids;
		if (length === 0 || length % ITEM !== 0 || length > MAX_ITEMS * ITEM)
			throw new Error("ids that none can be");
	}),
	target("notice-lockdown", lockdowns.map(payload), never, (input) => {
		const decoded = decodeLockdown(input);
		if (decoded === undefined) return;
		isForDoor(decoded, "front");
		if (decoded.length === 0 || decoded.length > MAX_LOCKDOWN) throw new Error("a lockdown that none can be");
	}),
]);
