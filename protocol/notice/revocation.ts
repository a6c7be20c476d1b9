// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../crypto.js";
import type { TrustKey, TrustList } from "../trust/list.js";
import { openSigned } from "../trust/signed.js";
import {
	decodeNotice,
	itemsOf,
	MAX_NOTICE,
	NOTICE_FIXED,
	type Notice,
	type NoticeRefusal,
	notForSite,
} from "./notice.js";

/** Credentials that open no door of the site any more, ever: an id that was in one never returns. */
export const MAGIC_REVOCATION = 0x4c4e5231;

export interface Revocation extends Notice {
	/** One behind the other, 8 bytes each; a view. */
	readonly ids: Uint8Array;
}

/** "lintel revocation", bound into the signature as external_aad. */
export function revocationContext(): Uint8Array {
	return Uint8Array.of(
		...[0x6c, 0x69, 0x6e, 0x74, 0x65, 0x6c, 0x20],
		...[0x72, 0x65, 0x76, 0x6f, 0x63, 0x61, 0x74, 0x69, 0x6f, 0x6e],
	);
}

/** `undefined` where it is none. */
export function decodeRevocation(payload: Uint8Array): Revocation | undefined {
	const notice = decodeNotice(payload, MAGIC_REVOCATION);
	const ids = itemsOf(payload, NOTICE_FIXED);
	return notice && ids && ids.length > 0 ? { ...notice, ids } : undefined;
}

/**
 * Opens a notice that came in. A key with the role `plan` for this door has signed it; that the key has ended since takes nothing from
 * it, as that only its theft would.
 */
export function openRevocation(
	signed: Uint8Array,
	trust: TrustList,
	door: string,
	crypto: Crypto,
): Revocation | NoticeRefusal {
	if (signed.length > MAX_NOTICE) return "malformed";
	const payload = openSigned(signed, revocationContext(), trust, crypto, (key) => refusalOf(key, door));
	if (typeof payload === "string") return payload;
	const notice = decodeRevocation(payload);
	return notice === undefined ? "malformed" : (notForSite(notice, trust) ?? notice);
}

function refusalOf(key: TrustKey, door: string): NoticeRefusal | undefined {
	const refusal = key.refusal("plan", door);
	return refusal === "key-ended" ? undefined : refusal;
}
