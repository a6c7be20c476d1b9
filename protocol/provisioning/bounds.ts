// SPDX-License-Identifier: Apache-2.0

/** The earliest time that a reader takes, seconds since 1970: 2020-01-01. */
export const MIN_TIME = 1_577_836_800;
export const MAX_TIME = 0xffff_ffff;

/** Bytes of a network's name (IEEE 802.11 9.4.2.2), and of a passphrase or its 64 hexadecimal digits. */
export const MAX_SSID = 32;
/** Shortest passphrase (WPA2), characters. */
export const MIN_PASSWORD = 8;
export const MAX_PASSWORD = 64;

/** Bytes of a trust list in one request or reply. */
export const MAX_LIST_PIECE = 512;

/** Bytes of a plan's envelope, of a piece of its body, or of a change, in one request. A longer change goes as a whole plan. */
export const MAX_PLAN_BYTES = 1200;
