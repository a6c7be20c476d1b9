// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../protocol/bytes.js";
import { EDDSA } from "../../protocol/credential/cose.js";
import type { Trust } from "../../protocol/credential/credential.js";

/**
 * What a site gives a phone's app so that it may open doors, as JSON; byte fields are hexadecimal. Nothing in it is secret: the
 * phone has the key that the credential is about. `docs/phone-app.md` describes it.
 */
export interface Invitation {
	/** The format's version. */
	readonly invitation: 1;
	readonly site: string;
	/** The keys of readers' credentials, Ed25519, 32 bytes each. */
	readonly siteKeys: readonly string[];
	/** The CWT that the site signed over the phone's public key. */
	readonly credential: string;
}

export function invitationOf({ site, keys }: Trust, credential: Uint8Array): Invitation {
	const siteKeys = keys
		.filter(({ algorithm }) => algorithm === EDDSA)
		.map(({ publicKey }) => toHex(publicKey));
	return { invitation: 1, site, siteKeys, credential: toHex(credential) };
}
