// SPDX-License-Identifier: Apache-2.0

import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { EDDSA, type PublicKey } from "../../protocol/credential/cose.js";

/**
 * Whether there can be a secret to a public key: it is on its curve and of no small order. A reader need not ask, since such a
 * key verifies nothing there; whoever hands out credentials should.
 */
export function isPublicKey({ algorithm, publicKey }: PublicKey): boolean {
	try {
		return algorithm === EDDSA
			? !ed25519.Point.fromBytes(publicKey).isSmallOrder()
			: !p256.Point.fromBytes(publicKey).is0();
	} catch {
		// noble throws at bytes that are no point.
		return false;
	}
}
