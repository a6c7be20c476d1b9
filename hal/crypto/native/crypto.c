// SPDX-License-Identifier: Apache-2.0
/*
 * The Crypto contract's primitives in C: libsodium, and the PSA Crypto API for AES-CCM; P-256 is in p256.c. One source for the
 * ESP32 (the SDK binds the functions by name, see binding.js) and for the host on the desktop (hal/xs).
 *
 * No function allocates or calls JavaScript: the caller makes the result and passes it as first argument, so that no buffer moves
 * during a call. Every argument is an array of bytes, a DataView or an ArrayBuffer, checked for kind (TypeError) and length
 * (RangeError). A result must not overlap another argument (RangeError): a signature that overwrites its own message would use
 * one nonce for two messages. What works in place takes one buffer for both. A call that throws has written nothing.
 */
#include "arguments.h"
#include "psa-key.h"
#include <sodium.h>
#include <string.h>

static void begin(xsMachine* the)
{
	static int ready;
	if (ready)
		return;
	if (sodium_init() < 0)
		xsUnknownError("libsodium does not start");
	ready = 1;
}

/* (data): its true number of bytes, since JavaScript can define `length` as it likes. */
void xs_lintel_byteLength(xsMachine* the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)IN(0, ANY).length);
}

/* (digest 32, data) */
void xs_lintel_sha256(xsMachine* the)
{
	Bytes digest = OUT(0, crypto_hash_sha256_BYTES), data = IN(1, ANY);
	APART(digest, data);
	crypto_hash_sha256(digest.data, data.data, data.length);
}

/* The state of an incremental hash lives in a buffer of this many bytes. */
#define STATE sizeof(crypto_hash_sha256_state)

/* () */
void xs_lintel_hashSize(xsMachine* the)
{
	xsmcSetInteger(xsResult, STATE);
}

/* (state) */
void xs_lintel_hashBegin(xsMachine* the)
{
	crypto_hash_sha256_state state;
	Bytes kept = OUT(0, STATE);
	crypto_hash_sha256_init(&state);
	memcpy(kept.data, &state, STATE);
}

/* (state, data). A forged state cannot reach outside: libsodium takes only the low bits of its count as an index. */
void xs_lintel_hashUpdate(xsMachine* the)
{
	crypto_hash_sha256_state state;
	Bytes kept = OUT(0, STATE), data = IN(1, ANY);
	APART(kept, data);
	memcpy(&state, kept.data, STATE);
	crypto_hash_sha256_update(&state, data.data, data.length);
	memcpy(kept.data, &state, STATE);
	sodium_memzero(&state, STATE);
}

/* (digest 32, state) */
void xs_lintel_hashEnd(xsMachine* the)
{
	crypto_hash_sha256_state state;
	Bytes digest = OUT(0, crypto_hash_sha256_BYTES), kept = OUT(1, STATE);
	APART(digest, kept);
	memcpy(&state, kept.data, STATE);
	crypto_hash_sha256_final(&state, digest.data);
	sodium_memzero(kept.data, STATE);
}

/* (mac 32, key, data) */
void xs_lintel_hmacSha256(xsMachine* the)
{
	crypto_auth_hmacsha256_state state;
	Bytes mac = OUT(0, crypto_auth_hmacsha256_BYTES), key = IN(1, ANY), data = IN(2, ANY);
	APART(mac, key);
	APART(mac, data);
	crypto_auth_hmacsha256_init(&state, key.data, key.length);
	crypto_auth_hmacsha256_update(&state, data.data, data.length);
	crypto_auth_hmacsha256_final(&state, mac.data);
	sodium_memzero(&state, sizeof(state));
}

#define BLOCK crypto_auth_hmacsha256_BYTES
#define HKDF_MOST (255 * BLOCK)

/* (output up to 8160, prk, info). The key's two blocks are hashed once, whatever the length. */
void xs_lintel_hkdfExpand(xsMachine* the)
{
	crypto_auth_hmacsha256_state keyed, state;
	uint8_t block[BLOCK], counter = 0;
	Bytes output = OUT(0, ANY), prk = IN(1, ANY), info = IN(2, ANY);
	xsUnsignedValue at, size;
	APART(output, prk);
	APART(output, info);
	if (output.length > HKDF_MOST)
		xsRangeError("HKDF-Expand gives up to %u bytes", (unsigned)HKDF_MOST);
	crypto_auth_hmacsha256_init(&keyed, prk.data, prk.length);
	for (at = 0; at < output.length; at += size) {
		size = output.length - at < BLOCK ? output.length - at : BLOCK;
		state = keyed;
		if (counter++)
			crypto_auth_hmacsha256_update(&state, block, BLOCK);
		crypto_auth_hmacsha256_update(&state, info.data, info.length);
		crypto_auth_hmacsha256_update(&state, &counter, 1);
		crypto_auth_hmacsha256_final(&state, block);
		memcpy(output.data + at, block, size);
	}
	sodium_memzero(&keyed, sizeof(keyed));
	sodium_memzero(&state, sizeof(state));
	sodium_memzero(block, sizeof(block));
}

/* (public 32, secret 64, seed 32) */
void xs_lintel_ed25519KeyPair(xsMachine* the)
{
	Bytes public = OUT(0, crypto_sign_PUBLICKEYBYTES), secret = OUT(1, crypto_sign_SECRETKEYBYTES);
	Bytes seed = IN(2, crypto_sign_SEEDBYTES);
	APART(public, secret);
	APART(public, seed);
	APART(secret, seed);
	begin(the);
	crypto_sign_seed_keypair(public.data, secret.data, seed.data);
}

/* (signature 64, message, secret 64) */
void xs_lintel_ed25519Sign(xsMachine* the)
{
	Bytes signature = OUT(0, crypto_sign_BYTES), message = IN(1, ANY), secret = IN(2, crypto_sign_SECRETKEYBYTES);
	APART(signature, message);
	APART(signature, secret);
	begin(the);
	crypto_sign_detached(signature.data, NULL, message.data, message.length, secret.data);
}

/*
 * (signature 64, message, public 32). Strict and without the cofactor (RFC 8032 8.4), as the other providers: releases of
 * libsodium up to 1.0.22 are; its sources since then multiply by the cofactor, so manifest.json takes none of these.
 */
void xs_lintel_ed25519Verify(xsMachine* the)
{
	Bytes signature = IN(0, crypto_sign_BYTES), message = IN(1, ANY), public = IN(2, crypto_sign_PUBLICKEYBYTES);
	begin(the);
	xsmcSetBoolean(xsResult,
		crypto_sign_verify_detached(signature.data, message.data, message.length, public.data) == 0);
}

/* (public 32, secret 32) */
void xs_lintel_x25519Public(xsMachine* the)
{
	Bytes public = OUT(0, crypto_scalarmult_BYTES), secret = IN(1, crypto_scalarmult_SCALARBYTES);
	APART(public, secret);
	begin(the);
	crypto_scalarmult_base(public.data, secret.data);
}

/* (shared 32, secret 32, public 32): false when the result is all zero. */
void xs_lintel_x25519(xsMachine* the)
{
	Bytes shared = OUT(0, crypto_scalarmult_BYTES), secret = IN(1, crypto_scalarmult_SCALARBYTES);
	Bytes public = IN(2, crypto_scalarmult_BYTES);
	APART(shared, secret);
	APART(shared, public);
	begin(the);
	xsmcSetBoolean(xsResult, crypto_scalarmult(shared.data, secret.data, public.data) == 0);
}

#define TAG crypto_aead_chacha20poly1305_ietf_ABYTES

#define APART_OF_AEAD(written, read) \
	(APART(written, read), APART(written, key), APART(written, nonce), APART(written, aad))

/* (sealed, key 32, nonce 12, aad, plaintext) */
void xs_lintel_chacha20Poly1305Seal(xsMachine* the)
{
	Bytes key = IN(1, crypto_aead_chacha20poly1305_ietf_KEYBYTES);
	Bytes nonce = IN(2, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
	Bytes aad = IN(3, ANY), plaintext = IN(4, ANY);
	Bytes sealed = OUT(0, plaintext.length + TAG);
	APART_OF_AEAD(sealed, plaintext);
	begin(the);
	crypto_aead_chacha20poly1305_ietf_encrypt(sealed.data, NULL, plaintext.data, plaintext.length, aad.data,
		aad.length, NULL, nonce.data, key.data);
}

/* (plaintext, key 32, nonce 12, aad, sealed): false when the tag is wrong. */
void xs_lintel_chacha20Poly1305Open(xsMachine* the)
{
	Bytes key = IN(1, crypto_aead_chacha20poly1305_ietf_KEYBYTES);
	Bytes nonce = IN(2, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
	Bytes aad = IN(3, ANY), sealed = IN(4, ANY), plaintext;
	if (sealed.length < TAG)
		xsRangeError("shorter than its tag");
	plaintext = OUT(0, sealed.length - TAG);
	APART_OF_AEAD(plaintext, sealed);
	begin(the);
	xsmcSetBoolean(xsResult,
		crypto_aead_chacha20poly1305_ietf_decrypt(plaintext.data, NULL, NULL, sealed.data, sealed.length, aad.data,
			aad.length, nonce.data, key.data) == 0);
}

/* A number that is no more than `most`. */
static xsUnsignedValue number(xsMachine* the, int index, xsUnsignedValue most)
{
	xsNumberValue value;
	if (xsmcArgc <= index || (xsmcTypeOf(xsArg(index)) != xsIntegerType && xsmcTypeOf(xsArg(index)) != xsNumberType))
		xsTypeError("argument %d is no number", index);
	value = xsmcToNumber(xsArg(index));
	if (!(value >= 0 && value <= most) || value != (xsUnsignedValue)value)
		xsRangeError("argument %d is no place in the buffer", index);
	return (xsUnsignedValue)value;
}

/* What lies in argument 0 from argument 4 on, argument 5 bytes long: text and tag. */
static Bytes part(xsMachine* the)
{
	Bytes all = OUT(0, ANY);
	xsUnsignedValue at = number(the, 4, all.length);
	all.length = number(the, 5, all.length - at);
	all.data += at;
	if (all.length < TAG)
		xsRangeError("shorter than its tag");
	return all;
}

/* (bytes, key 32, nonce 12, aad, at, length): the plaintext there becomes ciphertext, and the last 16 bytes its tag. */
void xs_lintel_chacha20Poly1305SealIn(xsMachine* the)
{
	Bytes all = OUT(0, ANY), key = IN(1, crypto_aead_chacha20poly1305_ietf_KEYBYTES);
	Bytes nonce = IN(2, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
	Bytes aad = IN(3, ANY), sealed = part(the);
	APART(all, key), APART(all, nonce), APART(all, aad);
	begin(the);
	crypto_aead_chacha20poly1305_ietf_encrypt(sealed.data, NULL, sealed.data, sealed.length - TAG, aad.data, aad.length,
		NULL, nonce.data, key.data);
}

/* (bytes, key 32, nonce 12, aad, at, length): the reverse; false when the tag is wrong. */
void xs_lintel_chacha20Poly1305OpenIn(xsMachine* the)
{
	Bytes all = OUT(0, ANY), key = IN(1, crypto_aead_chacha20poly1305_ietf_KEYBYTES);
	Bytes nonce = IN(2, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
	Bytes aad = IN(3, ANY), sealed = part(the);
	APART(all, key), APART(all, nonce), APART(all, aad);
	begin(the);
	xsmcSetBoolean(xsResult,
		crypto_aead_chacha20poly1305_ietf_decrypt(sealed.data, NULL, NULL, sealed.data, sealed.length, aad.data,
			aad.length, nonce.data, key.data) == 0);
}

/* (into) */
void xs_lintel_random(xsMachine* the)
{
	Bytes into = OUT(0, ANY);
	begin(the);
	randombytes_buf(into.data, into.length);
}

/* (into, stream) */
void xs_lintel_xor(xsMachine* the)
{
	Bytes into = OUT(0, ANY), stream = IN(1, into.length);
	xsUnsignedValue i;
	APART(into, stream);
	for (i = 0; i < into.length; i++)
		into.data[i] ^= stream.data[i];
}

/* (a, b) */
void xs_lintel_equal(xsMachine* the)
{
	Bytes a = IN(0, ANY), b = IN(1, ANY);
	xsmcSetBoolean(xsResult, a.length == b.length && sodium_memcmp(a.data, b.data, a.length) == 0);
}

/* (secret) */
void xs_lintel_wipe(xsMachine* the)
{
	Bytes secret = OUT(0, ANY);
	sodium_memzero(secret.data, secret.length);
}

#define AES 16
#define CCM_NONCE 13

static xsUnsignedValue tagLength(xsMachine* the, int index)
{
	xsNumberValue length;
	/* An integer that is the result of a division has the engine's number type. */
	if (xsmcArgc <= index || (xsmcTypeOf(xsArg(index)) != xsIntegerType && xsmcTypeOf(xsArg(index)) != xsNumberType))
		xsTypeError("argument %d is not a number", index);
	length = xsmcToNumber(xsArg(index));
	if (length != 8 && length != 16)
		xsRangeError("a tag has 8 or 16 bytes");
	return (xsUnsignedValue)length;
}

/* (sealed, key 16, nonce 13, aad, plaintext, tagLength) */
void xs_lintel_aesCcmSeal(xsMachine* the)
{
	xsUnsignedValue tag = tagLength(the, 5);
	Bytes key = IN(1, AES), nonce = IN(2, CCM_NONCE), aad = IN(3, ANY), plaintext = IN(4, ANY);
	Bytes sealed = OUT(0, plaintext.length + tag);
	psa_algorithm_t algorithm = PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, tag);
	psa_key_id_t id;
	psa_status_t status;
	size_t length = 0;
	APART_OF_AEAD(sealed, plaintext);
	beginPsa(the);
	if (!importKey(PSA_KEY_TYPE_AES, 128, PSA_KEY_USAGE_ENCRYPT, algorithm, key, &id))
		xsUnknownError("AES-CCM is not there");
	status = psa_aead_encrypt(id, algorithm, nonce.data, CCM_NONCE, aad.data, aad.length, plaintext.data,
		plaintext.length, sealed.data, sealed.length, &length);
	psa_destroy_key(id);
	if (status != PSA_SUCCESS || length != sealed.length)
		xsUnknownError("AES-CCM failed: %d", (int)status);
}

/* (plaintext, key 16, nonce 13, aad, sealed, tagLength): false when the tag is wrong. */
void xs_lintel_aesCcmOpen(xsMachine* the)
{
	xsUnsignedValue tag = tagLength(the, 5);
	Bytes key = IN(1, AES), nonce = IN(2, CCM_NONCE), aad = IN(3, ANY), sealed = IN(4, ANY), plaintext;
	psa_algorithm_t algorithm = PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, tag);
	psa_key_id_t id;
	psa_status_t status;
	size_t length = 0;
	uint8_t nothing;
	if (sealed.length < tag)
		xsRangeError("shorter than its tag");
	plaintext = OUT(0, sealed.length - tag);
	APART_OF_AEAD(plaintext, sealed);
	beginPsa(the);
	if (!importKey(PSA_KEY_TYPE_AES, 128, PSA_KEY_USAGE_DECRYPT, algorithm, key, &id))
		xsUnknownError("AES-CCM is not there");
	status = psa_aead_decrypt(id, algorithm, nonce.data, CCM_NONCE, aad.data, aad.length, sealed.data, sealed.length,
		plaintext.length ? plaintext.data : &nothing, plaintext.length, &length);
	psa_destroy_key(id);
	xsmcSetBoolean(xsResult, status == PSA_SUCCESS && length == plaintext.length);
}
