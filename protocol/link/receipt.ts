// SPDX-License-Identifier: Apache-2.0

/**
 * What the phone is told in message_4, protected, as EAD items (RFC 9528 3.8) whose value is a CBOR unsigned integer: the number of the
 * reason (`protocol/reasons.ts`), 0 for granted, and the version of the trust list that the reader has.
 */
import { CborError, CborReader } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import type { EadItem } from "../edhoc/ead.js";
import { type Decision, REASONS, type Reason, reasonOf } from "../reasons.js";

/** Unassigned in the EDHOC External Authorization Data registry, which has no range for private use: "LT". */
export const EAD_RECEIPT = 0x4c54;
/** The same: "LV". A list itself does not fit a tap; the phone fetches a newer one from the site. */
export const EAD_LIST_VERSION = 0x4c56;

/** EAD_4 as it is sent. Its items are not critical, so that a phone without support for them completes the transaction. */
export function encodeReceipt(reason: Reason, listVersion: number): Uint8Array {
	const writer = new CborWriter(24);
	writeItem(writer, EAD_RECEIPT, REASONS[reason]);
	writeItem(writer, EAD_LIST_VERSION, listVersion);
	return writer.view();
}

function writeItem(writer: CborWriter, label: number, value: number): void {
	const from = writer.int(label).length;
	writer.int(value).wrapFrom(from);
}

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
