// SPDX-License-Identifier: Apache-2.0

/** What the phone looks at of a credential that a site gives it. */
import { PortableCrypto } from "../../../hal/crypto/js/crypto.js";
import { equal, toHex } from "../../../protocol/bytes.js";
import { decodeSign1 } from "../../../protocol/credential/cose.js";
import { ID_LENGTH } from "../../../protocol/credential/credential.js";
import { decodeClaims, untagged } from "../../../protocol/credential/cwt.js";
import { Refused } from "../api.js";

/** For what WebCrypto has not, or not at once: EDHOC, and the signatures of trust lists. */
export const portable = new PortableCrypto();

/** The id of a CWT over this key, in hexadecimal. Whether the site's key signed it is for doors to say. Throws `Refused`. */
export function idOf(cwt: Uint8Array, publicKey: Uint8Array, site: string): string {
	const { id, issuer, key } = claimsOf(cwt);
	if (id?.length !== ID_LENGTH || issuer !== site || key === undefined || !equal(key.publicKey, publicKey))
		throw new Refused(0, "no-site", "the site's credential is not for this phone's key");
	return toHex(id);
}

function claimsOf(cwt: Uint8Array): ReturnType<typeof decodeClaims> {
	try {
		return decodeClaims(decodeSign1(untagged(cwt)).payload);
	} catch (error) {
		throw new Refused(0, "no-site", `the site's credential is malformed: ${(error as Error).message}`);
	}
}
