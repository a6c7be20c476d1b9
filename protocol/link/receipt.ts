// SPDX-License-Identifier: Apache-2.0

/**
 * What the phone is told in message_4, protected: an EAD item (RFC 9528 3.8) whose value is the number of the reason
 * (`protocol/reasons.ts`) as a CBOR unsigned integer; 0 is granted.
 */
import { CborError, CborReader } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import type { EadItem } from "../edhoc/ead.js";
import { type Decision, REASONS, type Reason, reasonOf } from "../reasons.js";

/** Unassigned in the EDHOC External Authorization Data registry, which has no range for private use: "LT". */
export const EAD_RECEIPT = 0x4c54;

/** The item for EAD_4. It is not critical, so that a phone without support for it completes the transaction. */
export function encodeReceipt(reason: Reason): EadItem {
	return { label: EAD_RECEIPT, critical: false, value: new CborWriter(4).int(REASONS[reason]).take() };
}

/** The decision among the items of EAD_4; `undefined` when the reader gave none, or one that this version lacks. */
export function decodeReceipt(items: readonly EadItem[]): Decision | undefined {
	const item = items.find(({ label }) => label === EAD_RECEIPT);
	if (item?.value === undefined) return undefined;
	try {
		const reader = new CborReader(item.value);
		const code = reader.int();
		reader.end();
		const reason = reasonOf(code);
		return reason === undefined ? undefined : { granted: reason === "granted", reason };
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
}
