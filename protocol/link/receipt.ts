// SPDX-License-Identifier: Apache-2.0

/**
 * What the phone is told in message_4, protected, as EAD items (RFC 9528 3.8) whose value is a CBOR unsigned integer: the number of the
 * reason (`protocol/reasons.ts`), 0 for granted, and the version of the trust list that the reader has.
 */
import { CborWriter } from "../cbor/writer.js";
import { REASONS, type Reason } from "../reasons.js";

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
