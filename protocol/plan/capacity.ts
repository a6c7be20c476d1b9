// SPDX-License-Identifier: Apache-2.0

import { PAGE, PAGE_DATA, RECORDS_PER_PAGE } from "./format.js";
import { geometry, SECTOR } from "./layout.js";

/** Credentials that a partition of `size` bytes holds beside tables of `tables` bytes. */
export function credentialCapacity(size: number, tables: number): number {
	const { bodyCapacity } = geometry({ size, sectorSize: SECTOR });
	const pages = Math.floor(bodyCapacity / PAGE) - Math.ceil(tables / PAGE_DATA);
	return Math.max(0, pages) * RECORDS_PER_PAGE;
}
