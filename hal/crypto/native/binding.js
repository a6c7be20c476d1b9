// SPDX-License-Identifier: Apache-2.0

// The SDK binds crypto.c by this syntax of its own (`@ "name"`), which no other tool parses: keep formatters and linters off.
function byteLength(data) @ "xs_lintel_byteLength";
function sha256(digest, data) @ "xs_lintel_sha256";
function hashSize() @ "xs_lintel_hashSize";
function hashBegin(state) @ "xs_lintel_hashBegin";
function hashUpdate(state, data) @ "xs_lintel_hashUpdate";
function hashEnd(digest, state) @ "xs_lintel_hashEnd";
function hmacSha256(mac, key, data) @ "xs_lintel_hmacSha256";
function hkdfExpand(output, prk, info) @ "xs_lintel_hkdfExpand";
function ed25519KeyPair(publicKey, secretKey, seed) @ "xs_lintel_ed25519KeyPair";
function ed25519Sign(signature, message, secretKey) @ "xs_lintel_ed25519Sign";
function ed25519Verify(signature, message, publicKey) @ "xs_lintel_ed25519Verify";
function x25519Public(publicKey, secretKey) @ "xs_lintel_x25519Public";
function x25519(shared, secretKey, publicKey) @ "xs_lintel_x25519";
function p256Public(publicKey, secretKey) @ "xs_lintel_p256Public";
function p256SharedSecret(shared, secretKey, publicKey) @ "xs_lintel_p256SharedSecret";
function p256Sign(signature, message, secretKey) @ "xs_lintel_p256Sign";
function p256Verify(signature, message, publicKey) @ "xs_lintel_p256Verify";
function aesCcmSeal(sealed, key, nonce, aad, plaintext, tagLength) @ "xs_lintel_aesCcmSeal";
function aesCcmOpen(plaintext, key, nonce, aad, sealed, tagLength) @ "xs_lintel_aesCcmOpen";
function chacha20Poly1305Seal(sealed, key, nonce, aad, plaintext) @ "xs_lintel_chacha20Poly1305Seal";
function chacha20Poly1305Open(plaintext, key, nonce, aad, sealed) @ "xs_lintel_chacha20Poly1305Open";
function chacha20Poly1305SealIn(bytes, key, nonce, aad, at, length) @ "xs_lintel_chacha20Poly1305SealIn";
function chacha20Poly1305OpenIn(bytes, key, nonce, aad, at, length) @ "xs_lintel_chacha20Poly1305OpenIn";
function random(into) @ "xs_lintel_random";
function xor(into, stream) @ "xs_lintel_xor";
function equal(a, b) @ "xs_lintel_equal";
function wipe(secret) @ "xs_lintel_wipe";

export const native = Object.freeze({
	byteLength,
	sha256,
	hashSize,
	hashBegin,
	hashUpdate,
	hashEnd,
	hmacSha256,
	hkdfExpand,
	ed25519KeyPair,
	ed25519Sign,
	ed25519Verify,
	x25519Public,
	x25519,
	p256Public,
	p256SharedSecret,
	p256Sign,
	p256Verify,
	aesCcmSeal,
	aesCcmOpen,
	chacha20Poly1305Seal,
	chacha20Poly1305Open,
	chacha20Poly1305SealIn,
	chacha20Poly1305OpenIn,
	random,
	xor,
	equal,
	wipe,
});
