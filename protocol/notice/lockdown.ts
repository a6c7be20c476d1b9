// SPDX-License-Identifier: Apache-2.0

import { readUint32 } from "../bytes.js";
import { isName, readName } from "../credential/names.js";
import type { Crypto } from "../crypto.js";
import type { TrustList } from "../trust/list.js";
import { openSigned } from "../trust/signed.js";
import {
	decodeNotice,
	ITEM,
	itemsOf,
	MAX_NOTICE,
	NOTICE_FIXED,
	type Notice,
	type NoticeRefusal,
	notForSite,
} from "./notice.js";

/** Doors that are locked down until an end. */
export const MAGIC_LOCKDOWN = 0x4c4e4c31;
export const LOCKDOWN_FIXED = NOTICE_FIXED + 4;
/** Longest lockdown, s. */
export const MAX_LOCKDOWN = 86_400;

export interface LockdownNotice extends Notice {
	/** Seconds that it lasts from `issued` on; from its receipt, where the reader does not know the time. */
	readonly length: number;
	/** Names of doors, 8 bytes each, padded with NUL; none: all doors. A view. */
	readonly doors: Uint8Array;
}

/** "lintel lockdown", bound into the signature as external_aad. */
export function lockdownContext(): Uint8Array {
	return Uint8Array.of(
		...[0x6c, 0x69, 0x6e, 0x74, 0x65, 0x6c, 0x20],
		...[0x6c, 0x6f, 0x63, 0x6b, 0x64, 0x6f, 0x77, 0x6e],
	);
}

/** `undefined` where it is none. */
export function decodeLockdown(payload: Uint8Array): LockdownNotice | undefined {
	const notice = payload.length < LOCKDOWN_FIXED ? undefined : decodeNotice(payload, MAGIC_LOCKDOWN);
	const doors = itemsOf(payload, LOCKDOWN_FIXED);
	if (notice === undefined || doors === undefined) return undefined;
	const length = readUint32(payload, NOTICE_FIXED);
	if (length === 0 || length > MAX_LOCKDOWN) return undefined;
	for (let at = 0; at < doors.length; at += ITEM) if (readName(doors, at) === undefined) return undefined;
	return { ...notice, length, doors };
}

/** Whether it is about `door`. */
export function isForDoor({ doors }: LockdownNotice, door: string): boolean {
	for (let at = 0; at < doors.length; at += ITEM) if (isName(doors, at, door)) return true;
	return doors.length === 0;
}

/** The end of one that comes `now`, as a reader keeps it: seconds since 1970, or its length where that time is unknown. */
export function endOf(
	{ issued, length }: Pick<LockdownNotice, "issued" | "length">,
	now: number | undefined,
): number {
	return now === undefined ? length : issued + length;
}

/** Milliseconds that are left until such an end; as long as one may last, where the time is unknown by now. */
export function msLeft(end: number, now: number | undefined): number {
	if (end <= MAX_LOCKDOWN) return end * 1000;
	return Math.max(0, Math.min(MAX_LOCKDOWN, now === undefined ? MAX_LOCKDOWN : end - now)) * 1000;
}

/**
 * Opens a notice that came in: a key with the role `plan` for this door has signed it and may still do so. `now`: seconds since 1970;
 * where that is unknown the key is believed all the same, since a lockdown ends by itself.
 */
export function openLockdown(
	signed: Uint8Array,
	trust: TrustList,
	door: string,
	now: number | undefined,
	crypto: Crypto,
): LockdownNotice | NoticeRefusal {
	if (signed.length > MAX_NOTICE) return "malformed";
	const payload = openSigned(signed, lockdownContext(), trust, crypto, (key) =>
		key.refusalAt("plan", door, now ?? 0),
	);
	if (typeof payload === "string") return payload;
	const notice = decodeLockdown(payload);
	return notice === undefined ? "malformed" : (notForSite(notice, trust) ?? notice);
}
