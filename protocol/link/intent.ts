// SPDX-License-Identifier: Apache-2.0

/**
 * Intent, signed: in EAD_2 the reader says what its door wants of a phone over BLE, in EAD_3 the phone what was done to open. Both
 * are EAD items (RFC 9528 3.8) whose value is one small CBOR unsigned integer. What stands in clear in front of message_1
 * is for the gate alone: who carries it can change it.
 */
import type { EadItem } from "../edhoc/ead.js";

/** Unassigned in the EDHOC External Authorization Data registry, which has no range for private use: "LI". */
export const EAD_INTENT = 0x4c49;

/** What was done to open. A phone that was held to a reader says so too, so that no session is carried to the other radio. */
export const ACT = Object.freeze({
	/** Over BLE, by the phone itself. */
	none: 0,
	/** Over BLE, the user acted in the app. */
	app: 1,
	/** Over NFC. */
	nfc: 2,
} as const);

export type Act = keyof typeof ACT;

/** Bits of what a door wants: of nearness and an act both, unless one is enough. */
export const DEMAND = Object.freeze({ near: 1, tap: 2, either: 4 } as const);

/** The item, critical: a peer that does not know it must end the session. */
export function encodeIntent(value: number): EadItem {
	return { label: EAD_INTENT, critical: true, value: Uint8Array.of(value) };
}

/** The value among the items of EAD_2 or EAD_3; `undefined` where there is none, or no integer from 0 to 23 (one byte). */
export function decodeIntent(items: readonly EadItem[]): number | undefined {
	for (let i = 0; i < items.length; i++) {
		const { label, value } = items[i]!;
		if (label === EAD_INTENT) return value?.length === 1 && value[0]! < 24 ? value[0] : undefined;
	}
	return undefined;
}

/** Whether the act is enough for the door, as far as the phone can tell: it does not know how near it is. */
export function isActEnough(demand: number, act: Act): boolean {
	return (demand & (DEMAND.tap | DEMAND.either)) !== DEMAND.tap || act === "app";
}
