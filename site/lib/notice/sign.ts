// SPDX-License-Identifier: Apache-2.0

import { utf8Encode, writeUint32 } from "../../../protocol/bytes.js";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import { isDoorId, isSiteId } from "../../../protocol/credential/names.js";
import {
	decodeLockdown,
	LOCKDOWN_FIXED,
	lockdownContext,
	MAGIC_LOCKDOWN,
} from "../../../protocol/notice/lockdown.js";
import { ITEM, MAX_ITEMS, NOTICE_FIXED, type Notice } from "../../../protocol/notice/notice.js";
import {
	decodeRevocation,
	MAGIC_REVOCATION,
	revocationContext,
} from "../../../protocol/notice/revocation.js";
import type { Signing } from "../plan/encode.js";

/** The site's side of `protocol/notice`. The epoch is that of who signs. Each throws RangeError where no reader would take it. */

export type NoticeModel = Omit<Notice, "epoch">;

export interface LockdownModel extends NoticeModel {
	/** Seconds, 1 to 86,400. */
	readonly length: number;
	/** Absent: all. */
	readonly doors?: readonly string[];
}

/** `ids`: 8 bytes each, 1 to 100. */
export function signRevocation(notice: NoticeModel, ids: readonly Uint8Array[], by: Signing): Uint8Array {
	if (!ids.every(({ length }) => length === ITEM)) throw new RangeError("an id is 8 bytes");
	const payload = new Uint8Array(NOTICE_FIXED + ids.length * ITEM);
	writeHead(payload, MAGIC_REVOCATION, notice, by);
	ids.forEach((id, i) => {
		payload.set(id, NOTICE_FIXED + i * ITEM);
	});
	if (decodeRevocation(payload) === undefined)
		throw new RangeError(`a revocation of ${ids.length} credentials that no reader takes`);
	return seal(payload, revocationContext(), by);
}

export function signLockdown(notice: LockdownModel, by: Signing): Uint8Array {
	const { doors = [], length } = notice;
	const payload = new Uint8Array(LOCKDOWN_FIXED + doors.length * ITEM);
	writeHead(payload, MAGIC_LOCKDOWN, notice, by);
	writeUint32(payload, NOTICE_FIXED, length);
	doors.forEach((door, i) => {
		if (!isDoorId(door)) throw new RangeError(`${door} is no door's identifier`);
		payload.set(utf8Encode(door), LOCKDOWN_FIXED + i * ITEM);
	});
	if (decodeLockdown(payload) === undefined)
		throw new RangeError(`a lockdown of ${length} s at ${doors.length} doors that no reader takes`);
	return seal(payload, lockdownContext(), by);
}

/** The revocations of `ids`, as many as they need, from `notice.sequence` on. */
export function signRevocations(notice: NoticeModel, ids: readonly Uint8Array[], by: Signing): Uint8Array[] {
	const signed: Uint8Array[] = [];
	for (let at = 0; at < ids.length; at += MAX_ITEMS) {
		const sequence = notice.sequence + signed.length;
		signed.push(signRevocation({ ...notice, sequence }, ids.slice(at, at + MAX_ITEMS), by));
	}
	return signed;
}

function writeHead(bytes: Uint8Array, magic: number, notice: NoticeModel, { epoch }: Signing): void {
	if (!isSiteId(notice.site)) throw new RangeError(`"${notice.site}" is no site's identifier`);
	writeUint32(bytes, 0, magic);
	bytes.set(utf8Encode(notice.site), 4);
	writeUint32(bytes, 12, epoch);
	writeUint32(bytes, 16, notice.sequence);
	writeUint32(bytes, 20, notice.issued);
}

function seal(payload: Uint8Array, externalAad: Uint8Array, { kid, signer }: Signing): Uint8Array {
	return encodeSign1(payload, signer, { tagged: true, externalAad, kid });
}
