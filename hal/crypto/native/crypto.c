// SPDX-License-Identifier: Apache-2.0
/*
 * The Crypto contract's primitives in C: libsodium, and the PSA Crypto API for P-256 and AES-CCM. One source for the
 * ESP32 (the SDK binds the functions by name, see binding.js) and for the host on the desktop (hal/xs).
 *
 * No function allocates or calls JavaScript: the caller makes the result and passes it as first argument, so that no buffer moves
 * during a call. Every argument is an array of bytes, a DataView or an ArrayBuffer, checked for kind (TypeError) and length
 * (RangeError). A result must not overlap another argument (RangeError): a signature that overwrites its own message would use
 * one nonce for two messages. What works in place takes one buffer for both. A call that throws has written nothing.
 */
#include "xsmc.h"
#include "xsHost.h"
#include <sodium.h>
#include <string.h>
#if !LINTEL_NO_PSA
	#include <psa/crypto.h>
#endif

typedef struct {
	uint8_t* data;
	xsUnsignedValue length;
} Bytes;

#define ANY ((xsUnsignedValue)-1)

static Bytes bytes(xsMachine* the, int index, xsUnsignedValue length, int writable)
{
	Bytes result;
	void* data;
	if (xsmcArgc <= index)
		xsTypeError("argument %d is missing", index);
	_xsmcGetBuffer(the, &xsArg(index), &data, &result.length, (xsBooleanValue)writable);
	if (length != ANY && result.length != length)
		xsRangeError("argument %d has %u bytes, not %u", index, (unsigned)result.length, (unsigned)length);
	result.data = data;
	return result;
}

#define IN(index, length) bytes(the, index, length, 0)
#define OUT(index, length) bytes(the, index, length, 1)

static void apart(xsMachine* the, Bytes written, Bytes other)
{
	uintptr_t a = (uintptr_t)written.data, b = (uintptr_t)other.data;
	if (written.length && other.length && a < b + other.length && b < a + written.length)
		xsRangeError("a result overlaps another argument");
}

#define APART(written, other) apart(the, written, other)

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

#if !LINTEL_NO_PSA

#define SCALAR 32
#define POINT 65
#define P256_SIGNATURE 64
#define P256_PAIR PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1)
#define P256_PUBLIC PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1)
/* Deterministic by RFC 6979: a weak generator cannot give a key away by signing. Verification is the same for both forms. */
#define P256_ECDSA PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256)

static void beginPsa(xsMachine* the)
{
	if (psa_crypto_init() != PSA_SUCCESS)
		xsUnknownError("PSA Crypto does not start");
}

static int importKey(psa_key_type_t type, size_t bits, psa_key_usage_t usage, psa_algorithm_t algorithm, Bytes data,
	psa_key_id_t* key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_set_key_type(&attributes, type);
	psa_set_key_bits(&attributes, bits);
	psa_set_key_usage_flags(&attributes, usage);
	psa_set_key_algorithm(&attributes, algorithm);
	return psa_import_key(&attributes, data.data, data.length, key) == PSA_SUCCESS;
}

/* (public 65, secret 32): false when the secret is not in 1..n-1. */
void xs_lintel_p256Public(xsMachine* the)
{
	Bytes public = OUT(0, POINT), secret = IN(1, SCALAR);
	psa_key_id_t key;
	size_t length = 0;
	int ok = 0;
	APART(public, secret);
	beginPsa(the);
	if (importKey(P256_PAIR, 256, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH, secret, &key)) {
		ok = psa_export_public_key(key, public.data, POINT, &length) == PSA_SUCCESS && length == POINT;
		psa_destroy_key(key);
	}
	xsmcSetBoolean(xsResult, ok);
}

/* (shared 32, secret 32, public 65): false when the point is not on the curve or the secret out of range. */
void xs_lintel_p256SharedSecret(xsMachine* the)
{
	Bytes shared = OUT(0, SCALAR), secret = IN(1, SCALAR), public = IN(2, POINT);
	psa_key_id_t key;
	size_t length = 0;
	int ok = 0;
	APART(shared, secret);
	APART(shared, public);
	beginPsa(the);
	if (importKey(P256_PAIR, 256, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH, secret, &key)) {
		ok = psa_raw_key_agreement(PSA_ALG_ECDH, key, public.data, POINT, shared.data, SCALAR, &length) == PSA_SUCCESS
			&& length == SCALAR;
		psa_destroy_key(key);
	}
	xsmcSetBoolean(xsResult, ok);
}

/* (signature 64, message, secret 32): false when the secret is out of range. */
void xs_lintel_p256Sign(xsMachine* the)
{
	Bytes signature = OUT(0, P256_SIGNATURE), message = IN(1, ANY), secret = IN(2, SCALAR);
	psa_key_id_t key;
	size_t length = 0;
	int ok = 0;
	APART(signature, message);
	APART(signature, secret);
	beginPsa(the);
	if (importKey(P256_PAIR, 256, PSA_KEY_USAGE_SIGN_MESSAGE, P256_ECDSA, secret, &key)) {
		ok = psa_sign_message(key, P256_ECDSA, message.data, message.length, signature.data, P256_SIGNATURE, &length)
			== PSA_SUCCESS && length == P256_SIGNATURE;
		psa_destroy_key(key);
	}
	xsmcSetBoolean(xsResult, ok);
}

/* (signature 64, message, public 65) */
void xs_lintel_p256Verify(xsMachine* the)
{
	Bytes signature = IN(0, P256_SIGNATURE), message = IN(1, ANY), public = IN(2, POINT);
	psa_key_id_t key;
	int ok = 0;
	beginPsa(the);
	if (importKey(P256_PUBLIC, 256, PSA_KEY_USAGE_VERIFY_MESSAGE, P256_ECDSA, public, &key)) {
		ok = psa_verify_message(key, P256_ECDSA, message.data, message.length, signature.data, P256_SIGNATURE)
			== PSA_SUCCESS;
		psa_destroy_key(key);
	}
	xsmcSetBoolean(xsResult, ok);
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

#endif
