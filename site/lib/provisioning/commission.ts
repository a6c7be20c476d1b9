// SPDX-License-Identifier: Apache-2.0

import { ID_LENGTH, issueCredential } from "../../../protocol/credential/credential.js";
import type { Member, MessageKey } from "../../../protocol/provisioning/messages.js";
import type { SiteKey } from "../site-key.js";

/** What makes a reader with these keys the one of `door`: the site's key to believe, and a credential for each of its own. */
export function memberOf(
	site: SiteKey,
	door: string,
	keys: readonly MessageKey[],
	randomBytes: (length: number) => Uint8Array,
): Member {
	return {
		site: site.site,
		door,
		keys: site.trust.keys.map(({ algorithm, publicKey, kid }) => ({
			algorithm,
			publicKey,
			...(kid && { kid }),
		})),
		credentials: keys.map((key) =>
			issueCredential({ issuer: site.site, subject: door, id: randomBytes(ID_LENGTH), key }, site.signer, {
				kid: site.kid,
			}),
		),
	};
}
