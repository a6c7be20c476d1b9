// SPDX-License-Identifier: Apache-2.0

/** What a site gives a phone's app so that it may open doors, here with the phone's own key too: a simulated site makes it. */
import { toHex } from "../protocol/bytes.js";
import type { PhoneKind } from "./people.js";
import type { World } from "./world.js";

/** Byte fields are hexadecimal. */
export interface Invitation {
	readonly site: string;
	/** Ed25519, 32 bytes. */
	readonly sitePublicKey: string;
	/** The CWT that the site signed. */
	readonly credential: string;
	/** Ed25519, 64 bytes: seed and public key. */
	readonly secretKey: string;
}

/** The invitation of one of the world's people; an app of suite 4. */
export function invitation({ site, people }: World, kind: PhoneKind): Invitation {
	const { cwt, secretKey } = people[kind];
	return {
		site: site.id,
		sitePublicKey: toHex(site.keys.publicKey),
		credential: toHex(cwt),
		secretKey: toHex(secretKey),
	};
}
