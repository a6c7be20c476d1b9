// SPDX-License-Identifier: Apache-2.0

import { readUint32 } from "../bytes.js";
import { readName } from "../credential/names.js";
import { type KeyRefusal, MAX_EPOCH, type TrustList } from "../trust/list.js";
import type { SignedRefusal } from "../trust/signed.js";

/**
 * A notice forbids, for the whole site, and needs no session: whoever carries it may keep it and say it again. All numbers are big-endian.
 * `docs/formats/notice.md` shows both kinds with vectors.
 *
 * magic (4), site (8, padded with NUL), epoch (4), sequence (4), issued (4), then what the kind is about.
 */
export const NOTICE_FIXED = 24;
/** Bytes of a signed notice at most, so that it travels whole: `MAX_WHOLE` of a session. */
export const MAX_NOTICE = 960;
/** Ids of a revocation, and doors of a lockdown, at most. */
export const MAX_ITEMS = 100;
/** Bytes of either. */
export const ITEM = 8;

/** Why a notice was refused. What the reader has of the others stays. */
export type NoticeRefusal =
	| SignedRefusal
	/** Another site's. */
	| "wrong-site"
	/** Of another epoch than the site's trust list. */
	| "wrong-epoch"
	| KeyRefusal;

/** What both kinds begin with. */
export interface Notice {
	readonly site: string;
	/** That of the site's trust list, from 1; sequences begin anew with each. */
	readonly epoch: number;
	/** Rises by one with each notice of its kind, 1 to 2^32-1. */
	readonly sequence: number;
	/** Seconds since 1970. */
	readonly issued: number;
}

/** `undefined` where it is no such notice. */
export function decodeNotice(payload: Uint8Array, magic: number): Notice | undefined {
	if (payload.length < NOTICE_FIXED || readUint32(payload, 0) !== magic) return undefined;
	const site = readName(payload, 4);
	const epoch = readUint32(payload, 12);
	const sequence = readUint32(payload, 16);
	if (site === undefined || epoch === 0 || epoch > MAX_EPOCH || sequence === 0) return undefined;
	return { site, epoch, sequence, issued: readUint32(payload, 20) };
}

/** The items behind `from`; `undefined` where they are not whole, or too many. */
export function itemsOf(payload: Uint8Array, from: number): Uint8Array | undefined {
	const items = payload.subarray(from);
	return items.length % ITEM === 0 && items.length <= MAX_ITEMS * ITEM ? items : undefined;
}

/** Why a notice is not for this reader; `undefined` where it is. */
export function notForSite(notice: Notice, trust: TrustList): "wrong-site" | "wrong-epoch" | undefined {
	if (notice.site !== trust.site) return "wrong-site";
	return notice.epoch === trust.epoch ? undefined : "wrong-epoch";
}
