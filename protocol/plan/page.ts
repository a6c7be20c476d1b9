// SPDX-License-Identifier: Apache-2.0

import { equal, readUint16 } from "../bytes.js";
import type { Crypto } from "../crypto.js";
import { PAGE_CHECK, PAGE_CHECKED, PAGE_DATA } from "./format.js";

/** Whether `page` is page `number` of a body, undamaged. */
export function checkPage(number: number, page: Uint8Array, crypto: Crypto): boolean {
	if (readUint16(page, PAGE_DATA) > PAGE_DATA || readUint16(page, PAGE_DATA + 2) !== number) return false;
	const check = crypto.sha256(page.subarray(0, PAGE_CHECKED)).subarray(0, PAGE_CHECK);
	return equal(check, page.subarray(PAGE_CHECKED));
}

/** Writes the trailer of a page whose first `used` bytes are set; the rest of its data becomes 0xFF. */
export function closePage(number: number, used: number, page: Uint8Array, crypto: Crypto): void {
	page.fill(0xff, used, PAGE_DATA);
	page[PAGE_DATA] = used >>> 8;
	page[PAGE_DATA + 1] = used;
	page[PAGE_DATA + 2] = number >>> 8;
	page[PAGE_DATA + 3] = number;
	setCheck(page, crypto);
}

/** Writes the check of a page that has all but that. */
export function setCheck(page: Uint8Array, crypto: Crypto): void {
	page.set(crypto.sha256(page.subarray(0, PAGE_CHECKED)).subarray(0, PAGE_CHECK), PAGE_CHECKED);
}
