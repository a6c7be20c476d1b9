// SPDX-License-Identifier: Apache-2.0

import { CborWriter } from "../cbor/writer.js";
import type { EadItem } from "../edhoc/ead.js";
import { VERSION } from "./bounds.js";

/**
 * What makes an EDHOC session one of sync: a critical item in EAD_1, so that no other responder goes on with it. Unassigned in the
 * registry, which has no range for private use: "LS".
 */
export const EAD_SYNC = 0x4c53;

export function syncRequest(version = VERSION): EadItem[] {
	return [{ label: EAD_SYNC, critical: true, value: new CborWriter(8).int(version).take() }];
}
