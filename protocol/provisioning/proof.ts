// SPDX-License-Identifier: Apache-2.0

import { concat, utf8Encode } from "../bytes.js";
import type { Crypto } from "../crypto.js";

/** Bytes of a share: a public key of X25519, drawn for one session, and so each end's challenge to the other. */
export const SHARE = 32;

/** What both ends know once each has told its share. */
export interface Shares {
	/** 8 bytes. */
	readonly client: Uint8Array;
	readonly clientShare: Uint8Array;
	readonly readerShare: Uint8Array;
	/** The reader's Ed25519 key. */
	readonly reader: Uint8Array;
}

/** What the reader signs by its Ed25519 key, before anything is proved to it. */
export function readerMessage(shares: Shares): Uint8Array {
	return message("lintel reader 2", shares);
}

/** What a client signs by Ed25519 to prove its authority: bound to this reader, this client and these shares. */
export function proofMessage(shares: Shares): Uint8Array {
	return message("lintel authority 2", shares);
}

/** The key of a session's seals. `shared`: what X25519 makes of one end's secret and the other's share. */
export function sessionKey(crypto: Crypto, shared: Uint8Array, shares: Shares): Uint8Array {
	return crypto.hmacSha256(shared, message("lintel session 2", shares));
}

function message(context: string, { client, clientShare, reader, readerShare }: Shares): Uint8Array {
	return concat(utf8Encode(context), clientShare, readerShare, reader, client);
}
