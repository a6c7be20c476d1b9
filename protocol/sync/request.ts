// SPDX-License-Identifier: Apache-2.0

import { CborError, CborReader } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import type { EadItem } from "../edhoc/ead.js";
import { EdhocError } from "../edhoc/errors.js";
import { VERSION } from "./bounds.js";

/**
 * What makes an EDHOC session one of sync: a critical item in EAD_1, so that no other responder goes on with it. Unassigned in the
 * registry, which has no range for private use: "LS".
 */
export const EAD_SYNC = 0x4c53;

export function syncRequest(version = VERSION): EadItem[] {
	return [{ label: EAD_SYNC, critical: true, value: new CborWriter(8).int(version).take() }];
}

/** Throws `EdhocError` "wrong-version" unless EAD_1 has this item, critical, once, and with our version. */
export function checkRequest(ead: readonly EadItem[]): void {
	const items = ead.filter(({ label }) => label === EAD_SYNC);
	const [item] = items;
	if (items.length !== 1 || !item!.critical || versionIn(item!) !== VERSION)
		throw new EdhocError("wrong-version", { detail: "sync" });
}

function versionIn({ value }: EadItem): number | undefined {
	if (value === undefined) return undefined;
	try {
		const reader = new CborReader(value);
		const version = reader.uint();
		reader.end();
		return version;
	} catch (error) {
		if (error instanceof CborError) return undefined;
		throw error;
	}
}
