// SPDX-License-Identifier: Apache-2.0

/** The version of the transaction, which a phone sends in front of message_1 over either link. */
export const VERSION = 2;

/** Bits of the first byte over BLE that hold the version. */
export const VERSION_MASK = 0x7f;
/** Bit of the same byte: the user acted in the app. A hint for the gate; `intent.ts` has what is signed. */
export const TAPPED = 0x80;
