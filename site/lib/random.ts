// SPDX-License-Identifier: Apache-2.0

/** Of the Web Crypto API, which Node and pages have. `length`: up to 65,536. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
	return crypto.getRandomValues(new Uint8Array(length));
}
