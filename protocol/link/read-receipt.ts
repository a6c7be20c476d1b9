// SPDX-License-Identifier: Apache-2.0

/** The phone's half of a receipt. */
import { CborError, CborReader } from "../cbor/reader.js";
import type { EadItem } from "../edhoc/ead.js";
import { type Decision, reasonOf } from "../reasons.js";
import { EAD_LIST_VERSION, EAD_RECEIPT } from "./receipt.js";

/** The decision among the items of EAD_4; `undefined` when the reader gave none, or one that this version lacks. */
export function decodeReceipt(items: readonly EadItem[]): Decision | undefined {
	const reason = reasonOf(numberIn(items, EAD_RECEIPT) ?? -1);
	return reason === undefined ? undefined : { granted: reason === "granted", reason };
}

/** The version of the reader's list among the items of EAD_4, 1 to 2^32-1; `undefined` when the reader gave none. */
export function decodeListVersion(items: readonly EadItem[]): number | undefined {
	const version = numberIn(items, EAD_LIST_VERSION);
	return version !== undefined && version > 0 && version <= 0xffff_ffff ? version : undefined;
}

function numberIn(items: readonly EadItem[], wanted: number): number | undefined {
	const item = items.find(({ label }) => label === wanted);
	if (item?.value === undefined) return undefined;
	try {
		const reader = new CborReader(item.value);
		const value = reader.int();
		reader.end();
		return value;
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
}
