// SPDX-License-Identifier: Apache-2.0

import { CborError, type CborReader, MAJOR } from "../cbor/reader.js";
import type { CborWriter } from "../cbor/writer.js";
import { EdhocError } from "./errors.js";

/** External authorization data (RFC 9528 3.8): items with a label, critical when it is sent negative. */

export interface EadItem {
	/** The absolute value, 0 to 65535; 0 is padding. The registry (RFC 9528 10.5) has no range for private use. */
	readonly label: number;
	/** A receiver that does not know the label must end the session. */
	readonly critical: boolean;
	readonly value?: Uint8Array;
}

export const EAD_PADDING = 0;
const MAX_LABEL = 65535;
/** Items in one field. */
const MAX_ITEMS = 16;

/**
 * Reads the rest of a message as EAD. Padding is dropped; unknown items that are not critical are kept for the application
 * to ignore. `known`: the labels that the application understands. Throws `EdhocError` "critical-ead", or `CborError`.
 */
export function readEad(reader: CborReader, known: readonly number[]): readonly EadItem[] {
	const items: EadItem[] = [];
	for (let count = 0; reader.left > 0; count++) {
		if (count === MAX_ITEMS) throw new CborError("too-long");
		const signed = reader.int();
		const label = Math.abs(signed);
		const critical = signed < 0;
		if (label > MAX_LABEL) throw new CborError("out-of-range");
		const value = reader.peek() === MAJOR.bytes ? reader.bytes() : undefined;
		if (label === EAD_PADDING) continue;
		if (critical && !known.includes(label)) throw new EdhocError("critical-ead");
		items.push(value === undefined ? { label, critical } : { label, critical, value });
	}
	return items;
}

/** RangeError for a label out of bounds, or critical padding. */
export function writeEad(writer: CborWriter, items: readonly EadItem[]): void {
	for (let i = 0; i < items.length; i++) {
		const { label, critical, value } = items[i]!;
		if (!(Number.isInteger(label) && label >= 0 && label <= MAX_LABEL) || (critical && label === 0))
			throw new RangeError("EAD label");
		writer.int(critical ? -label : label);
		if (value !== undefined) writer.bytes(value);
	}
}
