// SPDX-License-Identifier: Apache-2.0

import { ID_LENGTH, issueCredential } from "../../../protocol/credential/credential.js";
import type { Member, MessageKey } from "../../../protocol/provisioning/messages.js";
import type { SigningKey } from "../site-keys.js";

/** What makes a reader with these keys the one of `door` of `site`, whose lists it has: a credential for each of its own by `by`. */
export function memberOf(
	site: string,
	by: SigningKey,
	door: string,
	keys: readonly MessageKey[],
	randomBytes: (length: number) => Uint8Array,
): Member {
	return {
		door,
		credentials: keys.map((key) =>
			issueCredential({ issuer: site, subject: door, id: randomBytes(ID_LENGTH), key }, by.signer),
		),
	};
}
