// SPDX-License-Identifier: Apache-2.0

import * as openssl from "node:crypto";
import type { Crypto, Hash, KeyPair } from "../../protocol/crypto.js";
import { p256Sign } from "../crypto/js/ecdsa.js";
import { isStrict } from "../crypto/js/ed25519.js";
import { hkdfExpand } from "../crypto/js/hkdf.js";
import { openIn, sealIn, xor } from "../crypto/js/in-place.js";
import { checkCcm, checkChaCha, need } from "../crypto/js/lengths.js";

type Curve = "Ed25519" | "X25519";

/** PKCS #8 (RFC 8410, 7) before the 32 bytes of a private key: without its public half, which a JWK must name and Node 24 checks. */
const pkcs8 = {
	Ed25519: Buffer.from("302e020100300506032b657004220420", "hex"),
	X25519: Buffer.from("302e020100300506032b656e04220420", "hex"),
};
/** Node 20 reads PKCS #8 ten times as slowly as a JWK, and longer than it takes to use the key; of the JWK it passes over the public half. */
const takesJwk = process.versions.node.startsWith("20.");
const NO_PUBLIC = base64url(new Uint8Array(32));

function privateKey(crv: Curve, raw: Uint8Array): openssl.KeyObject {
	if (takesJwk)
		return openssl.createPrivateKey({
			key: { kty: "OKP", crv, d: base64url(raw), x: NO_PUBLIC },
			format: "jwk",
		});
	return openssl.createPrivateKey({ key: Buffer.concat([pkcs8[crv], raw]), format: "der", type: "pkcs8" });
}

function publicKey(crv: Curve, raw: Uint8Array): openssl.KeyObject {
	return openssl.createPublicKey({ key: { kty: "OKP", crv, x: base64url(raw) }, format: "jwk" });
}

/** The public half of a private key. */
function rawPublic(key: openssl.KeyObject): Uint8Array {
	return fresh(Buffer.from(key.export({ format: "jwk" }).x!, "base64url"));
}

function base64url(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

function fresh(bytes: Uint8Array): Uint8Array {
	return new Uint8Array(bytes);
}

class NodeHash implements Hash {
	readonly #hash = openssl.createHash("sha256");

	update(data: Uint8Array): this {
		this.#hash.update(data);
		return this;
	}

	digest(): Uint8Array {
		return fresh(this.#hash.digest());
	}
}

/** A P-256 key for `verify`, made from JWK, the only form that takes bare coordinates. */
function p256Key(point: Uint8Array): openssl.KeyObject {
	const jwk = {
		kty: "EC",
		crv: "P-256",
		x: base64url(point.subarray(1, 33)),
		y: base64url(point.subarray(33, 65)),
	};
	return openssl.createPublicKey({ key: jwk, format: "jwk" });
}

/** The uncompressed point, or undefined when it is not on the curve. */
function uncompressed(point: Uint8Array): Uint8Array | undefined {
	const form = point[0];
	const fits = (point.length === 65 && form === 4) || (point.length === 33 && (form === 2 || form === 3));
	if (point.length !== 65 && point.length !== 33) throw new RangeError("P-256 public key: 65 or 33 bytes");
	if (!fits) return undefined;
	try {
		return fresh(
			openssl.ECDH.convertKey(point, "prime256v1", undefined, undefined, "uncompressed") as Buffer,
		);
	} catch {
		return undefined;
	}
}

/** The Crypto contract by Node's OpenSSL; but not P-256 signatures, whose nonce OpenSSL draws at random. */
export class NodeCrypto implements Crypto {
	readonly name = "node";
	readonly chacha20Poly1305SealIn = sealIn;
	readonly chacha20Poly1305OpenIn = openIn;
	readonly xor = xor;
	/** The key that signed last: a site signs many plans with one. */
	#signer: { readonly seed: Uint8Array; readonly key: openssl.KeyObject } | undefined;

	sha256(data: Uint8Array): Uint8Array {
		return fresh(openssl.hash("sha256", data, "buffer"));
	}

	hash(): Hash {
		return new NodeHash();
	}

	hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
		return fresh(openssl.createHmac("sha256", key).update(data).digest());
	}

	hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
		return hkdfExpand((data) => this.hmacSha256(prk, data), info, length);
	}

	ed25519KeyPair(seed: Uint8Array): KeyPair {
		need(seed, 32, "Ed25519 seed");
		const raw = rawPublic(privateKey("Ed25519", seed));
		const secretKey = new Uint8Array(64);
		secretKey.set(seed);
		secretKey.set(raw, 32);
		return { publicKey: raw, secretKey };
	}

	ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		need(secretKey, 64, "Ed25519 secret key");
		return fresh(openssl.sign(null, message, this.#signingKey(secretKey.subarray(0, 32))));
	}

	/** OpenSSL's form of a seed takes as long to make as to sign with. */
	#signingKey(seed: Uint8Array): openssl.KeyObject {
		if (this.#signer === undefined || !openssl.timingSafeEqual(this.#signer.seed, seed))
			this.#signer = { seed: seed.slice(), key: privateKey("Ed25519", seed) };
		return this.#signer.key;
	}

	ed25519Verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
		need(key, 32, "Ed25519 public key");
		if (!isStrict(signature, key)) return false;
		return openssl.verify(null, message, publicKey("Ed25519", key), signature);
	}

	x25519KeyPair(secretKey: Uint8Array): KeyPair {
		need(secretKey, 32, "X25519 secret key");
		return { publicKey: rawPublic(privateKey("X25519", secretKey)), secretKey: fresh(secretKey) };
	}

	x25519(secretKey: Uint8Array, key: Uint8Array): Uint8Array | undefined {
		need(secretKey, 32, "X25519 secret key");
		need(key, 32, "X25519 public key");
		try {
			return fresh(
				openssl.diffieHellman({
					privateKey: privateKey("X25519", secretKey),
					publicKey: publicKey("X25519", key),
				}),
			);
		} catch {
			// OpenSSL refuses an all-zero result (RFC 7748 6.1).
			return undefined;
		}
	}

	p256KeyPair(secretKey: Uint8Array): KeyPair | undefined {
		need(secretKey, 32, "P-256 secret key");
		const ecdh = openssl.createECDH("prime256v1");
		try {
			ecdh.setPrivateKey(secretKey);
		} catch {
			return undefined;
		}
		return { publicKey: fresh(ecdh.getPublicKey()), secretKey: fresh(secretKey) };
	}

	p256SharedSecret(secretKey: Uint8Array, key: Uint8Array): Uint8Array | undefined {
		need(secretKey, 32, "P-256 secret key");
		const point = uncompressed(key);
		if (point === undefined) return undefined;
		const ecdh = openssl.createECDH("prime256v1");
		try {
			ecdh.setPrivateKey(secretKey);
			return fresh(ecdh.computeSecret(point));
		} catch {
			return undefined;
		}
	}

	p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		return p256Sign(message, secretKey);
	}

	p256Verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
		const point = uncompressed(key);
		if (point === undefined || signature.length !== 64) return false;
		return openssl.verify("sha256", message, { key: p256Key(point), dsaEncoding: "ieee-p1363" }, signature);
	}

	aesCcmSeal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
		tagLength: number,
	): Uint8Array {
		checkCcm(key, nonce, tagLength);
		const cipher = openssl.createCipheriv("aes-128-ccm", key, nonce, { authTagLength: tagLength });
		cipher.setAAD(aad, { plaintextLength: plaintext.length });
		return fresh(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
	}

	aesCcmOpen(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
		tagLength: number,
	): Uint8Array | undefined {
		checkCcm(key, nonce, tagLength);
		const length = sealed.length - tagLength;
		if (length < 0) return undefined;
		const decipher = openssl.createDecipheriv("aes-128-ccm", key, nonce, { authTagLength: tagLength });
		decipher.setAuthTag(sealed.subarray(length));
		decipher.setAAD(aad, { plaintextLength: length });
		try {
			const plaintext = decipher.update(sealed.subarray(0, length));
			decipher.final();
			return fresh(plaintext);
		} catch {
			return undefined;
		}
	}

	chacha20Poly1305Seal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
	): Uint8Array {
		checkChaCha(key, nonce);
		const cipher = openssl.createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
		cipher.setAAD(aad, { plaintextLength: plaintext.length });
		return fresh(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
	}

	chacha20Poly1305Open(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
	): Uint8Array | undefined {
		checkChaCha(key, nonce);
		const length = sealed.length - 16;
		if (length < 0) return undefined;
		const decipher = openssl.createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
		decipher.setAAD(aad, { plaintextLength: length });
		decipher.setAuthTag(sealed.subarray(length));
		try {
			return fresh(Buffer.concat([decipher.update(sealed.subarray(0, length)), decipher.final()]));
		} catch {
			return undefined;
		}
	}

	equal(a: Uint8Array, b: Uint8Array): boolean {
		return a.length === b.length && openssl.timingSafeEqual(a, b);
	}

	wipe(secret: Uint8Array): void {
		secret.fill(0);
	}
}
