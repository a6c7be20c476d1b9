// SPDX-License-Identifier: Apache-2.0

import { concat, utf8Encode } from "../bytes.js";

/** What a client signs by Ed25519 to prove its authority: bound to this reader, this client and this challenge. */
export function proofMessage(challenge: Uint8Array, reader: Uint8Array, client: Uint8Array): Uint8Array {
	return concat(utf8Encode("lintel authority 1"), challenge, reader, client);
}
