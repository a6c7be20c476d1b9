// SPDX-License-Identifier: Apache-2.0

import { toHex, utf8Encode } from "../../protocol/bytes.js";

/**
 * What a phone signs with the key of its credential when it speaks with the site's server. Lines of text, so that any language writes
 * them; the first says what is signed, so that nothing else that the key signs passes for it. `docs/formats/phone-api.md` has examples.
 */
const ACCEPT = "lintel accept 1";
const REQUEST = "lintel phone 1";
export const PHONE_CONTEXTS: readonly string[] = Object.freeze([ACCEPT, REQUEST]);

/** How far a phone's clock may be from the server's, s. */
export const MAX_OFF_S = 120;

/** Headers of a signed request. */
export const PHONE_HEADERS = Object.freeze({
	credential: "lintel-credential",
	time: "lintel-time",
	signature: "lintel-signature",
} as const);

/** A request that the phone signs; what it signs besides is the SHA-256 of the body's bytes as they are sent. */
export interface PhoneRequest {
	readonly site: string;
	/** 16 hexadecimal digits in lower case: its `cti`. */
	readonly credential: string;
	/** As `/api/phone/state`. */
	readonly path: string;
	/** Seconds since 1970. */
	readonly time: number;
}

/** That the phone which accepts an invitation has the key: signed by it over the link's token. */
export function acceptMessage(token: string): Uint8Array {
	return utf8Encode(`${ACCEPT}\n${token}`);
}

/** `bodyHash`: 32 bytes. */
export function requestMessage(
	{ credential, path, site, time }: PhoneRequest,
	bodyHash: Uint8Array,
): Uint8Array {
	return utf8Encode([REQUEST, site, credential, path, String(time), toHex(bodyHash)].join("\n"));
}
