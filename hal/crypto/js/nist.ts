// SPDX-License-Identifier: Apache-2.0

/** P-256 and AES-CCM by noble: what EDHOC's suite 4 does without. */
import { p256 } from "@noble/curves/nist.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { open, seal } from "./ccm.js";
import { p256Sign } from "./ecdsa.js";
import { checkCcm, need } from "./lengths.js";

export type NistCrypto = Pick<
	Crypto,
	"p256KeyPair" | "p256SharedSecret" | "p256Sign" | "p256Verify" | "aesCcmSeal" | "aesCcmOpen"
>;

/** The point of a public key as noble has it; `undefined` when it is not on the curve. */
function point(publicKey: Uint8Array): InstanceType<typeof p256.Point> | undefined {
	if (publicKey.length !== 65 && publicKey.length !== 33)
		throw new RangeError("P-256 public key: 65 or 33 bytes");
	try {
		const decoded = p256.Point.fromBytes(publicKey);
		decoded.assertValidity();
		return decoded;
	} catch {
		return undefined;
	}
}

export const NIST: NistCrypto = Object.freeze<NistCrypto>({
	p256KeyPair(secretKey) {
		need(secretKey, 32, "P-256 secret key");
		if (!p256.utils.isValidSecretKey(secretKey)) return undefined;
		return { publicKey: p256.getPublicKey(secretKey, false), secretKey: secretKey.slice() };
	},

	p256SharedSecret(secretKey, publicKey) {
		need(secretKey, 32, "P-256 secret key");
		const theirs = point(publicKey);
		if (theirs === undefined || !p256.utils.isValidSecretKey(secretKey)) return undefined;
		return p256.getSharedSecret(secretKey, theirs.toBytes(true)).slice(1, 33);
	},

	p256Sign,

	p256Verify(signature, message, publicKey) {
		const theirs = point(publicKey);
		if (theirs === undefined || signature.length !== 64) return false;
		return p256.verify(signature, message, theirs.toBytes(true), { lowS: false });
	},

	aesCcmSeal(key, nonce, aad, plaintext, tagLength) {
		checkCcm(key, nonce, tagLength);
		return seal(key, nonce, aad, plaintext, tagLength);
	},

	aesCcmOpen(key, nonce, aad, sealed, tagLength) {
		checkCcm(key, nonce, tagLength);
		return open(key, nonce, aad, sealed, tagLength);
	},
});
