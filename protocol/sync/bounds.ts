// SPDX-License-Identifier: Apache-2.0

/** Sizes of what a reader and its site's server say to each other. `docs/formats/sync.md` has the bytes. */

/** Version of the session, in EAD_1, in the exporter's context and in each record's AAD. */
export const VERSION = 1;

/** Bytes of anything that travels, at most: what is longer is refused unread. */
export const MAX_FRAME = 1024;
/** Bytes before a record's ciphertext: type and counter. */
export const RECORD_HEAD = 5;
export const TAG = 16;
/** Bytes of the message in a record, at most. */
export const MAX_CONTENT = MAX_FRAME - RECORD_HEAD - TAG;
/** Bytes of a piece of a blob or of a trust list, at most. */
export const MAX_PIECE = 896;
/** Bytes of a delta or another signed object that travels whole, at most. */
export const MAX_WHOLE = 960;
/** Records of the log in one message, at most. */
export const LOG_RECORDS = 24;

/** Bytes of a session's id. */
export const SESSION_ID = 8;
/** A session ends after so many seconds, and a new one begins. */
export const SESSION_LIFE = 86_400;
/** A command is for now: one whose end is more than so many ms ahead is refused. */
export const MAX_AHEAD = 10_000;
/** Longest time for which a command opens or shows, s. */
export const MAX_OPEN = 60;
/** Time is taken where the answer came within so many ms. */
export const TIME_ROUND_TRIP = 2000;
