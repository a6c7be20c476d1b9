// SPDX-License-Identifier: Apache-2.0

import { issueCredential } from "../../../protocol/credential/credential.js";
import type { Member, MessageKey } from "../../../protocol/provisioning/messages.js";
import type { SigningKey } from "../site-keys.js";

/**
 * What makes a reader with these keys the one of `door` of `site`, whose lists it has: a credential for each of its own by `by`,
 * all with one `id` (8 random bytes), by which the site revokes the reader.
 */
export function memberOf(
	site: string,
	by: SigningKey,
	door: string,
	keys: readonly MessageKey[],
	id: Uint8Array,
): Member {
	return {
		door,
		credentials: keys.map((key) => issueCredential({ issuer: site, subject: door, id, key }, by.signer)),
	};
}
