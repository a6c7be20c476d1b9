/** The version of the transaction that this reader speaks: what a phone says first, over either link. */
export const VERSION = 1;

/** First byte of the message of kind 1: the version, and in bit 7 that the user acted. */
export const VERSION_MASK = 0x7f;
export const TAPPED = 0x80;
